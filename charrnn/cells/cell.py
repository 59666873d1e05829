"""What a cell is: a declaration, and its equations as one pure function."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

State = tuple[Any, ...]
"""A layer's states (N, H), h first: arrays of NumPy, or tensors of torch."""
DEAD = 0.05  # a unit whose tanh(c), or h without a c, deviates less over a text is a constant


class Ops(Protocol):
    """The functions of an array library that the equations need beside its operators."""

    def sigmoid(self, array: Any) -> Any:
        """Return σ(x) = 1 / (1 + e^-x) of each entry."""

    def tanh(self, array: Any) -> Any:
        """Return tanh(x) of each entry."""

    def split(self, array: Any, parts: int) -> Sequence[Any]:
        """Return equal parts of the last axis."""


class Past(NamedTuple):
    """The weights through which a layer reads its own past; G gates of H units.

    weight (H, G·H): torch.nn's `weight_hh` transposed. bias (G·H,): of its `bias_hh` only the
    gates in `INNER`; for the others, which merely add up with the input's share, it is zero here
    and its value stands in the input's bias.
    """

    weight: Any
    bias: Any


class Rate(NamedTuple):
    """The peak learning rate of AdamW that suits a cell, as measured on many texts and sizes.

    peak: of 128 units over many steps. width: what falls with the number of units, as an exponent.
    hurry: what rises where there are few steps, as an exponent.
    """

    peak: float
    width: float = 0.75
    hurry: float = 0.0


class Signal(NamedTuple):
    """Something that can be read of a unit at each character.

    low, high: the range of its values, for drawing. squashed: it has no bounds, and is drawn
    through tanh, whose range they are.
    """

    low: float
    high: float
    meaning: str
    squashed: bool = False


class Cell(Protocol):
    """A recurrent cell: a module or a class; see `charrnn.cells.lstm`.

    NAME: as people write it. GATES: in torch.nn's order. STATES: h first. SIGNALS: all that can be
    read of a unit, states and gates. DEFAULT_SIGNAL: what is drawn where none is named. INNER: the
    gates whose recurrent bias does not merely add up with the input's share. JOINED: whether the
    shares of the input and of the past merely add up in every gate, so that one product can make
    both. KEEPER: the gate whose 1 keeps the old state, "" for none. FORGET_GATE: the gate whose
    bias training begins at `forget_bias`, "" for none. RATE: the learning rate that suits it.
    TORCH: the module of torch.nn with the same equations, "" for none.
    """

    NAME: str
    GATES: tuple[str, ...]
    STATES: tuple[str, ...]
    SIGNALS: Mapping[str, Signal]
    DEFAULT_SIGNAL: str
    INNER: tuple[str, ...]
    JOINED: bool
    KEEPER: str
    FORGET_GATE: str
    RATE: Rate
    TORCH: str

    def step(
        self, ops: Ops, share: Any, state: State, past: Past
    ) -> tuple[State, Mapping[str, Any]]:
        """Advance by one character; see `charrnn.cells.lstm.step`."""

    def output(self, ops: Ops, state: State, gates: Mapping[str, Any]) -> Any:
        """Return the h (N, H) that a step gives with these states and gates."""
