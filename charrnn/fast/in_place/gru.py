"""A GRU in NumPy, advanced in place; its equations are those of `charrnn.cells.gru`."""

import numpy as np

from charrnn.arrays import Array
from charrnn.cells.cell import Past
from charrnn.fast.in_place.step import parts, squash

HALVED: tuple[str, ...] = ("r", "z")


class Step:
    """A GRU layer, advanced in place.

    Inputs (N, 3H): the input's share of r, z, n, with b_i, b_hr and b_hz, that of r and z halved.
    """

    def __init__(self, past: Past, read: Array, state: tuple[Array, ...]) -> None:
        (self._h,) = state
        self._weight, self._read = past.weight, read
        *streams, hidden = self._h.shape
        self._all = np.empty((*streams, 3 * hidden), read.dtype)
        self.gates = parts(self._all, hidden)
        self._split = 2 * hidden
        self._rz = self._all[..., : self._split]
        self._bias = past.bias[self._split :]

    def __call__(self, inputs: Array) -> None:
        """Advance by one character."""
        h, rz, (r, z, n) = self._h, self._rz, self.gates
        self._read.dot(self._weight, self._all)
        rz += inputs[..., : self._split]
        squash(rz)
        n += self._bias
        n *= r
        n += inputs[..., self._split :]
        np.tanh(n, n)
        h -= n
        h *= z
        h += n
