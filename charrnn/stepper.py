"""A network that advances by one character in place: the way to write fast."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from charrnn.arrays import Array
from charrnn.fast.in_place.step import Step
from charrnn.intervention import Intervention
from charrnn.prepared import Prepared, State

Ids = Sequence[int] | npt.NDArray[np.integer]


class Stepper:
    """Some streams that a network reads, one character of each at a time, into arrays made once.

    The h of all layers lie beside each other (N, layers · H), so that the output of the layer
    below and a layer's own h can be read by one product, in a cell whose products merely add up.
    """

    def __init__(self, network: Prepared, streams: int) -> None:
        shape = network.architecture
        self.network, self.streams = network, streams
        lead = () if streams == 1 else (streams,)
        outputs = np.zeros((*lead, shape.neurons), network.dtype)
        self._residual, self._cell = shape.residual, shape.cell
        self._gates = [name for name in shape.cell.GATES if name not in shape.cell.STATES]
        sums = np.zeros_like(outputs) if shape.residual else outputs
        self._outputs = [self._of(sums, number) for number in range(shape.layers)]
        self._head_input = sums if shape.all_layers else self._outputs[-1]
        self._inputs: list[Callable[[Ids], Array]] = []
        self._steps: list[Step] = []
        self._states: list[tuple[Array, ...]] = []
        for number, layer in enumerate(network.layers):
            h = self._of(outputs, number)
            state = (h, *(np.zeros_like(h) for _ in shape.cell.STATES[1:]))
            read = self._of(outputs, number - 1, number) if layer.joined else h
            self._inputs.append(self._input(number))
            self._steps.append(self._step(number, read, state))
            self._states.append(state)

    def _of(self, array: Array, first: int, last: int | None = None) -> Array:
        """Return what is a layer's, or that of the layers from the first to the last."""
        hidden, last = self.network.architecture.hidden, first if last is None else last
        return array[..., first * hidden : (last + 1) * hidden]

    def _step(self, number: int, read: Array, state: tuple[Array, ...]) -> Step:
        """Return what advances a layer."""
        layer = self.network.layers[number]
        return self.network.steps(layer.joined or layer.recurrent, read, state)

    def _input(self, number: int) -> Callable[[Ids], Array]:
        """Return what makes a layer's input's share, with the biases; ids are the first one's."""
        layer = self.network.layers[number]
        if number == 0:
            if self.streams == 1:
                return lambda ids: layer.weight[ids[0]]
            return lambda ids: layer.weight.take(ids, axis=0)
        if layer.joined:
            return lambda _: layer.bias
        below = self._outputs[number - 1]
        share = np.empty((*below.shape[:-1], len(layer.bias)), below.dtype)

        def product(_: Ids) -> Array:
            below.dot(layer.weight, share)
            return np.add(share, layer.bias, share)

        return product

    def _logits(self) -> Array:
        """Return new logits (N, V)."""
        weight, bias = self.network.head
        logits: Array = self._head_input.dot(weight)
        logits += bias
        return logits if self.streams > 1 else logits[None]

    @property
    def state(self) -> State:
        """The state after the last character; setting it goes back, or elsewhere."""
        return tuple(tuple(np.array(part, ndmin=2) for part in state) for state in self._states)

    @state.setter
    def state(self, state: State) -> None:
        for mine, given in zip(self._states, state, strict=True):
            for part, value in zip(mine, given, strict=True):
                part[...] = value

    def step(self, ids: Ids, held: Sequence[Intervention] = ()) -> Array:
        """Read a character of each stream, ids (N,); return the logits (N, V) of the next.

        held: units whose state is set from outside.
        """
        if self.network.end is not None and self.network.end in ids:
            self._begin_anew(ids)
        for number, step in enumerate(self._steps):
            step(self._inputs[number](ids))
            for one in held:
                if one.layer == number:
                    gates = dict(zip(self._gates, rows(step.gates), strict=False))
                    one.apply(self._cell, rows(self._states[number]), gates)
            if self._residual:
                self._pass_on(number)
        return self._logits()

    def _begin_anew(self, ids: Ids) -> None:
        """Forget what was read in the streams where a record begins."""
        fresh = np.asarray(ids) == self.network.end
        for number, state in enumerate(self._states):
            self.network.begin_anew(number, rows(state), fresh)

    def _pass_on(self, number: int) -> None:
        """Write the output of a layer of a residual network: its h and its input."""
        below = self._outputs[number - 1] if number else 0
        np.add(self._states[number][0], below, self._outputs[number])


def rows(arrays: tuple[Array, ...]) -> tuple[Array, ...]:
    """Return views that have an axis of streams, even of one."""
    return tuple(np.atleast_2d(array) for array in arrays)
