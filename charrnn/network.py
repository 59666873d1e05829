"""The network in NumPy: the one recurrence through which every reader of a checkpoint goes."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from charrnn import fast
from charrnn.architecture import Architecture
from charrnn.arrays import Array, rounded
from charrnn.cells.cell import Past
from charrnn.errors import UsageError
from charrnn.fast.in_place.step import Equations, Step, twin
from charrnn.intervention import Intervention
from charrnn.stepper import Ids, Stepper, rows
from charrnn.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from charrnn.fast.int8.products import Packed

IdsLike = Sequence[int] | Sequence[Sequence[int]] | npt.NDArray[np.integer]
State = tuple[tuple[Array, ...], ...]
"""For each layer, bottom up, its states (N, H), h first."""

LOGITS = 1 << 22  # computed at once, about
CHUNK = 1024  # characters that are worth reading at once, and no more memory than that


class Layer(NamedTuple):
    """One recurrent layer: the input's weights (inputs, G·H) and bias, and the recurrent ones.

    In the first layer the input is an id, so `weight` is a table whose row is that id's product
    with the bias added. For a sigmoid's gates everything is halved, see `Twin`. Above it, in
    a cell whose products merely add up, `joined` holds both weights, one below the other, unless
    the layer reads more than the h below it.
    """

    weight: Array
    bias: Array
    recurrent: Past
    joined: Past | None


@dataclass(frozen=True)
class Result:
    """What `Network.run` saw.

    logits (T, N, V); state: after the last character; signals: for each recorded name an array
    (T, N, layers · H), whose last axis is numbered as neurons are.
    """

    logits: Array
    state: State
    signals: dict[str, Array]


class Network:
    """A trained network that reads characters one by one and says what may come next."""

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
        if int8 and (reason := fast.missing()):
            raise UsageError(f"int8 weights: {reason}", "float32 needs no more than NumPy")
        if int8 and not fast.has_int8(architecture.cell_name):
            raise UsageError(f"int8 weights are not made for the cell {architecture.cell.NAME}")
        self.int8 = int8
        self.architecture = architecture
        self.vocabulary = vocabulary
        self.dtype = np.dtype(dtype)
        self.record_end = record_end
        self.end = int(vocabulary.encode(record_end)[0]) if record_end else None

        def tensor(name: str) -> Array:
            return np.ascontiguousarray(weights[name].T, dtype=self.dtype)

        cell, hidden = architecture.cell, architecture.hidden
        inner = np.repeat([gate in cell.INNER for gate in cell.GATES], hidden)
        fast_one = twin(architecture.cell_name)
        halved = fast_one.HALVED if fast_one else ()
        half = [0.5 if gate in halved else 1 for gate in cell.GATES]
        scale = np.repeat(np.array(half, self.dtype), hidden)
        self.layers: list[Layer] = []  # those of both directions beside each other
        apart = architecture.residual or architecture.bidirectional
        ways = ("", "_reverse")[: 1 + architecture.bidirectional]
        for layer, way in itertools.product(range(architecture.layers), ways):
            bias = tensor(f"rnn.bias_hh_l{layer}{way}")
            kept = np.where(inner, bias, 0)
            outer = (tensor(f"rnn.bias_ih_l{layer}{way}") + bias - kept) * scale
            into, past = (
                tensor(f"rnn.weight_{name}_l{layer}{way}") * scale for name in ("ih", "hh")
            )
            joined = None
            if layer and cell.JOINED and not apart:
                both = np.concatenate([into, past])
                joined = Past(rounded(both) if int8 else both, kept)
                into, past = np.split(joined.weight, 2)
            elif int8:
                into, past = rounded(into) if layer else into, rounded(past)
            self.layers.append(Layer(into, outer, Past(past, kept), joined))
        for number, first in enumerate(self.layers[: len(ways)]):
            table = first.weight
            if architecture.embedding:
                table = tensor("embedding.weight").T @ table
            self.layers[number] = first._replace(weight=table + first.bias)
        head = "embedding.weight" if architecture.tied else "head.weight"
        self.head = tensor(head), tensor("head.bias")
        self._spare: list[Stepper] = []  # of steps that are over
        self._first = [
            np.asarray(weights[f"initial.{name}"], self.dtype)
            if architecture.learned_start
            else np.zeros((architecture.runs, architecture.hidden), self.dtype)
            for name in cell.STATES
        ]

    @cached_property
    def packed(self) -> "list[tuple[Packed, Packed | None]]":
        """Each layer's weights in int8: what its step multiplies, and the input's if apart."""
        from charrnn.fast.int8.products import Packed

        both = []
        for number, layer in enumerate(self.layers):
            step, apart = layer.joined or layer.recurrent, number and not layer.joined
            into = Packed.of(layer.weight, layer.bias) if apart else None
            both.append((Packed.of(step.weight, step.bias), into))
        return both

    def compiled_before(self) -> bool:
        """Return whether what steps of one stream in int8 call was compiled on this machine."""
        apart = any(into for _, into in self.packed)
        needed = [f"{self.architecture.cell_name}.advance", *["products.product"] * apart]
        return all(fast.used_before(f"int8/{function}") for function in needed)

    def start(self, streams: int = 1) -> State:
        """Return the state before the first character, zero or learned, for so many streams."""
        return tuple(
            tuple(np.repeat(part[run][None], streams, axis=0) for part in self._first)
            for run in range(self.architecture.runs)
        )

    def begin_anew(
        self, layer: int, state: tuple[Array, ...], fresh: npt.NDArray[np.bool_]
    ) -> None:
        """Put a layer's state (N, H) back, in place, to the first one in some of the streams."""
        for part, first in zip(state, self._first, strict=True):
            part[fresh] = first[layer]

    def steps(self, past: Past, read: Array, state: tuple[Array, ...]) -> Step:
        """Return what advances a layer in place; see `Step`."""
        if fast_one := twin(self.architecture.cell_name):
            return fast_one.Step(past, read, state)
        return Equations(self.architecture.cell, past, read, state)

    def stepper(self, streams: int) -> Stepper:
        """Return what reads a character of so many streams at a time, fast.

        Raises UsageError where the model reads backwards, too.
        """
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

    def said(self, h: Array, below: list[Array]) -> Array:
        """Return what a layer passes on, given what those below it did."""
        return h + below[-1] if self.architecture.residual and below else h

    def heard(self, said: list[Array]) -> Array:
        """Return what the softmax reads."""
        return np.concatenate(said, axis=-1) if self.architecture.all_layers else said[-1]

    def run(
        self,
        ids: IdsLike,
        state: State | None = None,
        record: Sequence[str] = (),
        held: Sequence[Intervention] = (),
        predicting: bool = True,
    ) -> Result:
        """Read many characters of each stream; the same recurrence, a layer at a time.

        ids (T, N). record: names of signals, such as "h", "c" or "f". held: units whose state is
        set from outside. predicting: work out the logits, too; without, they are (T, N, 0). Raises
        UsageError for a signal that the cell does not have.
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
        size = self.architecture.targets if predicting else 0
        logits = np.empty((*ids.shape, size), self.dtype)
        neurons = self.architecture.neurons
        signals = {name: np.empty((*ids.shape, neurons), self.dtype) for name in record}
        chunk = max(1, len(ids)) if self.architecture.bidirectional else CHUNK
        for start in range(0, len(ids), chunk):
            part = slice(start, start + chunk)
            views = {name: signal[part] for name, signal in signals.items()}
            heard, state = self._read(ids[part], state, views, held)
            if predicting:
                logits[part] = heard @ self.head[0] + self.head[1]
        return Result(logits, state, signals)

    def read(
        self,
        ids: npt.NDArray[np.integer],
        record: Sequence[str] = (),
        state: State | None = None,
    ) -> Iterator[tuple[slice, Result]]:
        """Read one stream piece by piece, the state carried: what `run` does, in little memory.

        ids (T,). Yields the places of each piece, and its result.
        """
        for start in range(0, len(ids), CHUNK):
            places = slice(start, min(start + CHUNK, len(ids)))
            result = self.run(ids[places, None], state, record)
            state = result.state
            yield places, result

    def _read(
        self,
        ids: npt.NDArray[np.integer],
        state: State,
        signals: dict[str, Array],
        held: Sequence[Intervention],
        lengths: npt.NDArray[np.integer] | None = None,
    ) -> tuple[Array, State]:
        """Read a chunk, writing the signals (T, N, layers · H) in place.

        lengths (N,): where each text ends; else one ends where the next begins. Returns what the
        head reads (T, N, ·), and the state after it.
        """
        ways = 1 + self.architecture.bidirectional
        states: list[tuple[Array, ...]] = []
        said: list[Array] = []
        fresh = ids == (-1 if self.end is None else self.end)  # (T, N)
        for number in range(0, len(self.layers), ways):
            both = []
            for run in range(number, number + ways):
                layer, backwards = self.layers[run], run > number
                # (T, N, G·H)
                inputs = said[-1] @ layer.weight + layer.bias if said else layer.weight[ids]
                starts = _ends(fresh, lengths) if backwards else fresh
                outputs, last = self._through(
                    run, inputs, state[run], starts, signals, held, backwards
                )
                both.append(outputs)
                states.append(last)
            said.append(self.said(both[0] if ways == 1 else np.concatenate(both, axis=-1), said))
        return self.heard(said), tuple(states)

    def _through(
        self,
        run: int,
        inputs: Array,
        state: tuple[Array, ...],
        fresh: npt.NDArray[np.bool_],
        signals: dict[str, Array],
        held: Sequence[Intervention],
        backwards: bool,
    ) -> tuple[Array, tuple[Array, ...]]:
        """Run one layer in one direction over inputs (T, N, G·H).

        fresh (T, N): before which characters its state is the first one again. Returns its outputs
        (T, N, H) and its last state.
        """
        cell, hidden = self.architecture.cell, self.architecture.hidden
        gates = [name for name in cell.GATES if name not in cell.STATES]
        one_stream = (slice(None), 0) if inputs.shape[1] == 1 else ()  # without its axis
        outputs = np.empty((*inputs.shape[:2], hidden), self.dtype)
        units = slice(run * hidden, (run + 1) * hidden)
        current = tuple(part[one_stream[1:]].copy() for part in state)
        step = self.steps(self.layers[run].recurrent, current[0], current)
        by_name = dict(zip(gates, step.gates, strict=False))
        by_name |= dict(zip(cell.STATES, current, strict=True))
        seen = [(outputs, current[0])]
        seen += [(signal[..., units], by_name[name]) for name, signal in signals.items()]
        seen = [(array[one_stream], value) for array, value in seen]
        here = [one for one in held if one.layer == run]
        changed = rows(current), dict(zip(gates, rows(step.gates), strict=False))
        begins = set(np.flatnonzero(fresh.any(axis=1)).tolist())
        shares, times = inputs[one_stream], range(len(inputs))
        for time in times[::-1] if backwards else times:
            if time in begins:
                self.begin_anew(run, changed[0], fresh[time])
            step(shares[time])
            for one in here:
                one.apply(cell, *changed)
            for array, value in seen:
                array[time] = value
        return outputs, rows(current)

    def read_texts(self, ids: npt.NDArray[np.integer], lengths: npt.NDArray[np.integer]) -> Array:
        """Read whole texts (T, N), each to its own end; return what the head reads (T, N, ·).

        lengths (N,), 1 to T. What stands after a text's end has no meaning, nor has its output.
        """
        return self._read(ids, self.start(ids.shape[1]), {}, (), lengths)[0]

    def pushes(self, layer: int, unit: int) -> Array | None:
        """Return by how much a unit's output moves each logit (V,), through the head alone.

        layer: from 0. None for a unit whose output the head does not read.
        """
        shape = self.architecture
        heard = shape.all_layers or shape.residual or layer == shape.layers - 1
        place = layer * shape.hidden * shape.all_layers + unit
        pushed: Array = self.head[0][place]
        return pushed if heard else None

    def losses(self, ids: npt.NDArray[np.integer]) -> Array:
        """Return what each character but the first costs, in nats: (T - 1,) for ids (T,).

        Raises UsageError for a model that labels texts, and predicts no character.
        """
        self.expect_predictions()
        targets = ids[1:]
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
            flat = surprise(logits.reshape(-1, logits.shape[-1]), both[1:].reshape(-1))
            costs.append(flat.reshape(window, -1).T.reshape(-1))
        return np.concatenate(costs)

    def expect_predictions(self) -> None:
        """Raise UsageError for a model that labels texts."""
        if self.architecture.classes:
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
        ids = self.vocabulary.encode(self.record_end + text + self.record_end)
        if len(ids) < 2:
            raise UsageError("a text to score needs at least two characters")
        return float(self.losses(ids).mean())


def _ends(
    fresh: npt.NDArray[np.bool_], lengths: npt.NDArray[np.integer] | None
) -> npt.NDArray[np.bool_]:
    """Return at which characters (T, N) texts end: where reading backwards begins anew."""
    if lengths is not None:
        ends: npt.NDArray[np.bool_] = np.arange(len(fresh))[:, None] == lengths - 1
        return ends
    return np.concatenate([fresh[1:], np.ones_like(fresh[:1])])


def surprise(logits: Array, targets: npt.NDArray[np.integer]) -> Array:
    """Return what each target (T,) costs in nats under logits (T or more, V)."""
    costs = -log_softmax(logits[: len(targets)].astype(np.float64))
    of_targets: Array = costs[np.arange(len(targets)), targets]
    return of_targets


def log_softmax(logits: Array) -> Array:
    """Return the log-probabilities along the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    normalised: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return normalised
