"""The shape of a network: which cell, how many layers and units, which tensors."""

import math
from dataclasses import dataclass
from typing import Any, Self

from charrnn.cells import CELLS
from charrnn.cells.cell import Cell


@dataclass(frozen=True)
class Architecture:
    """What decides the tensors of a network.

    vocabulary: the number of ids V. embedding: the size of the input embedding, 0 for one-hot.
    reset_gate: for a GRU, whether it comes "before" or "after" the recurrent product.
    tied: the softmax uses the embedding's matrix. residual: layers above the first add what they
    read to their outputs. all_layers: the softmax reads every layer. learned_start: the state
    before the first character is learned. bidirectional: each layer reads a text forwards and
    backwards, and what is above it reads both. apart: of these, each direction reads its own
    layers alone, and the head reads, for each character, the outputs before it and after it: those
    that have not read the character itself, which is predicted. classes: of labels, 0 for a model
    that predicts characters. pool: how a text's outputs become the one vector that the head reads;
    empty where each character has a label of its own. labels: how many there are for which texts
    are written, 0 for none; label_size: the size of the vector of each, which the first layer reads
    at every step beside the character. head_hidden: units of a tanh layer between the outputs and
    the softmax, 0 for none. decoder: what writes a text for the one that is read; this network is
    then the encoder, and has no head.
    """

    backbone: str
    layers: int
    hidden: int
    vocabulary: int
    embedding: int = 0
    reset_gate: str = "after"
    tied: bool = False
    residual: bool = False
    all_layers: bool = False
    learned_start: bool = False
    bidirectional: bool = False
    classes: int = 0
    pool: str = ""
    labels: int = 0
    label_size: int = 0
    apart: bool = False
    head_hidden: int = 0
    decoder: "Decoder | None" = None

    @classmethod
    def of(cls, fields: dict[str, Any]) -> Self:
        """Return what `dataclasses.asdict` has taken apart. Raises TypeError for other fields."""
        inner = fields.get("decoder")
        return cls(**fields | ({"decoder": Decoder(**inner)} if inner else {}))

    @property
    def targets(self) -> int:
        """How many logits the head gives: one for each label, or for each id."""
        return self.decoder.targets if self.decoder else self.classes or self.vocabulary

    @property
    def cell_name(self) -> str:
        """The recurrent cell's name among `CELLS`."""
        variant = f"{self.backbone}_{self.reset_gate}"
        return variant if variant in CELLS else self.backbone

    @property
    def cell(self) -> Cell:
        """The recurrent cell's module."""
        return CELLS[self.cell_name]

    @property
    def inputs(self) -> int:
        """How many numbers the first layer reads at a step: a character's, then a label's."""
        return self.of_character + self.label_size

    @property
    def of_character(self) -> int:
        """How many of the numbers that the first layer reads at a step are a character's."""
        return self.embedding or self.vocabulary

    @property
    def outputs(self) -> int:
        """How many numbers the head reads."""
        return self.width * (self.layers if self.all_layers else 1)

    @property
    def width(self) -> int:
        """How many numbers a layer passes on for a character, of both directions if it has two."""
        return self.hidden * (1 + self.bidirectional)

    @property
    def runs(self) -> int:
        """How many recurrences there are: one for each layer and direction."""
        return self.layers * (1 + self.bidirectional)

    @property
    def neurons(self) -> int:
        """How many units there are in all layers."""
        return self.runs * self.hidden

    @property
    def causal(self) -> bool:
        """Whether it predicts the next character, from those before it alone."""
        return not (self.classes or self.bidirectional or self.decoder)

    @property
    def scored(self) -> str:
        """What its loss is a mean over: each "text" that is labelled, "symbol" or "character"."""
        return "text" if self.pool else "symbol" if self.decoder else "character"

    @property
    def stack(self) -> str:
        """Which part of a network that writes a text for a text it is, empty for a network."""
        return "encoder" if self.decoder else ""

    @property
    def aligned(self) -> bool:
        """Whether each character is labelled, and not each text."""
        return bool(self.classes) and not self.pool

    @property
    def parameters(self) -> int:
        """How many numbers are learned."""
        return sum(math.prod(shape) for shape in self.shapes().values())

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of every tensor, under the names of torch.nn."""
        gates = len(self.cell.GATES) * self.hidden
        shapes: dict[str, tuple[int, ...]] = {}
        if self.embedding:
            shapes["embedding.weight"] = (self.vocabulary, self.embedding)
        if self.labels:
            shapes["labels.weight"] = (self.labels, self.label_size)
        for layer in range(self.layers):
            below = self.hidden if self.apart else self.width
            inputs = below if layer else self.inputs
            for way in ("", "_reverse")[: 1 + self.bidirectional]:
                shapes[f"rnn.weight_ih_l{layer}{way}"] = (gates, inputs)
                shapes[f"rnn.weight_hh_l{layer}{way}"] = (gates, self.hidden)
                shapes[f"rnn.bias_ih_l{layer}{way}"] = (gates,)
                shapes[f"rnn.bias_hh_l{layer}{way}"] = (gates,)
        if self.learned_start:
            for name in self.cell.STATES:
                shapes[f"initial.{name}"] = (self.runs, self.hidden)
        if self.pool == "attention":
            shapes["attention.weight"] = (1, self.outputs)
        if self.decoder:
            within = self.decoder.shapes().items()
            return shapes | {f"{DECODER}{name}": shape for name, shape in within}
        if self.head_hidden:
            shapes["head_hidden.weight"] = (self.head_hidden, self.outputs)
            shapes["head_hidden.bias"] = (self.head_hidden,)
        if not self.tied:
            shapes["head.weight"] = (self.targets, self.head_hidden or self.outputs)
        shapes["head.bias"] = (self.targets,)
        return shapes


DECODER = "decoder."  # before the names of its tensors
ATTENTION = ("none", "additive", "dot")


@dataclass(frozen=True)
class Decoder(Architecture):
    """The part of a network that writes a text for one that an encoder has read.

    memory: the size M of the encoder's output for each character. attention: "none" reads c, the
    output at which each direction has read the whole text, at every step beside the character, and
    the head reads the character and c, too (Cho et al. 2014). With "additive" c is a mean of the
    encoder's outputs, weighted by the state before (Bahdanau et al. 2015). With "dot" it is
    weighted by the decoder's output, and both make what the head reads (Luong et al. 2015).
    label_size is M where the first layer reads c. The first state is made of the c of "none".
    """

    memory: int = 0
    attention: str = "none"

    @property
    def stack(self) -> str:
        """Which part of a network it is."""
        return "decoder"

    @property
    def scored(self) -> str:
        """What its loss is a mean over."""
        return "symbol"

    @property
    def outputs(self) -> int:
        """How many numbers the softmax reads."""
        return self.hidden + (self.of_character + self.memory) * (self.attention != "dot")

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of every tensor; beside a plain network's those of the attention."""
        hidden, memory = self.hidden, self.memory
        states = self.layers * len(self.cell.STATES) * hidden
        shapes = super().shapes()
        shapes |= {"bridge.weight": (states, memory), "bridge.bias": (states,)}
        if self.attention == "additive":
            shapes |= {"query.weight": (hidden, hidden), "query.bias": (hidden,)}
            shapes |= {"key.weight": (hidden, memory), "energy.weight": (1, hidden)}
        if self.attention == "dot":
            shapes |= {"key.weight": (hidden, memory)} if memory != hidden else {}
            shapes |= {"joint.weight": (hidden, hidden + memory), "joint.bias": (hidden,)}
        return shapes
