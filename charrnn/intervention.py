"""Units whose state is set from outside, inside the recurrence: for steering and for ablation."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from charrnn.cells.cell import Array

States = tuple[Array, ...]


@dataclass(frozen=True)
class Intervention:
    """A unit of one layer that is held at a value, or pushed by one, at every character.

    layer, unit: from 0. value: a number, or one for each stream (N,). signal: "h", or the cell
    state "c" of an LSTM, from which h is then made anew. push: add the value to the state instead
    of putting it there. streams: in which of the streams, where it is not all of them.
    """

    layer: int
    unit: int
    value: float | Array
    signal: str = "h"
    push: bool = False
    streams: npt.NDArray[np.intp] | None = None

    def apply(self, state: States, gates: States) -> None:
        """Change, in place, the state h (and c) of this layer, each (N, H), after a step.

        gates: those of the step, the output gate of an LSTM last.
        """
        place = slice(None) if self.streams is None else self.streams, self.unit
        set_state = state[0] if self.signal == "h" else state[1]
        set_state[place] = self.value + (set_state[place] if self.push else 0)
        if self.signal == "c":
            state[0][place] = gates[-1][place] * np.tanh(set_state[place])
