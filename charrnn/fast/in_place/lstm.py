"""An LSTM in NumPy, advanced in place; its equations are those of `charrnn.cells.lstm`."""

import numpy as np

from charrnn.arrays import Array
from charrnn.cells.cell import Past
from charrnn.fast.in_place.step import parts

HALVED: tuple[str, ...] = ("i", "f", "o")


class Step:
    """An LSTM layer, advanced in place.

    Inputs (N, 4H): the input's share of i, f, g, o, with both biases, halved but for g.
    """

    def __init__(self, past: Past, read: Array, state: tuple[Array, ...]) -> None:
        self._h, self._c = state
        self._weight, self._read = past.weight, read
        *streams, hidden = self._h.shape
        self._all = np.empty((*streams, 4 * hidden), read.dtype)
        self.gates = parts(self._all, hidden)
        # With these, scale · tanh + offset is i, f, g, o.
        self._scale = np.repeat(np.array([0.5, 0.5, 1.0, 0.5], read.dtype), hidden)
        self._offset = 1 - self._scale
        self._new = np.empty_like(self._c)

    def __call__(self, inputs: Array) -> None:
        """Advance by one character."""
        gates, h, c, new = self._all, self._h, self._c, self._new
        i, f, g, o = self.gates
        self._read.dot(self._weight, gates)  # `dot` has less overhead than @
        gates += inputs
        np.tanh(gates, gates)  # all four in one pass; i, f and o are sigmoids of twice that
        gates *= self._scale
        gates += self._offset
        np.multiply(i, g, new)
        c *= f
        c += new
        np.tanh(c, h)
        h *= o
