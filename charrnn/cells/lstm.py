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

import numpy as np

from charrnn.cells.cell import Array, Recurrent, Signal, parts

GATES: tuple[str, ...] = ("i", "f", "g", "o")
SIGMOIDS: tuple[str, ...] = ("i", "f", "o")
INNER: tuple[str, ...] = ()
JOINED = True
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


class Step:
    """An LSTM layer, advanced in place.

    Inputs (N, 4H): the input's share of i, f, g, o, with both biases, halved but for g.
    """

    def __init__(self, recurrent: Recurrent, read: Array, state: tuple[Array, ...]) -> None:
        self._h, self._c = state
        self._weight, self._read = recurrent.weight, read
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
