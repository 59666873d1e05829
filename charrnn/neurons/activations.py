"""Every signal of every neuron over a long text, in pieces: a stream, not a dump."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from charrnn.arrays import Array
from charrnn.errors import UsageError
from charrnn.network import AHEAD, Network
from charrnn.neurons.address import Neuron, numbered
from charrnn.prepared import State
from charrnn.text.vocabulary import Ids

COLD = 200  # characters after a cold start that are not counted
FEWEST = 200  # characters that are counted, or a text is too short
LONG = 200_000  # characters; a longer text is read as many streams at once
STREAMS = 64
PIECE = 4096  # characters of all streams together that are read at once
KEPT_BYTES = 192 << 20  # of values that are kept rather than worked out again


def cold(network: Network) -> int:
    """Return how many characters at the start of a text are not counted.

    In a model of records it is the mark alone with which a text begins, if any is there.
    """
    return COLD if network.end is None else 1


@dataclass(frozen=True)
class Signal:
    """One signal of one neuron, such as the cell state of 1:42.

    low, high: the range of its values; the cell state of an LSTM, which has none, is unbounded.
    """

    neuron: Neuron
    name: str
    low: float
    high: float
    unbounded: bool


class Moments(NamedTuple):
    """Of one signal of every unit (units,): mean and standard deviation over a text.

    shown: the standard deviation of what a picture shows, tanh(c) for c, else the signal itself.
    """

    mean: npt.NDArray[np.float64]
    deviation: npt.NDArray[np.float64]
    shown: npt.NDArray[np.float64]


class Piece:
    """Some characters of the text, in any order: places (n,) and values (n, S)."""

    def __init__(self, places: npt.NDArray[np.intp], values: Array) -> None:
        self.places = places
        self.values = values


class Activations:
    """The signals of a network over a text, read again each time they are asked for.

    names: the signals, such as h and c, which is not squashed. A text up to LONG characters is one
    stream whose state is carried; a longer one is cut into STREAMS, each of which reads COLD
    characters before its own. streams: so many in any case, if not 0. counted: the places that are
    given, all but the first COLD; in records, each of which begins anew, all but the mark before
    the first. A network whose layers read both ways, or a decoder, reads each text as a whole,
    whatever the streams; one whose directions are apart reads each piece backwards from AHEAD
    behind its end. targets: the labels of the texts, where a model labels texts and they are
    known.
    """

    def __init__(
        self,
        network: Network,
        ids: Ids,
        names: Sequence[str],
        streams: int = 0,
        targets: Ids | None = None,
    ) -> None:
        first = cold(network)
        if len(ids) - first <= FEWEST:
            least = f"the first {COLD} after a cold start are not counted"
            least = least if first == COLD else f"some more than {FEWEST} are needed"
            raise UsageError(
                f"the text has {len(ids):,} characters, but {least}",
                "a text of some thousand characters is needed; --text FILE gives one",
            )
        self.network = network
        self.ids = ids
        self.targets = ids[:0] if targets is None else targets
        self.names = tuple(names)
        self.streams = streams or (STREAMS if len(ids) > LONG else 1)
        cell = network.architecture.cell
        self.signals = [
            Signal(
                numbered(number, network.architecture),
                name,
                cell.SIGNALS[name].low,
                cell.SIGNALS[name].high,
                unbounded=cell.SIGNALS[name].squashed,
            )
            for name in self.names
            for number in range(network.architecture.neurons)
        ]
        self._kept: list[Piece] | None = None

    @cached_property
    def counted(self) -> npt.NDArray[np.intp]:
        """The places in the text that the pieces give, in order."""
        return np.arange(cold(self.network), len(self.ids))

    @cached_property
    def record_begins(self) -> npt.NDArray[np.intp]:
        """The places of the first characters of records; none in running text."""
        end = self.network.end
        if end is None:
            return np.zeros(0, np.intp)
        characters = self.network.predicted_ids(self.ids[:-1])
        begins: npt.NDArray[np.intp] = np.flatnonzero(characters == end) + 1
        return begins

    def pieces(self) -> Iterator[Piece]:
        """Yield all counted places, each once."""
        if self._kept is not None:
            yield from self._kept
            return
        keep = len(self.ids) * len(self.signals) * self.network.dtype.itemsize <= KEPT_BYTES
        kept = []
        for piece in self._read():
            if keep:
                kept.append(piece)
            yield piece
        self._kept = kept if keep else None

    @cached_property
    def moments(self) -> dict[str, Moments]:
        """The moments of each signal, by its name."""
        sums = np.zeros((4, len(self.signals)))
        unbounded = np.array([signal.unbounded for signal in self.signals])
        for piece in self.pieces():
            values = piece.values.astype(np.float64)
            shown = values.copy()
            shown[:, unbounded] = np.tanh(shown[:, unbounded])
            sums += [part.sum(axis=0) for part in (values, values**2, shown, shown**2)]
        mean, square, shown_mean, shown_square = sums / len(self.counted)
        deviation = np.sqrt(np.maximum(square - mean**2, 0))
        shown = np.sqrt(np.maximum(shown_square - shown_mean**2, 0))
        whole = zip(
            *(np.split(part, len(self.names)) for part in (mean, deviation, shown)), strict=True
        )
        return {name: Moments(*parts) for name, parts in zip(self.names, whole, strict=True)}

    def forget(self) -> None:
        """Let go of the values that are kept; they can be worked out again."""
        self._kept = None

    def _read(self) -> Iterator[Piece]:
        """Run the network over all of the text."""
        yield from self._read_texts() if self.network.by_texts else self._read_streams()

    def _read_texts(self) -> Iterator[Piece]:
        """Run the network over whole texts, side by side those of about one length."""
        begins = self.network.text_begins(self.ids)
        lengths = np.diff(np.append(begins, len(self.ids)))
        waiting = np.argsort(-lengths, kind="stable")  # the longest first
        while len(waiting):
            longest = int(lengths[waiting[0]])
            together, waiting = np.split(waiting, [max(1, PIECE // longest)])
            times = np.arange(longest)[:, None]
            places, inside = begins[together] + times, times < lengths[together]  # (T, N)
            # After a shorter one stands the mark of another: there it is read backwards from.
            ids = np.where(inside, self.ids[np.where(inside, places, 0)], self.network.end or 0)
            wanted = inside & (places >= self.counted[0])
            yield self._piece(ids, self.network.start(len(together)), places, wanted)[0]

    def _piece(
        self, ids: Ids, state: State, places: npt.NDArray[np.intp], wanted: npt.NDArray[np.bool_]
    ) -> tuple[Piece, State]:
        """Read ids (T + A, N), of which A are only read backwards.

        Returns the values at the wanted of the places (T, N), and the state.
        """
        ahead = len(ids) - len(places)
        result = self.network.run(ids, state, self.names, predicting=False, ahead=ahead)
        values = np.concatenate([result.signals[name] for name in self.names], axis=-1)
        return Piece(places[wanted], values[wanted]), result.state

    def _read_streams(self) -> Iterator[Piece]:
        """Run the network over all streams."""
        streams = self.streams
        edges = np.linspace(self.counted[0], len(self.ids), streams + 1).astype(int)
        longest = int(np.diff(edges).max())
        # Every stream is as long; the last characters of the shorter ones are read twice.
        starts = np.minimum(edges[:-1], len(self.ids) - longest)
        state = self.network.start(streams)
        behind = AHEAD if self.network.architecture.apart else 0
        steps = max(PIECE // streams, behind)
        for time in range(-COLD, longest, steps):
            times = np.arange(time, min(time + steps, longest))
            places = starts + times[:, None]  # (T, N)
            ahead = min(behind, len(self.ids) - 1 - int(places[-1].max()))
            following = places[-1] + np.arange(1, ahead + 1)[:, None]
            # Before a first record stands its mark, which may be read several times.
            ids = self.ids[np.maximum(np.concatenate([places, following]), 0)]
            wanted = (times[:, None] >= 0) & (places >= edges[:-1]) & (places < edges[1:])
            piece, state = self._piece(ids, state, places, wanted)
            yield piece

    def columns(self, chosen: Sequence[int]) -> npt.NDArray[np.float64]:
        """Return the values (C, len(chosen)) of some signals; 0 at places that are not counted."""
        values = np.zeros((len(self.ids), len(chosen)))
        for piece in self.pieces():
            values[piece.places] = piece.values[:, list(chosen)]
        return values
