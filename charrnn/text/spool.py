"""Numbers that are written one after another: in memory, or in a file where they are many."""

import tempfile
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from charrnn.errors import CorpusError
from charrnn.text.recipes import cache_folder

IN_MEMORY = 50_000_000  # bytes


class Spool:
    """Bytes that are written, and then read as an array.

    Where they are many they are in a file of the user's cache folder that has no name, which the
    system removes with the last array.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self._file: IO[bytes] | None = None

    def write(self, data: bytes) -> None:
        """Add bytes. Raises CorpusError where the disk does not take them."""
        self._held += data
        if len(self._held) > IN_MEMORY:
            self._move()

    def array(self, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """Return all that was written, as an array to read. Nothing can be written after it."""
        if self._file is None:
            return np.frombuffer(self._held, dtype)
        self._move()
        with self._file:
            return np.memmap(self._file, dtype, mode="r")  # which keeps it

    def _move(self) -> None:
        """Move what is in memory to the file."""
        try:
            if self._file is None:
                cache_folder().mkdir(parents=True, exist_ok=True)
                self._file = tempfile.TemporaryFile(dir=cache_folder())  # noqa: SIM115
            self._file.write(self._held)
            self._file.flush()
        except OSError as error:
            raise CorpusError(
                f"the texts cannot be stored: {cache_folder()}: {error.strerror or error}",
                "they need a few bytes per character there; XDG_CACHE_HOME names another folder",
            ) from error
        self._held.clear()
