"""A network that advances by one character in place: the way to write fast."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from charrnn.cells.cell import Array, Step
from charrnn.intervention import Intervention

if TYPE_CHECKING:
    from charrnn.network import Network, State


Ids = Sequence[int] | npt.NDArray[np.integer]


class Stepper:
    """Some streams that a network reads, one character of each at a time, into arrays made once.

    Above the first layer each one has an array (N, 2H) of what the layer below says and of its own
    h, so that in a cell whose products merely add up one product makes both shares.
    """

    def __init__(self, network: "Network", streams: int) -> None:
        shape, cell = network.architecture, network.architecture.cell
        self.streams = streams
        self._network = network
        self._steps: list[tuple[Step, Array | None]] = []  # and where it reads the layer below
        self._states: list[tuple[Array, ...]] = []
        lead = () if streams == 1 else (streams,)
        for layer in network.layers:
            width = shape.hidden * (2 if layer.joined else 1)
            read = np.zeros((*lead, width), network.dtype)
            h = read[..., -shape.hidden :]
            state = (h, *(np.zeros_like(h) for _ in cell.STATES[1:]))
            step = cell.Step(layer.joined or layer.recurrent, read, state)
            self._steps.append((step, read[..., : -shape.hidden] if layer.joined else None))
            self._states.append(state)

    @property
    def state(self) -> "State":
        """The state after the last character; setting it goes back, or elsewhere."""
        return tuple(tuple(np.array(part, ndmin=2) for part in state) for state in self._states)

    @state.setter
    def state(self, state: "State") -> None:
        for mine, given in zip(self._states, state, strict=True):
            for part, value in zip(mine, given, strict=True):
                part[...] = value

    def step(self, ids: Ids, held: Sequence[Intervention] = ()) -> Array:
        """Read a character of each stream, ids (N,); return the logits (N, V) of the next.

        held: units whose state is set from outside.
        """
        network = self._network
        said: list[Array] = []
        for number, (step, below) in enumerate(self._steps):
            layer = network.layers[number]
            if number == 0:
                inputs = (
                    layer.weight[ids[0]] if self.streams == 1 else layer.weight.take(ids, axis=0)
                )
            elif below is None:
                inputs = said[-1].dot(layer.weight)
                inputs += layer.bias
            else:
                below[...] = said[-1]
                inputs = layer.bias
            step(inputs)
            state = self._states[number]
            for one in held:
                if one.layer == number:
                    one.apply(rows(state), rows(step.gates))
            said.append(network.said(state[0], said))
        logits: Array = network.heard(said).dot(network.head[0])
        logits += network.head[1]
        return logits if self.streams > 1 else logits[None]


def rows(arrays: tuple[Array, ...]) -> tuple[Array, ...]:
    """Return views that have an axis of streams, even of one."""
    return tuple(np.atleast_2d(array) for array in arrays)
