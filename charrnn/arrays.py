"""The one type of array that the running half works on: as it is drawn, and rounded for int8."""

from typing import Any

import numpy as np
import numpy.typing as npt

from charrnn.cells.cell import Signal

Array = npt.NDArray[np.floating]
HIGHEST = 127  # of the whole numbers that a weight in int8 is


def drawn(signal: Signal, values: Any) -> Any:
    """Return a signal's values as they are drawn: those without bounds through tanh."""
    return np.tanh(values) if signal.squashed else values


def rounded(weight: Array) -> Array:
    """Return a weight (K, M) near this one that int8 can hold, with a factor for each output."""
    step = steps_of(weight)
    nearest: Array = np.rint(weight / step) * step
    return nearest


def steps_of(weight: Array) -> Array:
    """Return, for each output of a weight (K, M), what 1 in int8 stands for, (M,)."""
    smallest = np.finfo(weight.dtype).tiny
    step: Array = np.maximum(np.abs(weight).max(axis=0) / HIGHEST, smallest)
    return step
