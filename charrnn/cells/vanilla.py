"""The vanilla recurrent network.

    h_t = tanh(W_hh h_{t-1} + b_hh + W_xh x_t + b_xh)

Source: Elman 1990, as in the lectures; torch.nn.RNN with its default tanh.
"""

import numpy as np

from charrnn.cells.cell import Array, Recurrent, Signal

GATES: tuple[str, ...] = ("h",)
SIGMOIDS: tuple[str, ...] = ()
INNER: tuple[str, ...] = ()
STATES: tuple[str, ...] = ("h",)
SIGNALS = {"h": Signal(-1, 1, "output")}
DEFAULT_SIGNAL = "h"


def step(
    recurrent: Recurrent, inputs: Array, state: tuple[Array, ...]
) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """Advance a vanilla network by one character.

    inputs (N, H): W_xh x_t + b_xh + b_hh. state: h (N, H). Returns the new state, and no gates.
    """
    (h,) = state
    return (np.tanh(inputs + h.dot(recurrent.weight)),), ()
