"""The recurrent modules of torch.nn, and the functions behind them that run a single layer."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from charrnn.architecture import Architecture
from charrnn.training.inputs import looked_up

LAYERS: dict[str, Any] = {"LSTM": torch.lstm, "GRU": torch.gru, "RNN": torch.rnn_tanh}


class TorchLayer:
    """Runs one layer by the functions behind torch.nn's modules, see `stack.Runner`.

    module: its name in torch.nn.
    """

    def __init__(self, module: str) -> None:
        self.function = LAYERS[module]

    def layer(
        self,
        rows: Tensor | None,
        x: Tensor | None,
        weights: Sequence[Tensor],
        state: tuple[Tensor, ...],
        lengths: Tensor | None = None,
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Return the outputs (T, N, H) and the last states (N, H)."""
        x = looked_up(rows, x, weights[0])
        if lengths is None:
            return self._run((x,), state, weights, (False,))  # time comes first
        packed = pack_padded_sequence(x, lengths.cpu(), enforce_sorted=False)
        order: Any = packed.sorted_indices
        back: Any = packed.unsorted_indices
        state = tuple(part[order] for part in state)
        data, last = self._run((packed.data, packed.batch_sizes), state, weights, ())
        outputs, _ = pad_packed_sequence(
            PackedSequence(data, packed.batch_sizes, order, back), total_length=len(x)
        )
        return outputs, tuple(part[back] for part in last)

    def _run(
        self,
        inputs: tuple[Tensor, ...],
        state: tuple[Tensor, ...],
        weights: Sequence[Tensor],
        rest: tuple[bool, ...],
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        outputs, *lasts = self.function(
            *inputs,
            _one_or_all([part[None] for part in state]),
            list(weights),
            True,  # there are biases
            1,  # layer
            0.0,  # dropout
            torch.is_grad_enabled(),
            False,  # one direction
            *rest,
        )
        return outputs, tuple(part[0] for part in lasts)


def module(architecture: Architecture) -> nn.RNNBase:
    """Return the module of torch.nn for a cell that it has."""
    made: nn.RNNBase = getattr(nn, architecture.cell.TORCH)(
        input_size=architecture.inputs,
        hidden_size=architecture.hidden,
        num_layers=architecture.layers,
        bidirectional=architecture.bidirectional,
    )
    return made


def whole(
    rnn: nn.RNNBase, x: Tensor, state: tuple[tuple[Tensor, ...], ...], lengths: Tensor | None
) -> tuple[Tensor, tuple[tuple[Tensor, ...], ...]]:
    """Run all layers and directions of a module at once over x (T, N, E); see `stack.run`."""
    first = _one_or_all([torch.stack(part) for part in zip(*state, strict=True)])
    if lengths is None:
        outputs, last = rnn(x, first)
    else:
        packed, last = rnn(pack_padded_sequence(x, lengths.cpu(), enforce_sorted=False), first)
        outputs, _ = pad_packed_sequence(packed, total_length=len(x))
    parts = last if isinstance(last, tuple) else (last,)
    return outputs, tuple(zip(*(part.unbind() for part in parts), strict=True))


def _one_or_all(states: list[Tensor]) -> Any:
    """Return states as torch.nn takes them: a tuple where there are several."""
    return tuple(states) if len(states) > 1 else states[0]
