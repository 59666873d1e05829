"""What every cell's module offers, and the one non-linearity that NumPy lacks."""

from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]


class Recurrent(NamedTuple):
    """The weights through which a layer reads its own past; G gates of H units.

    weight (H, G·H): torch.nn's `weight_hh` transposed, halved for the gates in `SIGMOIDS`. bias
    (G·H,): of its `bias_hh` only the gates in `INNER`; for the others, which merely add up with the
    input's share, it is zero there and its value stands in the input's bias.
    """

    weight: Array
    bias: Array


class Signal(NamedTuple):
    """Something that can be read of a unit at each character.

    low, high: the range of its values, for drawing. For the cell state of an LSTM, which has
    no bounds, it is the range of its tanh.
    """

    low: float
    high: float
    meaning: str


class Cell(Protocol):
    """A recurrent cell: `GATES` in torch.nn's order, `STATES` with h first, `SIGNALS`.

    SIGMOIDS: the gates under a sigmoid. σ(x) = tanh(x / 2) / 2 + 1/2, so that `step` wants half of
    their x: the weights are halved once, which is exact, instead of x at every step. INNER: the
    gates whose recurrent bias cannot be moved to the input's share.
    """

    GATES: tuple[str, ...]
    SIGMOIDS: tuple[str, ...]
    INNER: tuple[str, ...]
    STATES: tuple[str, ...]
    SIGNALS: dict[str, Signal]
    DEFAULT_SIGNAL: str

    def step(
        self, recurrent: Recurrent, inputs: Array, state: tuple[Array, ...]
    ) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
        """Advance by one character; return the new states and the gates that have a name."""


def squash(half: Array) -> None:
    """Make σ(x) = 1 / (1 + e^-x) of x / 2, in place, through tanh, which cannot overflow."""
    np.tanh(half, out=half)
    half *= 0.5
    half += 0.5
