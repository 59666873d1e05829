"""The network in torch: recurrent layers between an embedding and a softmax."""

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from charrnn.architecture import Architecture
from charrnn.training import kernels, stack, torch_nn
from charrnn.training.dropout import NONE, Dropout, drop
from charrnn.training.equations import Equations, Weights
from charrnn.training.inputs import flipped, looked_up, within
from charrnn.training.stack import State

NOISE = 0.1  # standard deviation of a first state that is noise


class CharacterModel(nn.Module):
    """Reads ids and returns, at each step, the logits of the next character.

    fused: whether our own kernels run the recurrence, on the CPU, instead of torch.nn's; the
    weights and the numbers are the same. noise: whether the first state is noise in training.
    """

    def __init__(
        self,
        architecture: Architecture,
        fused: bool = False,
        dropout: Dropout = NONE,
        noise: bool = False,
    ) -> None:
        super().__init__()
        self.architecture, self.dropout, self.noise = architecture, dropout, noise
        cell = architecture.cell
        threads = torch.get_num_threads()
        self.engine = kernels.engine(architecture.cell_name, threads) if fused else None
        self.runner = self.engine or (
            torch_nn.TorchLayer(cell.TORCH) if cell.TORCH else Equations(cell)
        )
        self.embedding = (
            nn.Embedding(architecture.vocabulary, architecture.embedding)
            if architecture.embedding
            else None
        )
        self.labels = (
            nn.Embedding(architecture.labels, architecture.label_size)
            if architecture.labels
            else None
        )
        own = architecture.apart or not cell.TORCH
        self.rnn: Any = Weights(architecture) if own else torch_nn.module(architecture)
        self.initial = nn.ParameterDict(
            {
                name: torch.zeros(architecture.runs, architecture.hidden)
                for name in cell.STATES
                if architecture.learned_start
            }
        )
        self.attention = (
            nn.Linear(architecture.outputs, 1, bias=False)
            if architecture.pool == "attention"
            else None
        )
        hidden = architecture.head_hidden
        self.head_hidden = nn.Linear(architecture.outputs, hidden) if hidden else None
        # How often each target stands in the training text; no part of a checkpoint.
        self.target_counts: Tensor
        self.register_buffer("target_counts", torch.ones(architecture.targets), persistent=False)
        self.head = nn.Linear(hidden or architecture.outputs, architecture.targets)
        if architecture.tied:
            self.head.register_parameter("weight", None)

    @property
    def _any(self) -> Tensor:
        """A weight that every network has."""
        weight: Tensor = self.rnn.all_weights[0][0]
        return weight

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self._any.device

    def forward(
        self, ids: Tensor, state: State | None = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Read as `read` does; return the logits (T, N, V) and the new state."""
        outputs, state = self.read(ids, state, lengths)
        return self.logits(outputs), state

    def read(
        self,
        ids: Tensor,
        state: State | None = None,
        lengths: Tensor | None = None,
        labels: Tensor | None = None,
    ) -> tuple[Tensor, State]:
        """Read ids (T, N) on from a state, None for the first one.

        lengths (N,), 1 to T: where each text ends, None where all fill T. labels (N,): of the
        texts, in a model that writes them for labels. Returns what the softmax reads (T, N,
        outputs), zero behind a text's end, and the state at its end.
        """
        shape = self.architecture
        state = self.start(ids.shape[1]) if state is None else state
        table = None if self.embedding is None else self.embedding.weight
        dropout = self.dropout if self.training else NONE
        rows: Tensor | None = ids
        if labels is not None:
            rows, table = None, self._beside(ids, labels, table, dropout)
        plain = dropout == NONE and not (shape.residual or shape.all_layers)
        if plain and isinstance(self.runner, torch_nn.TorchLayer):
            rows = rows if rows is None else within(rows, lengths)
            x = looked_up(rows, table, self.rnn.all_weights[0][0])
            return torch_nn.whole(self.rnn, x, state, lengths)
        return stack.run(
            self.runner,
            self.rnn,
            rows,
            table,
            state,
            lengths=lengths,
            residual=shape.residual,
            all_layers=shape.all_layers,
            dropout=dropout,
        )

    def between(
        self,
        ids: Tensor,
        state: State | None = None,
        ahead: int = 0,
        lengths: Tensor | None = None,
    ) -> tuple[Tensor, State]:
        """Read ids (S, N) in a model whose directions are apart, forwards on from a state.

        ahead: how many of them, at the end, are only read backwards. lengths (N,), 1 to S: where
        each text ends. Returns what the softmax reads for each character but those ahead (T, N,
        outputs): the forward outputs before it, and the backward ones after it; and the state, of
        whose forward layers the next part goes on. Where nothing is before a character, that is the
        state's output; where nothing is after it, that of the first state.
        """
        steps = len(ids) - ahead
        start = self.start(ids.shape[1])
        left = (start if state is None else state)[::2]
        own = None if lengths is None else lengths.clamp(max=steps)
        before, last = self._one_way(0, ids[:steps], left, own)
        back, first = self._one_way(1, flipped(ids, lengths), start[1::2], lengths)
        edge = self._top(start[1::2])[None]
        after = torch.cat([flipped(back, lengths)[1:], edge])
        if lengths is not None:
            times = torch.arange(len(ids), device=ids.device)[:, None]
            after = torch.where((times == lengths - 1)[..., None], edge, after)
        before = torch.cat([self._top(left)[None], before[:-1]])
        sides = [
            side.view(*side.shape[:2], -1, self.architecture.hidden)
            for side in (before, after[:steps])
        ]  # (T, N, layers, H)
        both = itertools.chain.from_iterable(zip(last, first, strict=True))
        return torch.stack(sides, dim=-2).flatten(-3), tuple(both)

    def _one_way(
        self, way: int, ids: Tensor, state: State, lengths: Tensor | None
    ) -> tuple[Tensor, State]:
        """Run the layers of one direction on what it reads, in its order."""
        return stack.run(
            self.runner,
            stack.OneWay(self.rnn.all_weights[way::2]),
            ids,
            None if self.embedding is None else self.embedding.weight,
            state,
            lengths=lengths,
            residual=self.architecture.residual,
            all_layers=self.architecture.all_layers,
            dropout=self.dropout if self.training else NONE,
        )

    def _top(self, state: State) -> Tensor:
        """Return what the softmax reads of a direction's state."""
        passed: list[Tensor] = []
        for h, *_ in state:
            passed.append(h + passed[-1] if self.architecture.residual and passed else h)
        return torch.cat(passed, dim=-1) if self.architecture.all_layers else passed[-1]

    def _beside(
        self, ids: Tensor, labels: Tensor, table: Tensor | None, dropout: Dropout
    ) -> Tensor:
        """Return what the first layer reads (T, N, ·): each character, and its text's label."""
        assert self.labels is not None
        kept = table if table is None else drop(table, dropout.embedding, len(table), 1)
        x = looked_up(ids, kept, self._any.new_empty(0, self.architecture.of_character))
        of_texts = self.labels(labels).expand(len(ids), -1, -1)
        return torch.cat([x, of_texts], dim=-1)

    def logits(self, outputs: Tensor) -> Tensor:
        """Return the logits (T, N, V) of what `read` returned."""
        if self.head_hidden is not None:
            outputs = self.head_hidden(outputs).tanh()
        weight = self.embedding.weight if self.embedding and self.architecture.tied else None
        return nn.functional.linear(
            outputs, self.head.weight if weight is None else weight, self.head.bias
        )

    def start(self, streams: int) -> State:
        """Return the state before the first character."""
        parts = []
        for name in self.architecture.cell.STATES:
            shape = self.architecture.runs, streams, self.architecture.hidden
            part = self._any.new_zeros(shape)
            if self.architecture.learned_start:
                part = self.initial[name][:, None].expand(shape).contiguous()
            elif self.noise and self.training:
                part.normal_(std=NOISE)
            parts.append(part.unbind())
        return tuple(zip(*parts, strict=True))

    def begin_with(self, weights: Mapping[str, npt.NDArray[np.generic]]) -> None:
        """Take on weights, by their names."""
        for name, parameter in self.named_parameters():
            parameter.detach().copy_(torch.from_numpy(weights[name]))

    def to_numpy(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return a copy of every weight under its name."""
        return {name: value.cpu().numpy().copy() for name, value in self.state_dict().items()}


def detach(state: State) -> State:
    """Cut a state off from its past: the truncation in truncated back-propagation."""
    return tuple(tuple(part.detach() for part in layer) for layer in state)
