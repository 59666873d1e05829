"""A GRU with the reset gate before the product, in NumPy, advanced in place.

Its equations are those of `charrnn.cells.gru_before`.
"""

import numpy as np

from charrnn.arrays import Array
from charrnn.cells.cell import Past
from charrnn.fast.in_place.step import parts, squash

HALVED: tuple[str, ...] = ("r", "z")


class Step:
    """A GRU layer, advanced in place.

    Inputs (N, 3H): the input's share of r, z, n, with both biases, that of r and z halved.
    """

    def __init__(self, past: Past, read: Array, state: tuple[Array, ...]) -> None:
        (self._h,) = state
        *streams, hidden = self._h.shape
        self._read, self._split = read, 2 * hidden
        self._to_rz, self._to_n = np.split(past.weight, [self._split], axis=1)
        self._rz = np.empty((*streams, self._split), read.dtype)
        self._n, self._left = np.empty_like(self._h), np.empty_like(self._h)
        self.gates = (*parts(self._rz, hidden), self._n)

    def __call__(self, inputs: Array) -> None:
        """Advance by one character."""
        h, left, (r, z, n) = self._h, self._left, self.gates
        self._read.dot(self._to_rz, self._rz)
        self._rz += inputs[..., : self._split]
        squash(self._rz)
        np.multiply(r, h, left)
        left.dot(self._to_n, n)
        n += inputs[..., self._split :]
        np.tanh(n, n)
        h -= n
        h *= z
        h += n
