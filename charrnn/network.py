"""The network in NumPy: the one recurrence through which every reader of a checkpoint goes."""

import copy
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from charrnn.architecture import Architecture
from charrnn.arrays import Array
from charrnn.errors import UsageError
from charrnn.intervention import Intervention
from charrnn.losses import surprise
from charrnn.prepared import State
from charrnn.recurrence import Recurrence
from charrnn.stepper import Ids, Stepper
from charrnn.text.vocabulary import Vocabulary

IdsLike = Sequence[int] | Sequence[Sequence[int]] | npt.NDArray[np.integer]
LOGITS = 1 << 22  # computed at once, about
CHUNK = 1024  # characters that are worth reading at once, and no more memory than that
AHEAD = 256  # characters that a direction of its own reads before those that count


@dataclass(frozen=True)
class Result:
    """What `Network.run` saw.

    logits (T, N, V); state: after the last character; signals: for each recorded name an array
    (T, N, layers · H), whose last axis is numbered as neurons are.
    """

    logits: Array
    state: State
    signals: dict[str, Array]


class Network(Recurrence):
    """A trained network that reads characters one by one and says what may come next.

    One that writes texts for labels must know whose text it reads. `given` returns a network for a
    label, to which everything here applies. Without it, what is read at each step is a pair: a
    character and the label of its text, whose id is label · V + the character's.
    """

    def __init__(
        self,
        architecture: Architecture,
        weights: Mapping[str, npt.NDArray[np.generic]],
        vocabulary: Vocabulary,
        dtype: npt.DTypeLike = np.float32,
        int8: bool = False,
        record_end: str = "",
    ) -> None:
        """Take a checkpoint's weights.

        record_end: what begins and ends each text, in a model of records. Wherever it is read, a
        text begins: the state before it is the first one, as in training.
        int8: round those of the layers to what int8 holds; one stream, in float32, then runs in
        compiled code. Raises UsageError where there is none for a cell, or it cannot be made.
        """
        end = int(vocabulary.encode(record_end)[0]) if record_end else None
        super().__init__(architecture, weights, dtype, int8, end)
        self.vocabulary, self.record_end = vocabulary, record_end
        self._spare: list[Stepper] = []  # of steps that are over

    @property
    def by_texts(self) -> bool:
        """Whether many texts are read side by side, each as a whole."""
        return self.architecture.bidirectional and not self.architecture.apart

    def mixed(self, mixture: Sequence[float]) -> Self:
        """Return the network for one label, or for several by weight (K,).

        A label's share of the first layer's gates is the same at every step, so that it is added
        to the row of each character here, once. Raises UsageError for a network that is for one.
        """
        if self.shares is None:
            raise UsageError("this model is for a label already", "it is given once")
        share: Array = np.asarray(mixture, self.dtype) @ self.shares
        made = copy.copy(self)
        first = self.layers[0]
        made.layers = [first._replace(weight=first.weight + share), *self.layers[1:]]
        made.shares, made._spare = None, []
        return made

    def stepper(self, streams: int) -> Stepper:
        """Return what reads a character of each of some streams at a time, fast.

        Raises UsageError where the model reads backwards, too, or where it writes texts for labels
        and is not for one.
        """
        if self.shares is not None:
            raise UsageError("a model that writes texts for labels needs a label", "--label LABEL")
        if self.architecture.bidirectional:
            raise UsageError("a model that reads both ways needs the whole text at once")
        if self.int8 and streams == 1 and self.dtype == np.float32:
            from charrnn.fast.int8.stepper import Int8Stepper

            return Int8Stepper(self)
        return Stepper(self, streams)

    def step(
        self,
        ids: Ids,
        state: State,
        held: Sequence[Intervention] = (),
    ) -> tuple[Array, State]:
        """Read one character of each stream.

        ids (N,). held: units whose state is set from outside. Returns the logits (N, V) of the
        next character and the new state; the old one is left as it was.
        """
        try:
            stepper = self._spare.pop()  # so that no other thread has it
        except IndexError:
            stepper = self.stepper(len(ids))
        if stepper.streams != len(ids):
            stepper = self.stepper(len(ids))
        stepper.state = state
        logits, state = stepper.step(ids, held), stepper.state
        self._spare.append(stepper)
        return logits, state

    def __getstate__(self) -> dict[str, object]:
        """Return what a copy or a pickle takes: all but the steppers, which hold their arrays."""
        return self.__dict__ | {"_spare": []}

    def run(
        self,
        ids: IdsLike,
        state: State | None = None,
        record: Sequence[str] = (),
        held: Sequence[Intervention] = (),
        predicting: bool = True,
        ahead: int = 0,
    ) -> Result:
        """Read many characters of each stream; the same recurrence, a layer at a time.

        ids (T, N). record: names of signals, such as "h", "c" or "f". held: units whose state is
        set from outside. predicting: work out the logits, too; without, they are (T, N, 0). ahead:
        characters at the end that are only read backwards, where directions are apart; nothing is
        returned of them. Raises UsageError for a signal that the cell does not have.
        """
        signals_there = self.architecture.cell.SIGNALS
        for name in record:
            if name not in signals_there:
                raise UsageError(
                    f"{self.architecture.backbone} has no signal {name!r}",
                    f"its signals are: {', '.join(signals_there)}",
                )
        ids = np.asarray(ids)
        state = state or self.start(ids.shape[1])
        predicting = predicting and not self.architecture.decoder  # an encoder has no head
        size = self.architecture.targets if predicting else 0
        count = len(ids) - ahead
        logits = np.empty((count, ids.shape[1], size), self.dtype)
        neurons = self.architecture.neurons
        signals = {name: np.empty((*ids.shape, neurons), self.dtype) for name in record}
        chunk = max(1, len(ids)) if self.architecture.bidirectional else CHUNK
        for start in range(0, len(ids), chunk):
            part = slice(start, start + chunk)
            views = {name: signal[part] for name, signal in signals.items()}
            read, state = self._read(ids[part], state, views, held, ahead=ahead)
            if predicting:
                logits[part] = self.logits(read)
        return Result(logits, state, {name: one[:count] for name, one in signals.items()})

    def read(
        self,
        ids: npt.NDArray[np.integer],
        record: Sequence[str] = (),
        state: State | None = None,
    ) -> Iterator[tuple[slice, Result]]:
        """Read one stream piece by piece, the state carried: what `run` does, in little memory.

        ids (T,). Yields the places of each piece, and its result. A model that reads both ways
        reads each text as a whole or, where its directions are apart, AHEAD further than a piece.
        """
        edges = np.append(np.arange(0, len(ids), CHUNK), len(ids))
        if not self.architecture.apart:
            edges = self.text_ends(ids, edges)
        for first, last in itertools.pairwise(edges.tolist()):
            ahead = min(AHEAD, len(ids) - last) if self.architecture.apart else 0
            result = self.run(ids[first : last + ahead, None], state, record, ahead=ahead)
            state = result.state
            yield slice(first, last), result

    def text_begins(self, ids: npt.NDArray[np.integer]) -> npt.NDArray[np.intp]:
        """Return where in ids (T,) texts begin: at 0, and at each mark of a beginning."""
        characters = self.predicted_ids(ids)
        marks = np.zeros(0, np.intp) if self.end is None else np.flatnonzero(characters == self.end)
        return np.union1d(np.zeros(1, np.intp), marks)

    def text_ends(
        self, ids: npt.NDArray[np.integer], places: npt.NDArray[np.intp]
    ) -> npt.NDArray[np.intp]:
        """Return where ids (T,) may be cut: at places, or where those cut a text, at its end.

        Only a model whose layers read both ways must read a text to its end; where directions are
        apart, reading on for AHEAD is enough.
        """
        if self.architecture.apart:
            return np.minimum(places + AHEAD, len(ids))
        if not self.architecture.bidirectional:
            return places
        ends = np.append(self.text_begins(ids), len(ids))
        return np.unique(ends[np.searchsorted(ends, places)])

    def losses(self, ids: npt.NDArray[np.integer]) -> Array:
        """Return what each character but the first costs, in nats: (T - 1,) for ids (T,).

        Raises UsageError for a model that labels texts, and predicts no character.
        """
        self.expect_predictions()
        targets = self.predicted_ids(ids[1:])
        costs = [surprise(read.logits[:, 0], targets[at]) for at, read in self.read(ids[:-1])]
        return np.concatenate(costs) if costs else np.zeros(0)

    def cold_losses(self, ids: npt.NDArray[np.integer], window: int) -> Array:
        """Return what characters cost, in nats, when each window is read from a zero state.

        ids (T,) are cut into whole windows, N of them, whose ends overlap by the one character
        that is read first and not predicted. Returns (N · window,) in the order of the text.
        Raises UsageError for a text that holds no window, and as `losses` does.
        """
        self.expect_predictions()
        count = (len(ids) - 1) // window
        if not count:
            raise UsageError(
                f"a text of {len(ids):,} characters holds no window of {window:,} and one more"
            )
        together = max(1, LOGITS // (window * self.architecture.vocabulary))
        costs = []
        for first in range(0, count, together):
            starts = window * np.arange(first, min(first + together, count))
            both = ids[starts + np.arange(window + 1)[:, None]]  # (window + 1, N)
            logits = self.run(both[:-1]).logits
            told = self.predicted_ids(both[1:])
            flat = surprise(logits.reshape(-1, logits.shape[-1]), told.reshape(-1))
            costs.append(flat.reshape(window, -1).T.reshape(-1))
        return np.concatenate(costs)

    def expect_predictions(self) -> None:
        """Raise UsageError for a model that labels texts, or reads both ways."""
        if self.architecture.apart:
            raise UsageError(
                "a model that reads both sides of a character predicts no next one",
                "charrnn inspect text lists the unlikely ones, charrnn sample --fill fills gaps",
            )
        if not self.architecture.causal:
            raise UsageError(
                "a model that labels texts predicts no next character",
                "charrnn inspect score says how well it labels",
            )

    def score(self, text: str) -> float:
        """Return the loss in nats a character on a text, read from a zero state.

        The first character is not predicted and not counted; in a model of records the text is
        one, whose characters and end all count. Raises UsageError for a text of
        fewer than two characters and VocabularyError for a character never seen.
        """
        if not isinstance(text, str):
            raise UsageError(f"text: it must be a string, and is {text!r}")
        ids = self.vocabulary.encode(self.record_end + text + self.record_end)
        if len(ids) < 2:
            raise UsageError("a text to score needs at least two characters")
        return float(self.losses(ids).mean())
