"""The vanilla recurrent network.

    h_t = tanh(W_hh h_{t-1} + b_hh + W_xh x_t + b_xh)

Source: Elman 1990, as in the lectures; torch.nn.RNN with its default tanh.
"""

from collections.abc import Mapping
from typing import Any

from charrnn.cells.cell import Ops, Past, Rate, Signal, State

NAME = "vanilla"
GATES: tuple[str, ...] = ("h",)
STATES: tuple[str, ...] = ("h",)
SIGNALS: Mapping[str, Signal] = {"h": Signal(-1, 1, "output")}
DEFAULT_SIGNAL = "h"
INNER: tuple[str, ...] = ()
JOINED = True
KEEPER = ""
FORGET_GATE = ""
RATE = Rate(0.006, width=0.55, hurry=0.7)
TORCH = "RNN"


def step(ops: Ops, share: Any, state: State, past: Past) -> tuple[State, Mapping[str, Any]]:
    """Advance by one character.

    share (N, H): W_xh x_t + b_xh + b_hh. state: h (N, H). Returns the new state, and no gates.
    """
    (h,) = state
    return (ops.tanh(share + h @ past.weight),), {}


def output(ops: Ops, state: State, gates: Mapping[str, Any]) -> Any:
    """Return h (N, H), which is the state."""
    return state[0]
