"""A vanilla network in NumPy, advanced in place.

Its equation is that of `charrnn.cells.vanilla`.
"""

import numpy as np

from charrnn.arrays import Array
from charrnn.cells.cell import Past

HALVED: tuple[str, ...] = ()


class Step:
    """A vanilla layer, advanced in place. Inputs (N, H): W_xh x_t + b_xh + b_hh."""

    gates: tuple[Array, ...] = ()

    def __init__(self, past: Past, read: Array, state: tuple[Array, ...]) -> None:
        (self._h,) = state
        self._weight, self._read = past.weight, read
        self._sum = np.empty_like(self._h)

    def __call__(self, inputs: Array) -> None:
        """Advance by one character."""
        self._read.dot(self._weight, self._sum)
        self._sum += inputs
        np.tanh(self._sum, self._h)
