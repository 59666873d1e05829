"""The gated recurrent unit, with the reset gate applied before the recurrent product.

    r_t = σ(W_ir x_t + b_ir + W_hr h_{t-1} + b_hr)
    z_t = σ(W_iz x_t + b_iz + W_hz h_{t-1} + b_hz)
    n_t = tanh(W_in x_t + b_in + W_hn (r_t ∘ h_{t-1}) + b_hn)
    h_t = (1 - z_t) ∘ n_t + z_t ∘ h_{t-1}

Source: Cho et al. 2014, the form of the paper and of the lectures; the tensors are those of
torch.nn.GRU, which applies the gate after the product, as `charrnn.cells.gru` does.
"""

import numpy as np

from charrnn.cells.cell import Array, Recurrent, squash
from charrnn.cells.gru import DEFAULT_SIGNAL, GATES, SIGMOIDS, SIGNALS, STATES

__all__ = ["DEFAULT_SIGNAL", "GATES", "INNER", "SIGMOIDS", "SIGNALS", "STATES", "step"]

INNER: tuple[str, ...] = ()


def step(
    recurrent: Recurrent, inputs: Array, state: tuple[Array, ...]
) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """Advance a GRU by one character.

    inputs (N, 3H): the input's share of r, z, n, with both biases, that of r and z halved. state:
    h (N, H).
    Returns the new state and the gates r, z, n, each (N, H), after their squashing.
    """
    (h,) = state
    hidden = h.shape[1]
    rz = h.dot(recurrent.weight[:, : 2 * hidden])
    rz += inputs[:, : 2 * hidden]
    squash(rz)
    r, z = rz[:, :hidden], rz[:, hidden:]
    n = np.tanh(inputs[:, 2 * hidden :] + (r * h).dot(recurrent.weight[:, 2 * hidden :]))
    return (n + z * (h - n),), (r, z, n)
