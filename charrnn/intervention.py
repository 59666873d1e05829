"""Units whose state is set from outside, inside the recurrence: for steering and for ablation."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from charrnn.arrays import Array
from charrnn.cells.cell import Cell
from charrnn.fast.in_place.step import OPS

States = tuple[Array, ...]


@dataclass(frozen=True)
class Intervention:
    """A unit of one layer that is held at a value, or pushed by one, at every character.

    layer, unit: from 0; of a model that reads both ways each direction counts as a layer. value: a
    number, or one for each stream (N,). signal: a state; h is made anew from one that is not h
    itself. push: add the value to the state instead of putting it there. streams: in which of the
    streams, where it is not all of them.
    """

    layer: int
    unit: int
    value: float | Array
    signal: str = "h"
    push: bool = False
    streams: npt.NDArray[np.intp] | None = None

    def apply(self, cell: Cell, state: States, gates: Mapping[str, Array]) -> None:
        """Change, in place, the states of this layer, each (N, H), after a step of its cell.

        gates: those of the step, by name.
        """
        place = slice(None) if self.streams is None else self.streams, self.unit
        number = cell.STATES.index(self.signal)
        state[number][place] = self.value + (state[number][place] if self.push else 0)
        if number:
            there = {name: gate[place] for name, gate in gates.items()}
            state[0][place] = cell.output(OPS, tuple(part[place] for part in state), there)
