"""The network in torch: torch.nn's recurrent modules between an embedding and a softmax."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from charrnn.architecture import Architecture
from charrnn.training import stack
from charrnn.training.dropout import NONE, Dropout

NOISE = 0.1  # standard deviation of a first state that is noise


class ResetBeforeGRU(nn.GRU):
    """torch.nn.GRU with the reset gate before the recurrent product, step by step.

    The equations are those of `charrnn.cells.gru_before`; torch.nn has the other form only.
    """

    def forward(self, input: Tensor, hx: Tensor | None = None) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        """Read input (T, N, E) on from hx (layers, N, H); return the outputs and the last h."""
        if hx is None:
            hx = input.new_zeros(self.num_layers, input.shape[1], self.hidden_size)
        last = []
        for weights, h in zip(self.all_weights, hx, strict=True):
            input, h = reset_before(input, h, weights)
            last.append(h)
        return input, torch.stack(last)


def reset_before(x: Tensor, h: Tensor, weights: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Run one layer of a ResetBeforeGRU over x (T, N, E); return the outputs and the last h."""
    weight_ih, weight_hh, bias_ih, bias_hh = weights
    hidden = h.shape[-1]
    of_gates, of_candidate = torch.split(weight_hh, [2 * hidden, hidden])
    outputs = []
    for share in nn.functional.linear(x, weight_ih, bias_ih + bias_hh):
        of_rz, of_n = torch.split(share, [2 * hidden, hidden], dim=1)
        r, z = torch.sigmoid(of_rz + h @ of_gates.t()).chunk(2, dim=1)
        n = torch.tanh(of_n + (r * h) @ of_candidate.t())
        h = n + z * (h - n)
        outputs.append(h)
    return torch.stack(outputs), h


MODULES: dict[str, type[nn.LSTM | nn.GRU | nn.RNN]] = {
    "lstm": nn.LSTM,
    "gru": nn.GRU,
    "gru_before": ResetBeforeGRU,
    "vanilla": nn.RNN,
}
LAYERS: dict[str, Any] = {"lstm": torch.lstm, "gru": torch.gru, "vanilla": torch.rnn_tanh}


class TorchLayer:
    """Runs one layer by the functions behind torch.nn's modules, see `stack.Runner`."""

    def __init__(self, cell: str) -> None:
        self.cell = cell

    def layer(
        self, rows: Tensor | None, x: Tensor | None, weights: Sequence[Tensor], state: list[Tensor]
    ) -> tuple[Tensor, list[Tensor]]:
        """Return the outputs (T, N, H) and the last states (N, H)."""
        if rows is not None:
            x = looked_up(rows, x, weights[0])
        if self.cell == "gru_before":
            assert x is not None
            outputs, last = reset_before(x, state[0], weights)
            return outputs, [last]
        first = [part[None] for part in state]
        outputs, *lasts = LAYERS[self.cell](
            x,
            first if self.cell == "lstm" else first[0],
            list(weights),
            True,  # there are biases
            1,  # layer
            0.0,  # dropout
            torch.is_grad_enabled(),
            False,  # one direction
            False,  # time comes first
        )
        return outputs, [part[0] for part in lasts]


def looked_up(ids: Tensor, embedding: Tensor | None, weight: Tensor) -> Tensor:
    """Return the embeddings (T, N, E) of ids (T, N), or one-hot rows for a weight (G·H, V)."""
    if embedding is not None:
        return nn.functional.embedding(ids, embedding)
    return weight.new_zeros(*ids.shape, weight.shape[1]).scatter_(2, ids[..., None], 1)


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
        self.engine = _engine(architecture) if fused else None
        self.embedding = (
            nn.Embedding(architecture.vocabulary, architecture.embedding)
            if architecture.embedding
            else None
        )
        self.rnn = MODULES[architecture.cell_name](
            input_size=architecture.inputs,
            hidden_size=architecture.hidden,
            num_layers=architecture.layers,
        )
        self.initial = nn.ParameterDict(
            {
                name: torch.zeros(architecture.layers, architecture.hidden)
                for name in architecture.cell.STATES
                if architecture.learned_start
            }
        )
        self.head = nn.Linear(architecture.outputs, architecture.vocabulary)
        if architecture.tied:
            self.head.register_parameter("weight", None)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.head.bias.device

    def forward(self, ids: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """Read ids (T, N) on from a state; return the logits (T, N, V) and the new state.

        state: as torch.nn's module takes it, (layers, N, H) each; None is the first one.
        """
        outputs, state = self.read(ids, state)
        return self.logits(outputs), state

    def read(self, ids: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        """Read ids (T, N); return what the softmax reads (T, N, outputs) and the new state."""
        shape = self.architecture
        state = self.start(ids.shape[1]) if state is None else state
        table = None if self.embedding is None else self.embedding.weight
        dropout = self.dropout if self.training else NONE
        plain = dropout == NONE and not (shape.residual or shape.all_layers)
        if plain and not self.engine:  # a device's own kernel takes all layers at once
            outputs, state = self.rnn(looked_up(ids, table, self.rnn.all_weights[0][0]), state)
            return outputs, state
        return stack.run(
            self.engine or TorchLayer(shape.cell_name),
            self.rnn,
            ids,
            table,
            state,
            residual=shape.residual,
            all_layers=shape.all_layers,
            dropout=dropout,
        )

    def logits(self, outputs: Tensor) -> Tensor:
        """Return the logits (T, N, V) of what `read` returned."""
        weight = self.embedding.weight if self.embedding and self.architecture.tied else None
        return nn.functional.linear(
            outputs, self.head.weight if weight is None else weight, self.head.bias
        )

    def start(self, streams: int) -> Any:
        """Return the state before the first character, as torch.nn takes it."""
        parts = []
        for name in self.architecture.cell.STATES:
            shape = self.architecture.layers, streams, self.architecture.hidden
            part = self.head.bias.new_zeros(shape)
            if self.architecture.learned_start:
                part = self.initial[name][:, None].expand(shape).contiguous()
            elif self.noise and self.training:
                part.normal_(std=NOISE)
            parts.append(part)
        return tuple(parts) if len(parts) > 1 else parts[0]

    def begin_with(self, weights: Mapping[str, npt.NDArray[np.generic]]) -> None:
        """Take on weights, by their names."""
        for name, parameter in self.named_parameters():
            parameter.detach().copy_(torch.from_numpy(weights[name]))

    def to_numpy(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return a copy of every weight under its name."""
        return {name: value.cpu().numpy().copy() for name, value in self.state_dict().items()}


def _engine(architecture: Architecture) -> Any:
    from charrnn.training.kernels.layer import Engine  # compiled by numba, which may be missing

    return Engine(architecture.cell_name, torch.get_num_threads())


def detach(state: Any) -> Any:
    """Cut a state off from its past: the truncation in truncated back-propagation."""
    return tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()
