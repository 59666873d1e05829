"""Long short-term memory.

    i_t = σ(W_ii x_t + b_ii + W_hi h_{t-1} + b_hi)      input gate
    f_t = σ(W_if x_t + b_if + W_hf h_{t-1} + b_hf)      forget gate
    g_t = tanh(W_ig x_t + b_ig + W_hg h_{t-1} + b_hg)   candidate
    o_t = σ(W_io x_t + b_io + W_ho h_{t-1} + b_ho)      output gate
    c_t = f_t ∘ c_{t-1} + i_t ∘ g_t
    h_t = o_t ∘ tanh(c_t)

Source: Hochreiter & Schmidhuber 1997; the forget gate, Gers et al. 2000; gates in the order
of torch.nn.LSTM.
"""

import functools

import numpy as np

from charrnn.cells.cell import Array, Recurrent, Signal

GATES: tuple[str, ...] = ("i", "f", "g", "o")
SIGMOIDS: tuple[str, ...] = ("i", "f", "o")
INNER: tuple[str, ...] = ()
STATES: tuple[str, ...] = ("h", "c")
SIGNALS = {
    "h": Signal(-1, 1, "output"),
    "c": Signal(-1, 1, "cell state"),
    "i": Signal(0, 1, "input gate"),
    "f": Signal(0, 1, "forget gate; 1 keeps the old state"),
    "g": Signal(-1, 1, "candidate"),
    "o": Signal(0, 1, "output gate"),
}
DEFAULT_SIGNAL = "c"


def step(
    recurrent: Recurrent, inputs: Array, state: tuple[Array, ...]
) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """Advance an LSTM by one character.

    inputs (N, 4H): the input's share of the gates i, f, g, o, with both biases, halved but for g.
    state: h, c (N, H).
    Returns the new state and the gates i, f, g, o, each (N, H), after their squashing.
    """
    h, c = state
    hidden = h.shape[1]
    gates = h.dot(recurrent.weight)
    gates += inputs
    np.tanh(gates, out=gates)  # all four in one pass; i, f and o are sigmoids of twice that
    scale, offset = _squashing(hidden, gates.dtype)
    gates *= scale
    gates += offset
    i, f = gates[:, :hidden], gates[:, hidden : 2 * hidden]
    g, o = gates[:, 2 * hidden : 3 * hidden], gates[:, 3 * hidden :]
    c = f * c
    c += i * g
    h = np.tanh(c)
    h *= o
    return (h, c), (i, f, g, o)


@functools.cache
def _squashing(hidden: int, dtype: np.dtype[np.floating]) -> tuple[Array, Array]:
    """Return scale and offset (4H,) with which scale · tanh + offset is i, f, g, o."""
    scale = np.repeat(np.array([0.5, 0.5, 1.0, 0.5], dtype), hidden)
    return scale, 1 - scale
