"""What every cell's module offers, and the one non-linearity that NumPy lacks."""

from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]
DEAD = 0.05  # a unit whose tanh(c), or h without a c, deviates less over a text is a constant
HIGHEST = 127  # of the whole numbers that a weight in int8 is
HALF = np.array(0.5, np.float32)  # with which NumPy is faster than with a number of Python's


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


class Step(Protocol):
    """One layer of N streams that reads a character of each at a time, into arrays made once.

    gates: (N, H) each, as of the last character, after their squashing; those that have a name.
    With one stream all arrays may be without their first axis, which NumPy is faster with.
    """

    gates: tuple[Array, ...]

    def __init__(self, recurrent: Recurrent, read: Array, state: tuple[Array, ...]) -> None:
        """Prepare to advance a state, h first, (N, H) each, in place.

        read (N, K): what the recurrent weight (K, G·H) multiplies; h is its last columns, and where
        the cell is `JOINED` there may be others.
        """

    def __call__(self, inputs: Array) -> None:
        """Advance by one character.

        inputs (N, G·H): the input's share with the biases; or the biases alone (G·H,), where `read`
        holds the input.
        """


class Cell(Protocol):
    """A recurrent cell: `GATES` in torch.nn's order, `STATES` with h first, `SIGNALS`.

    SIGMOIDS: the gates under a sigmoid. σ(x) = tanh(x / 2) / 2 + 1/2, so that `Step` wants half of
    their x: the weights are halved once, which is exact, instead of x at every step. INNER: the
    gates whose recurrent bias cannot be moved to the input's share. JOINED: whether the shares of
    the input and of the past merely add up, so that one product can make both.
    """

    GATES: tuple[str, ...]
    SIGMOIDS: tuple[str, ...]
    INNER: tuple[str, ...]
    JOINED: bool
    STATES: tuple[str, ...]
    SIGNALS: dict[str, Signal]
    DEFAULT_SIGNAL: str

    @property
    def Step(self) -> type[Step]:  # noqa: N802
        """The class that advances a layer."""


def squash(half: Array) -> None:
    """Make σ(x) = 1 / (1 + e^-x) of x / 2, in place, through tanh, which cannot overflow."""
    np.tanh(half, out=half)
    half *= HALF
    half += HALF


def parts(array: Array, hidden: int) -> tuple[Array, ...]:
    """Return the gates that lie beside each other in an array (N, G·H), (N, H) each."""
    return tuple(array[..., at : at + hidden] for at in range(0, array.shape[-1], hidden))


def rounded(weight: Array) -> Array:
    """Return a weight (K, M) near this one that int8 can hold, with a factor for each output."""
    step = steps_of(weight)
    nearest: Array = np.rint(weight / step) * step
    return nearest


def steps_of(weight: Array) -> Array:
    """Return, for each output of a weight (K, M), what 1 in int8 stands for, (M,)."""
    smallest = np.finfo(weight.dtype).tiny
    step: Array = np.maximum(np.abs(weight).max(axis=0) / HIGHEST, smallest)
    return step
