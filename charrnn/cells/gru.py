"""The gated recurrent unit, with the reset gate applied after the recurrent product.

    r_t = σ(W_ir x_t + b_ir + W_hr h_{t-1} + b_hr)
    z_t = σ(W_iz x_t + b_iz + W_hz h_{t-1} + b_hz)
    n_t = tanh(W_in x_t + b_in + r_t ∘ (W_hn h_{t-1} + b_hn))
    h_t = (1 - z_t) ∘ n_t + z_t ∘ h_{t-1}

The update gate z keeps: z → 1 holds the old state. Source: Cho et al. 2014, in the form of
torch.nn.GRU and cuDNN.
"""

import numpy as np

from charrnn.cells.cell import Array, Recurrent, Signal, parts, squash

GATES: tuple[str, ...] = ("r", "z", "n")
SIGMOIDS: tuple[str, ...] = ("r", "z")
INNER: tuple[str, ...] = ("n",)
JOINED = False
STATES: tuple[str, ...] = ("h",)
SIGNALS = {
    "h": Signal(-1, 1, "output"),
    "r": Signal(0, 1, "reset gate"),
    "z": Signal(0, 1, "update gate; 1 keeps the old state"),
    "n": Signal(-1, 1, "candidate"),
}
DEFAULT_SIGNAL = "h"


class Step:
    """A GRU layer, advanced in place.

    Inputs (N, 3H): the input's share of r, z, n, with b_i, b_hr and b_hz, that of r and z halved.
    """

    def __init__(self, recurrent: Recurrent, read: Array, state: tuple[Array, ...]) -> None:
        (self._h,) = state
        self._weight, self._read = recurrent.weight, read
        *streams, hidden = self._h.shape
        self._all = np.empty((*streams, 3 * hidden), read.dtype)
        self.gates = parts(self._all, hidden)
        self._split = 2 * hidden
        self._rz = self._all[..., : self._split]
        self._bias = recurrent.bias[self._split :]

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
