"""A stepper of one stream whose weights are int8: each layer's product and cell are one function.

What is called from Python takes arrays alone, for which numba needs a third of the time of tuples.
The readable twins are `charrnn.stepper` and the cells' equations.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numba
import numpy as np

from charrnn.arrays import Array
from charrnn.fast.arithmetic import compiled
from charrnn.fast.in_place.step import Step, parts
from charrnn.fast.int8.products import Buffers, product, shares, use_threads
from charrnn.prepared import Prepared
from charrnn.stepper import Ids, Stepper


class Int8Stepper(Stepper):
    """One stream of a network whose layers' weights are rounded to int8."""

    def __init__(self, network: Prepared) -> None:
        super().__init__(network, streams=1)
        most = max(shares(packed.weights) for packed, _ in network.packed)
        if most > 1:
            use_threads(min(most, numba.get_num_threads()))

    def _step(self, number: int, read: Array, state: tuple[Array, ...]) -> Step:
        return Layer(self.network, number, read, state)

    def _input(self, number: int) -> Callable[[Ids], Array]:
        packed = self.network.packed[number][1]
        if packed is None:
            return super()._input(number)
        below = self._outputs[number - 1]
        buffers, share = Buffers.of(packed), np.empty_like(packed.bias)
        parts = shares(packed.weights)

        def into(_: Ids) -> Array:
            product(below, *packed, *buffers, parts, share)
            return share

        return into

    def _logits(self) -> Array:
        weight, bias = self.network.head
        logits = np.empty((1, len(bias)), np.float32)
        read_out(self._head_input, weight, bias, logits[0])
        return logits


class Layer:
    """A layer of one stream, advanced in place; see `charrnn.cells.cell.Step`."""

    def __init__(
        self, network: Prepared, number: int, read: Array, state: tuple[Array, ...]
    ) -> None:
        packed = network.packed[number][0]
        self._advance = import_module(f"{__package__}.{network.architecture.cell_name}").advance
        gates = np.empty_like(packed.bias)
        self.gates = parts(gates, len(state[0]))
        self._rest = (read, *packed, *Buffers.of(packed), shares(packed.weights), gates, *state)

    def __call__(self, inputs: Array) -> None:
        """Advance by one character. inputs (G·H,)."""
        self._advance(inputs, *self._rest)


@compiled
def read_out(inputs: Any, weight: Any, bias: Any, logits: Any) -> None:
    """Write the logits (V,), float32 all through.

    NumPy is as fast, but its threads and numba's would be in each other's way.
    """
    for v in range(len(logits)):
        logits[v] = bias[v]
    for k in range(len(inputs)):
        row = weight[k]
        for v in range(len(logits)):
            logits[v] += inputs[k] * row[v]
