"""The gated recurrent unit, with the reset gate applied before the recurrent product.

    r_t = σ(W_ir x_t + b_ir + W_hr h_{t-1} + b_hr)
    z_t = σ(W_iz x_t + b_iz + W_hz h_{t-1} + b_hz)
    n_t = tanh(W_in x_t + b_in + W_hn (r_t ∘ h_{t-1}) + b_hn)
    h_t = (1 - z_t) ∘ n_t + z_t ∘ h_{t-1}

Source: Cho et al. 2014, the form of the paper and of the lectures; the tensors are those of
torch.nn.GRU, which applies the gate after the product, as `charrnn.cells.gru` does.
"""

import numpy as np

from charrnn.cells.cell import Array, Recurrent, parts, squash
from charrnn.cells.gru import DEFAULT_SIGNAL, GATES, SIGMOIDS, SIGNALS, STATES

__all__ = ["DEFAULT_SIGNAL", "GATES", "INNER", "JOINED", "SIGMOIDS", "SIGNALS", "STATES", "Step"]

INNER: tuple[str, ...] = ()
JOINED = False


class Step:
    """A GRU layer, advanced in place.

    Inputs (N, 3H): the input's share of r, z, n, with both biases, that of r and z halved.
    """

    def __init__(self, recurrent: Recurrent, read: Array, state: tuple[Array, ...]) -> None:
        (self._h,) = state
        *streams, hidden = self._h.shape
        self._read, self._split = read, 2 * hidden
        self._to_rz, self._to_n = np.split(recurrent.weight, [self._split], axis=1)
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
