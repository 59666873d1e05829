"""An encoder and a decoder in torch: the network that writes a text for a text."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from charrnn.architecture import Architecture, Decoder
from charrnn.cells.cell import Past
from charrnn.training import stack
from charrnn.training.dropout import NONE, Dropout, drop
from charrnn.training.equations import OPS
from charrnn.training.inputs import looked_up, padded
from charrnn.training.model import CharacterModel
from charrnn.training.stack import State


class Encoded(NamedTuple):
    """Sources that were read: memory (N, S, M), the encoder's outputs; whole (N, M), those at
    which each direction has read the whole text; behind (N, S), where a text is over.
    """

    memory: Tensor
    whole: Tensor
    behind: Tensor


class Translator(CharacterModel):
    """An encoder with its decoder. What is not said here is as in `CharacterModel`."""

    def __init__(
        self,
        architecture: Architecture,
        fused: bool = False,
        dropout: Dropout = NONE,
        noise: bool = False,
    ) -> None:
        super().__init__(architecture, fused, dropout, noise)
        del self.head  # an encoder predicts nothing
        assert architecture.decoder
        self.decoder = Writer(architecture.decoder, fused, dropout)

    def encode(self, ids: Tensor, lengths: Tensor) -> Encoded:
        """Read sources (S, N), each to its own end; lengths (N,)."""
        outputs, _ = self.read(ids, lengths=lengths)
        streams = torch.arange(len(lengths), device=outputs.device)
        whole = outputs[lengths - 1, streams]
        if self.architecture.bidirectional:
            half = self.architecture.hidden
            whole = torch.cat([whole[:, :half], outputs[0, :, half:]], dim=1)
        return Encoded(outputs.transpose(0, 1), whole, padded(lengths, len(ids)).t())

    def targeted(self, inputs: Tensor, lengths: Tensor, written: Tensor) -> Tensor:
        """Return the logits (T, N, V) of what follows each target id (T, N), sources read."""
        return self.decoder.following(written, self.encode(inputs, lengths))


class Writer(CharacterModel):
    """A decoder. Its layers are those of a `CharacterModel`; see `charrnn.architecture.Decoder`."""

    architecture: Decoder

    def __init__(self, architecture: Decoder, fused: bool, dropout: Dropout) -> None:
        super().__init__(architecture, fused, dropout)
        hidden, memory = architecture.hidden, architecture.memory
        states = architecture.layers * len(architecture.cell.STATES) * hidden
        self.bridge = nn.Linear(memory, states)
        if architecture.attention == "additive":
            self.query = nn.Linear(hidden, hidden)
            self.energy = nn.Linear(hidden, 1, bias=False)
        if architecture.attention == "dot":
            self.joint = nn.Linear(hidden + memory, hidden)
        if architecture.attention == "additive" or (
            architecture.attention == "dot" and memory != hidden
        ):
            self.key = nn.Linear(memory, hidden, bias=False)

    def following(self, ids: Tensor, encoded: Encoded) -> Tensor:
        """Return the logits (T, N, V) of what follows each id (T, N)."""
        kind, state = self.architecture.attention, self.first(encoded.whole)
        if kind == "dot":
            outputs, _ = self.read(ids, state)
            return self.logits(self._with_context(outputs, encoded))
        x = self._of_characters(ids)
        if kind == "none":
            c = encoded.whole.expand(len(ids), -1, -1)
            outputs = self._through(torch.cat([x, c], dim=-1), state)
        else:
            outputs, c = self._attending(x, state, encoded)
        return self.logits(torch.cat([outputs, x, c], dim=-1))

    def first(self, whole: Tensor) -> State:
        """Return the state before the first symbol, tanh(W c + b) (Cho et al. 2014)."""
        shape = self.architecture
        parts = torch.tanh(self.bridge(whole)).chunk(shape.layers * len(shape.cell.STATES), dim=1)
        by = len(shape.cell.STATES)
        return tuple(tuple(parts[first : first + by]) for first in range(0, len(parts), by))

    def _dropped(self) -> Dropout:
        return self.dropout if self.training else NONE

    def _of_characters(self, ids: Tensor) -> Tensor:
        """Return what is read of each symbol alone (T, N, E)."""
        table = None if self.embedding is None else self.embedding.weight
        if table is not None:
            table = drop(table, self._dropped().embedding, len(table), 1)
        return looked_up(ids, table, self._any.new_empty(0, self.architecture.of_character))

    def _through(self, x: Tensor, state: State) -> Tensor:
        """Return the outputs (T, N, H) of all layers over x (T, N, ·)."""
        return stack.run(
            self.runner,
            self.rnn,
            None,
            x,
            state,
            residual=self.architecture.residual,
            dropout=self._dropped(),
        )[0]

    def _with_context(self, outputs: Tensor, encoded: Encoded) -> Tensor:
        """Return tanh(W [h; c]), where c is weighted by the products of h (T, N, H) and memory."""
        keys = self.key(encoded.memory) if hasattr(self, "key") else encoded.memory  # (N, S, H)
        h = outputs.transpose(0, 1)
        scores = (h @ keys.transpose(1, 2)).masked_fill(encoded.behind[:, None], -torch.inf)
        c = scores.softmax(dim=-1) @ encoded.memory  # (N, T, M)
        return torch.tanh(self.joint(torch.cat([h, c], dim=-1))).transpose(0, 1)

    def _attending(self, x: Tensor, state: State, encoded: Encoded) -> tuple[Tensor, Tensor]:
        """Return the outputs (T, N, H) of all layers, and the c (T, N, M) read with each x.

        v · tanh(W h_{t-1} + U m_s + b) weighs the outputs m_s of the encoder, h of the first layer.
        """
        cell, dropout = self.architecture.cell, self._dropped()
        weight_ih, weight_hh, bias_ih, bias_hh = self.rnn.all_weights[0]
        weight_hh = drop(weight_hh, dropout.recurrent, *weight_hh.shape)
        inner = [gate in cell.INNER for gate in cell.GATES]
        apart = torch.tensor(inner, device=bias_hh.device).repeat_interleave(
            len(bias_hh) // len(inner)
        )
        past = Past(weight_hh.t(), torch.where(apart, bias_hh, 0))
        of_x, of_c = weight_ih.split([x.shape[-1], encoded.memory.shape[-1]], dim=1)
        shares = nn.functional.linear(x, of_x, bias_ih + torch.where(apart, 0, bias_hh))
        keys, current = self.key(encoded.memory), state[0]
        outputs, contexts = [], []
        for share in shares:
            bent = torch.tanh(keys + self.query(current[0])[:, None])
            scores = self.energy(bent)[..., 0].masked_fill(encoded.behind, -torch.inf)
            c = (scores.softmax(dim=-1)[:, None] @ encoded.memory)[:, 0]  # (N, M)
            current, _ = cell.step(OPS, share + c @ of_c.t(), current, past)
            outputs.append(current[0])
            contexts.append(c)
        h = drop(torch.stack(outputs), dropout.outputs, *outputs[0].shape)
        return self._above(h, state), torch.stack(contexts)

    def _above(self, h: Tensor, state: State) -> Tensor:
        """Return the outputs of the layers above the first, of whose outputs h (T, N, H)."""
        dropout = self._dropped()
        for layer, first in zip(self.rnn.all_weights[1:], state[1:], strict=True):
            weight_ih, weight_hh, *biases = layer
            kept = [weight_ih, drop(weight_hh, dropout.recurrent, *weight_hh.shape), *biases]
            above, _ = self.runner.layer(None, h, kept, first)
            above = above + h if self.architecture.residual else above
            h = drop(above, dropout.outputs, *above.shape[1:])
        return h
