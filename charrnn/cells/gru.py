"""The gated recurrent unit, with the reset gate applied after the recurrent product.

    r_t = σ(W_ir x_t + b_ir + W_hr h_{t-1} + b_hr)                reset gate
    z_t = σ(W_iz x_t + b_iz + W_hz h_{t-1} + b_hz)                update gate
    n_t = tanh(W_in x_t + b_in + r_t ∘ (W_hn h_{t-1} + b_hn))     candidate
    h_t = (1 - z_t) ∘ n_t + z_t ∘ h_{t-1}

The update gate z keeps: z → 1 holds the old state. Source: Cho et al. 2014, in the form of
torch.nn.GRU and cuDNN.
"""

from collections.abc import Mapping
from typing import Any

from charrnn.cells.cell import Ops, Past, Rate, Signal, State

NAME = "GRU"
GATES: tuple[str, ...] = ("r", "z", "n")
STATES: tuple[str, ...] = ("h",)
SIGNALS: Mapping[str, Signal] = {
    "h": Signal(-1, 1, "output"),
    "r": Signal(0, 1, "reset gate"),
    "z": Signal(0, 1, "update gate; 1 keeps the old state"),
    "n": Signal(-1, 1, "candidate"),
}
DEFAULT_SIGNAL = "h"
INNER: tuple[str, ...] = ("n",)
JOINED = False
KEEPER = "z"
FORGET_GATE = ""
RATE = Rate(0.007)
TORCH = "GRU"


def step(ops: Ops, share: Any, state: State, past: Past) -> tuple[State, Mapping[str, Any]]:
    """Advance by one character.

    share (N, 3H): the input's share of r, z, n, with b_i, b_hr and b_hz. state: h (N, H).
    Returns the new state, and the gates (N, H) after their squashing.
    """
    (h,) = state
    r, z, n = ops.split(share, 3)
    of_r, of_z, of_n = ops.split(h @ past.weight + past.bias, 3)
    r, z = ops.sigmoid(r + of_r), ops.sigmoid(z + of_z)
    n = ops.tanh(n + r * of_n)
    return (n + z * (h - n),), {"r": r, "z": z, "n": n}


def output(ops: Ops, state: State, gates: Mapping[str, Any]) -> Any:
    """Return h (N, H), which is the state."""
    return state[0]
