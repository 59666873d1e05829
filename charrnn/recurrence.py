"""The recurrence in NumPy: layers in one direction or both over a chunk of several streams."""

import itertools
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar, cast

import numpy as np
import numpy.typing as npt

from charrnn.arrays import Array
from charrnn.intervention import Intervention
from charrnn.prepared import Layer, Prepared, State
from charrnn.stepper import rows

Read = TypeVar("Read", bound=npt.NDArray[np.integer])


class Recurrence(Prepared):
    """Weights, and how they read a chunk of ids (T, N) on from a state."""

    def read_rows(self, ids: npt.NDArray[np.integer], run: int = 0) -> Array:
        """Return the input's share of the gates (…, G·H) for what is read (…).

        run: of the first layer, forwards or backwards.
        """
        table = self.layers[run].weight
        if self.shares is None:
            rows: Array = table[ids]
            return rows
        labels, characters = np.divmod(ids, len(table))
        return table[characters] + self.shares[labels]

    def predicted_ids(self, ids: Read) -> Read:
        """Return the ids of the characters among what is read, as they are predicted."""
        return ids if self.shares is None else cast(Read, ids % len(self.layers[0].weight))

    def _read(
        self,
        ids: npt.NDArray[np.integer],
        state: State,
        signals: dict[str, Array],
        held: Sequence[Intervention],
        lengths: npt.NDArray[np.integer] | None = None,
        ahead: int = 0,
    ) -> tuple[Array, State]:
        """Read a chunk, writing the signals (T, N, layers · H) in place.

        lengths (N,): where each text ends; else one ends where the next begins. ahead: see `run`.
        Returns what the head reads (T, N, ·), and the state after it.
        """
        if self.architecture.apart:
            return self._read_between(ids, state, signals, held, lengths, ahead)
        ways = 1 + self.architecture.bidirectional
        states: list[tuple[Array, ...]] = []
        passed: list[Array] = []
        fresh = self._begins(ids)
        for number in range(0, len(self.layers), ways):
            both = []
            for run in range(number, number + ways):
                layer, backwards = self.layers[run], run > number
                inputs = self.read_rows(ids, run) if not passed else _above(layer, passed[-1])
                starts = _ends(fresh, lengths) if backwards else fresh
                outputs, last = self._through(
                    run, inputs, state[run], starts, signals, held, backwards
                )
                both.append(outputs)
                states.append(last)
            h = both[0] if ways == 1 else np.concatenate(both, axis=-1)
            passed.append(self.output_of(h, passed))
        return self.head_input(passed), tuple(states)

    def _begins(self, ids: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
        """Return at which of ids (T, N) texts begin."""
        end = -1 if self.end is None else self.end
        begins: npt.NDArray[np.bool_] = self.predicted_ids(ids) == end
        return begins

    def _read_between(
        self,
        ids: npt.NDArray[np.integer],
        state: State,
        signals: dict[str, Array],
        held: Sequence[Intervention],
        lengths: npt.NDArray[np.integer] | None,
        beyond: int,
    ) -> tuple[Array, State]:
        """Do what `_read` does where directions are apart.

        Read for a character are the outputs before it, forwards, and after it, backwards; where
        nothing stands there, those of the state before the chunk, and of the first one.
        """
        first, fresh = self.start(ids.shape[1]), self._begins(ids)
        last = np.arange(len(ids))[:, None] == (len(ids) if lengths is None else lengths) - 1
        count = len(ids) - beyond
        ahead, left = self.along(0, ids[:count], state[::2], fresh, signals, held)
        back, right = self.along(1, ids, first[1::2], fresh | last, signals, held)
        edges = self.outputs_of(state[::2]), self.outputs_of(first[1::2])
        passed = []
        for before, after, start, end in zip(ahead, back, *edges, strict=True):
            following = np.concatenate([after[1:], end[None]])
            following = np.where(last[..., None], end, following)[:count]
            preceding = np.concatenate([start[None], before[:-1]])
            passed.append(np.concatenate([preceding, following], axis=-1))
        states = itertools.chain.from_iterable(zip(left, right, strict=True))
        return self.head_input(passed), tuple(states)

    def along(
        self,
        way: int,
        ids: npt.NDArray[np.integer],
        state: State,
        anew: npt.NDArray[np.bool_] | None = None,
        signals: Mapping[str, Array] = MappingProxyType({}),
        held: Sequence[Intervention] = (),
    ) -> tuple[list[Array], State]:
        """Read ids (T, N) in one direction, where directions are apart.

        way: 0 forwards, 1 backwards, from the last character on. state: of its layers, before it.
        anew (T, N): before which characters it is the first one again, by default the marks of
        records. signals: written in place. Returns the outputs (T, N, H) of each layer, in the
        order of the text, and the state after the reading.
        """
        passed: list[Array] = []
        states: list[tuple[Array, ...]] = []
        anew = self._begins(ids) if anew is None else anew
        for number, before in enumerate(state):
            run = 2 * number + way
            inputs = _above(self.layers[run], passed[-1]) if passed else self.read_rows(ids, run)
            h, after = self._through(run, inputs, before, anew, signals, held, way == 1)
            passed.append(self.output_of(h, passed))
            states.append(after)
        return passed, tuple(states)

    def outputs_of(self, state: State) -> list[Array]:
        """Return the output of each layer of one direction in a state (N, H)."""
        passed: list[Array] = []
        for h, *_ in state:
            passed.append(self.output_of(h, passed))
        return passed

    def _through(
        self,
        run: int,
        inputs: Array,
        state: tuple[Array, ...],
        fresh: npt.NDArray[np.bool_],
        signals: Mapping[str, Array],
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

    def read_texts(
        self,
        ids: npt.NDArray[np.integer],
        lengths: npt.NDArray[np.integer],
        held: Sequence[Intervention] = (),
    ) -> Array:
        """Read whole texts (T, N), each to its own end; return what the head reads (T, N, ·).

        lengths (N,), 1 to T. What stands after a text's end has no meaning, nor has its output.
        held: units whose state is set from outside.
        """
        return self._read(ids, self.start(ids.shape[1]), {}, held, lengths)[0]


def _above(layer: Layer, below: Array) -> Array:
    """Return the input's share of the gates (T, N, G·H) of a layer that reads another."""
    share: Array = below @ layer.weight + layer.bias
    return share


def _ends(
    fresh: npt.NDArray[np.bool_], lengths: npt.NDArray[np.integer] | None
) -> npt.NDArray[np.bool_]:
    """Return at which characters (T, N) texts end: where reading backwards begins anew."""
    if lengths is not None:
        ends: npt.NDArray[np.bool_] = np.arange(len(fresh))[:, None] == lengths - 1
        return ends
    return np.concatenate([fresh[1:], np.ones_like(fresh[:1])])
