"""A checkpoint's weights as the running half needs them: transposed, joined, halved, rounded."""

import itertools
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from charrnn import fast
from charrnn.architecture import Architecture
from charrnn.arrays import Array, rounded
from charrnn.cells.cell import Past
from charrnn.errors import UsageError
from charrnn.fast.in_place.step import Equations, Step, twin

if TYPE_CHECKING:
    from charrnn.fast.int8.products import Packed

State = tuple[tuple[Array, ...], ...]
"""For each layer, bottom up, its states (N, H), h first; for both directions if it has two."""


class Layer(NamedTuple):
    """One recurrent layer: the input's weights (inputs, G·H) and bias, and the recurrent ones.

    In the first layer the input is an id, so `weight` is a table whose row is that id's product
    with the bias added. For a sigmoid's gates everything is halved, see `Twin`. Above it, in
    a cell whose products merely add up, `joined` holds both weights, one below the other, unless
    the layer reads more than the h below it.
    """

    weight: Array
    bias: Array
    recurrent: Past
    joined: Past | None


class Prepared:
    """The weights of a network, and what follows from them alone."""

    def __init__(
        self,
        architecture: Architecture,
        weights: Mapping[str, npt.NDArray[np.generic]],
        dtype: npt.DTypeLike = np.float32,
        int8: bool = False,
        end: int | None = None,
    ) -> None:
        """Take a checkpoint's weights, see `Network`. end: the id that begins and ends a text."""
        if int8 and (reason := fast.missing()):
            raise UsageError(f"int8 weights: {reason}", "float32 needs no more than NumPy")
        if int8 and not fast.has_int8(architecture.cell_name):
            raise UsageError(f"int8 weights are not made for the cell {architecture.cell.NAME}")
        self.int8 = int8
        self.architecture = architecture
        self.dtype = np.dtype(dtype)
        self.end = end

        def tensor(name: str) -> Array:
            return np.ascontiguousarray(weights[name].T, dtype=self.dtype)

        cell, hidden = architecture.cell, architecture.hidden
        inner = np.repeat([gate in cell.INNER for gate in cell.GATES], hidden)
        fast_one = twin(architecture.cell_name)
        halved = fast_one.HALVED if fast_one else ()
        half = [0.5 if gate in halved else 1 for gate in cell.GATES]
        scale = np.repeat(np.array(half, self.dtype), hidden)
        self.layers: list[Layer] = []  # those of both directions beside each other
        apart = architecture.residual or architecture.bidirectional
        ways = ("", "_reverse")[: 1 + architecture.bidirectional]
        for layer, way in itertools.product(range(architecture.layers), ways):
            bias = tensor(f"rnn.bias_hh_l{layer}{way}")
            kept = np.where(inner, bias, 0)
            outer = (tensor(f"rnn.bias_ih_l{layer}{way}") + bias - kept) * scale
            into, past = (
                tensor(f"rnn.weight_{name}_l{layer}{way}") * scale for name in ("ih", "hh")
            )
            joined = None
            if layer and cell.JOINED and not apart:
                both = np.concatenate([into, past])
                joined = Past(rounded(both) if int8 else both, kept)
                into, past = np.split(joined.weight, 2)
            elif int8:
                into, past = rounded(into) if layer else into, rounded(past)
            self.layers.append(Layer(into, outer, Past(past, kept), joined))
        self.shares: Array | None = None  # of the labels (K, G·H), to add to a character's row
        characters = architecture.of_character
        self.beside = self.layers[0].weight[characters:]  # of what is read beside a character
        for number, first in enumerate(self.layers[: len(ways)]):
            table = first.weight[:characters]
            if architecture.labels:
                self.shares = tensor("labels.weight").T @ self.beside
            if architecture.embedding:
                table = tensor("embedding.weight").T @ table
            self.layers[number] = first._replace(weight=table + first.bias)
        head = "embedding.weight" if architecture.tied else "head.weight"
        pools = architecture.pool == "attention"
        self.attention_vector = tensor("attention.weight")[:, 0] if pools else None  # (D,)
        nothing = np.zeros((architecture.outputs, 0), self.dtype), np.zeros(0, self.dtype)
        self.head = nothing if architecture.decoder else (tensor(head), tensor("head.bias"))
        names = ("weight", "bias") if architecture.head_hidden else ()
        self.head_hidden = tuple(tensor(f"head_hidden.{name}") for name in names)
        self._first = [
            np.asarray(weights[f"initial.{name}"], self.dtype)
            if architecture.learned_start
            else np.zeros((architecture.runs, architecture.hidden), self.dtype)
            for name in cell.STATES
        ]

    @cached_property
    def packed(self) -> "list[tuple[Packed, Packed | None]]":
        """Each layer's weights in int8: what its step multiplies, and the input's if apart."""
        from charrnn.fast.int8.products import Packed

        both = []
        for number, layer in enumerate(self.layers):
            step, apart = layer.joined or layer.recurrent, number and not layer.joined
            into = Packed.of(layer.weight, layer.bias) if apart else None
            both.append((Packed.of(step.weight, step.bias), into))
        return both

    def compiled_before(self) -> bool:
        """Return whether what steps of one stream in int8 call was compiled on this machine."""
        apart = any(into for _, into in self.packed)
        needed = [f"{self.architecture.cell_name}.advance", *["products.product"] * apart]
        return all(fast.used_before(f"int8/{function}") for function in needed)

    def start(self, streams: int = 1) -> State:
        """Return the state before the first character, zero or learned, for a number of streams."""
        return tuple(
            tuple(np.repeat(part[run][None], streams, axis=0) for part in self._first)
            for run in range(self.architecture.runs)
        )

    def begin_anew(
        self, layer: int, state: tuple[Array, ...], fresh: npt.NDArray[np.bool_]
    ) -> None:
        """Put a layer's state (N, H) back, in place, to the first one in some of the streams."""
        for part, first in zip(state, self._first, strict=True):
            part[fresh] = first[layer]

    def steps(self, past: Past, read: Array, state: tuple[Array, ...]) -> Step:
        """Return what advances a layer in place; see `Step`."""
        if fast_one := twin(self.architecture.cell_name):
            return fast_one.Step(past, read, state)
        return Equations(self.architecture.cell, past, read, state)

    def logits(self, outputs: Array) -> Array:
        """Return the logits (…, V) of what the head reads (…, ·)."""
        if self.head_hidden:
            outputs = np.tanh(outputs @ self.head_hidden[0] + self.head_hidden[1])
        found: Array = outputs @ self.head[0] + self.head[1]
        return found

    def pushes(self, number: int) -> Array | None:
        """Return by how much a unit's output moves each logit (V,), through the head alone.

        number: from 0 through all layers. None for a unit whose output the softmax does not read.
        """
        shape = self.architecture
        if shape.head_hidden:
            return None
        layer, place = divmod(number, shape.width)
        is_read = shape.all_layers or shape.residual or layer == shape.layers - 1
        place = number if shape.all_layers else place
        pushed: Array = self.head[0][place]
        return pushed if is_read else None

    def output_of(self, h: Array, below: list[Array]) -> Array:
        """Return a layer's output, given its h and the outputs of those below it."""
        return h + below[-1] if self.architecture.residual and below else h

    def head_input(self, outputs: list[Array]) -> Array:
        """Return what the head reads, given the outputs of all layers."""
        return np.concatenate(outputs, axis=-1) if self.architecture.all_layers else outputs[-1]
