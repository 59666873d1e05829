"""The gated recurrent unit, with the reset gate applied after the recurrent product.

    r_t = σ(W_ir x_t + b_ir + W_hr h_{t-1} + b_hr)
    z_t = σ(W_iz x_t + b_iz + W_hz h_{t-1} + b_hz)
    n_t = tanh(W_in x_t + b_in + r_t ∘ (W_hn h_{t-1} + b_hn))
    h_t = (1 - z_t) ∘ n_t + z_t ∘ h_{t-1}

The update gate z keeps: z → 1 holds the old state. Source: Cho et al. 2014, in the form of
torch.nn.GRU and cuDNN.
"""

import numpy as np

from charrnn.cells.cell import Array, Recurrent, Signal, squash

GATES: tuple[str, ...] = ("r", "z", "n")
SIGMOIDS: tuple[str, ...] = ("r", "z")
INNER: tuple[str, ...] = ("n",)
STATES: tuple[str, ...] = ("h",)
SIGNALS = {
    "h": Signal(-1, 1, "output"),
    "r": Signal(0, 1, "reset gate"),
    "z": Signal(0, 1, "update gate; 1 keeps the old state"),
    "n": Signal(-1, 1, "candidate"),
}
DEFAULT_SIGNAL = "h"


def step(
    recurrent: Recurrent, inputs: Array, state: tuple[Array, ...]
) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """Advance a GRU by one character.

    inputs (N, 3H): the input's share of r, z, n, with b_i, b_hr and b_hz, that of r and z halved.
    state: h (N, H).
    Returns the new state and the gates r, z, n, each (N, H), after their squashing.
    """
    (h,) = state
    hidden = h.shape[1]
    gates = h.dot(recurrent.weight)
    rz, n = gates[:, : 2 * hidden], gates[:, 2 * hidden :]
    rz += inputs[:, : 2 * hidden]
    squash(rz)
    r, z = rz[:, :hidden], rz[:, hidden:]
    n += recurrent.bias[2 * hidden :]
    n *= r
    n += inputs[:, 2 * hidden :]
    np.tanh(n, out=n)
    after = h - n
    after *= z
    after += n
    return (after,), (r, z, n)
