"""Many strings as one array: no object each, so that a million of them take little memory."""

from array import array
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from charrnn.text.spool import Spool

Integers = npt.NDArray[np.int64]


class Strings(Sequence[str]):
    """Strings in UTF-8, in one buffer (B,), each from its start to its stop (R,)."""

    def __init__(self, data: npt.NDArray[np.uint8], starts: Integers, stops: Integers) -> None:
        self.data, self.starts, self.stops = data, starts, stops
        self._view = data.data

    def __len__(self) -> int:
        return len(self.starts)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> "Strings": ...
    def __getitem__(self, place: int | slice) -> "str | Strings":
        if isinstance(place, slice):
            return Strings(self.data, self.starts[place], self.stops[place])
        return self._text(self.starts[place], self.stops[place])

    def __iter__(self) -> Iterator[str]:
        for first in range(0, len(self), 4096):  # numbers of Python's are fast, but not all at once
            part = slice(first, first + 4096)
            yield from map(self._text, self.starts[part].tolist(), self.stops[part].tolist())

    def taken(self, places: npt.NDArray[np.integer[Any]]) -> "Strings":
        """Return those at some places, in that order; the buffer is the same."""
        return Strings(self.data, self.starts[places], self.stops[places])

    def groups(self) -> Integers:
        """Return of each (R,) the place of the first that equals it.

        They are compared by a hash of 64 bits: among a million, two that differ are taken for one
        with a probability of 3e-8.
        """
        hashes = bytearray()
        for start, stop in zip(self.starts.tolist(), self.stops.tolist(), strict=True):
            hashes += blake2b(self._view[start:stop], digest_size=8).digest()
        _, first, of = np.unique(
            np.frombuffer(hashes, np.uint64), return_index=True, return_inverse=True
        )
        return first[of].astype(np.int64)

    def _text(self, start: int, stop: int) -> str:
        return str(self._view[start:stop], "utf-8", "surrogatepass")


class Written:
    """Strings that are being written."""

    def __init__(self) -> None:
        self._spool, self._stops, self._length = Spool(), array("q"), 0

    def append(self, text: str) -> None:
        """Add one."""
        data = text.encode("utf-8", "surrogatepass")
        self._length += len(data)
        self._stops.append(self._length)
        self._spool.write(data)

    def strings(self) -> Strings:
        """Return all that were written. Nothing can be written after it."""
        stops = np.frombuffer(self._stops, np.int64)
        starts = np.append(0, stops)[:-1].astype(np.int64)
        return Strings(self._spool.array(np.uint8), starts, stops)
