"""How a layer advances by one character in NumPy: in place, or by the cell's own equations."""

import functools
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np

from charrnn.arrays import Array
from charrnn.cells.cell import Cell, Past

HALF = np.array(0.5, np.float32)  # with which NumPy is faster than with a number of Python's


class Step(Protocol):
    """One layer of N streams that reads a character of each at a time, into arrays made once.

    gates: (N, H) each, as of the last character, after their squashing; those that have a name.
    With one stream all arrays may be without their first axis, which NumPy is faster with.
    """

    gates: tuple[Array, ...]

    def __init__(self, past: Past, read: Array, state: tuple[Array, ...]) -> None:
        """Prepare to advance a state, h first, (N, H) each, in place.

        read (N, K): what the recurrent weight (K, G·H) multiplies; h is its last columns, and where
        the cell is `JOINED` there may be others.
        """

    def __call__(self, inputs: Array) -> None:
        """Advance by one character.

        inputs (N, G·H): the input's share with the biases; or the biases alone (G·H,), where `read`
        holds the input.
        """


class Twin(Protocol):
    """A cell's fast version: a module of this package, called as the cell is.

    HALVED: the gates under a sigmoid. σ(x) = tanh(x / 2) / 2 + 1/2, so that `Step` wants half of
    their x: the weights are halved once, which is exact, instead of x at every step.
    """

    HALVED: tuple[str, ...]

    @property
    def Step(self) -> type[Step]:  # noqa: N802
        """The class that advances a layer."""


@functools.cache
def twin(name: str) -> Twin | None:
    """Return the fast version of the cell with a name, if it has one."""
    found = f"{__package__}.{name}"
    module: Any = import_module(found) if find_spec(found) else None
    fast: Twin | None = module
    return fast


class Equations:
    """A `Step` that does what the cell's own equations say."""

    def __init__(self, cell: Cell, past: Past, read: Array, state: tuple[Array, ...]) -> None:
        self._cell, self._past, self._read, self._state = cell, past, read, state
        self._below = read.shape[-1] - state[0].shape[-1]  # columns that are not h
        gates = [name for name in cell.GATES if name not in cell.STATES]
        self.gates = tuple(np.zeros_like(state[0]) for _ in gates)

    def __call__(self, inputs: Array) -> None:
        """Advance by one character."""
        past = self._past
        if self._below:
            inputs = inputs + self._read[..., : self._below] @ past.weight[: self._below]
            past = Past(past.weight[self._below :], past.bias)
        share = np.broadcast_to(inputs, (*self._read.shape[:-1], past.weight.shape[1]))
        new, gates = self._cell.step(OPS, share, self._state, past)
        for kept, value in zip((*self._state, *self.gates), (*new, *gates.values()), strict=True):
            kept[...] = value


class NumPy:
    """NumPy's functions, see `charrnn.cells.cell.Ops`."""

    tanh = staticmethod(np.tanh)

    def sigmoid(self, array: Any) -> Any:
        """Return σ(x) = tanh(x / 2) / 2 + 1/2, which cannot overflow."""
        return np.tanh(array / 2) / 2 + 0.5

    def split(self, array: Any, parts: int) -> list[Any]:
        """Return equal parts of the last axis."""
        return np.split(array, parts, axis=-1)


OPS = NumPy()


def squash(half: Array) -> None:
    """Make σ(x) = 1 / (1 + e^-x) of x / 2, in place, through tanh, which cannot overflow."""
    np.tanh(half, out=half)
    half *= HALF
    half += HALF


def parts(array: Array, hidden: int) -> tuple[Array, ...]:
    """Return the gates that lie beside each other in an array (N, G·H), (N, H) each."""
    return tuple(array[..., at : at + hidden] for at in range(0, array.shape[-1], hidden))
