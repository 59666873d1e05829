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

from collections.abc import Mapping
from typing import Any

from charrnn.cells.cell import Ops, Past, Rate, Signal, State

NAME = "LSTM"
GATES: tuple[str, ...] = ("i", "f", "g", "o")
STATES: tuple[str, ...] = ("h", "c")
SIGNALS: Mapping[str, Signal] = {
    "h": Signal(-1, 1, "output"),
    "c": Signal(-1, 1, "cell state", squashed=True),
    "i": Signal(0, 1, "input gate"),
    "f": Signal(0, 1, "forget gate; 1 keeps the old state"),
    "g": Signal(-1, 1, "candidate"),
    "o": Signal(0, 1, "output gate"),
}
DEFAULT_SIGNAL = "c"
INNER: tuple[str, ...] = ()
JOINED = True
KEEPER = "f"
FORGET_GATE = "f"
RATE = Rate(0.01)
TORCH = "LSTM"


def step(ops: Ops, share: Any, state: State, past: Past) -> tuple[State, Mapping[str, Any]]:
    """Advance by one character.

    share (N, 4H): the input's share of i, f, g, o, both biases included. state: h, c (N, H) each.
    Returns the new state, and the gates (N, H) after their squashing.
    """
    h, c = state
    i, f, g, o = ops.split(share + h @ past.weight, 4)
    gates = {"i": ops.sigmoid(i), "f": ops.sigmoid(f), "g": ops.tanh(g), "o": ops.sigmoid(o)}
    c = gates["f"] * c + gates["i"] * gates["g"]
    return (output(ops, (h, c), gates), c), gates


def output(ops: Ops, state: State, gates: Mapping[str, Any]) -> Any:
    """Return h (N, H) from the cell state and the output gate."""
    return gates["o"] * ops.tanh(state[1])
