"""The vanilla recurrent network.

    h_t = tanh(W_hh h_{t-1} + b_hh + W_xh x_t + b_xh)

Source: Elman 1990, as in the lectures; torch.nn.RNN with its default tanh.
"""

import numpy as np

from charrnn.cells.cell import Array, Recurrent, Signal

GATES: tuple[str, ...] = ("h",)
SIGMOIDS: tuple[str, ...] = ()
INNER: tuple[str, ...] = ()
JOINED = True
STATES: tuple[str, ...] = ("h",)
SIGNALS = {"h": Signal(-1, 1, "output")}
DEFAULT_SIGNAL = "h"


class Step:
    """A vanilla layer, advanced in place. Inputs (N, H): W_xh x_t + b_xh + b_hh."""

    gates: tuple[Array, ...] = ()

    def __init__(self, recurrent: Recurrent, read: Array, state: tuple[Array, ...]) -> None:
        (self._h,) = state
        self._weight, self._read = recurrent.weight, read
        self._sum = np.empty_like(self._h)

    def __call__(self, inputs: Array) -> None:
        """Advance by one character."""
        self._read.dot(self._weight, self._sum)
        self._sum += inputs
        np.tanh(self._sum, self._h)
