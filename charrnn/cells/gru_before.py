"""The gated recurrent unit, with the reset gate applied before the recurrent product.

    r_t = σ(W_ir x_t + b_ir + W_hr h_{t-1} + b_hr)                reset gate
    z_t = σ(W_iz x_t + b_iz + W_hz h_{t-1} + b_hz)                update gate
    n_t = tanh(W_in x_t + b_in + W_hn (r_t ∘ h_{t-1}) + b_hn)     candidate
    h_t = (1 - z_t) ∘ n_t + z_t ∘ h_{t-1}

Source: Cho et al. 2014, the form of the paper and of the lectures; the tensors are those of
torch.nn.GRU, which applies the gate after the product, as `charrnn.cells.gru` does.
"""

from collections.abc import Mapping
from typing import Any

from charrnn.cells.cell import Ops, Past, State
from charrnn.cells.gru import (
    DEFAULT_SIGNAL,
    FORGET_GATE,
    GATES,
    KEEPER,
    RATE,
    SIGNALS,
    STATES,
    output,
)

__all__ = [
    "DEFAULT_SIGNAL", "FORGET_GATE", "GATES", "INNER", "JOINED", "KEEPER", "NAME", "RATE",
    "SIGNALS", "STATES", "TORCH", "output", "step",
]  # fmt: skip

NAME = "GRU with the reset gate before the product"
INNER: tuple[str, ...] = ()
JOINED = False
TORCH = ""


def step(ops: Ops, share: Any, state: State, past: Past) -> tuple[State, Mapping[str, Any]]:
    """Advance by one character.

    share (N, 3H): the input's share of r, z, n, both biases included. state: h (N, H).
    Returns the new state, and the gates (N, H) after their squashing.
    """
    (h,) = state
    both = 2 * h.shape[-1]
    r, z = ops.split(ops.sigmoid(share[..., :both] + h @ past.weight[:, :both]), 2)
    n = ops.tanh(share[..., both:] + (r * h) @ past.weight[:, both:])
    return (n + z * (h - n),), {"r": r, "z": z, "n": n}
