"""Layers on top of each other: what a torch.nn recurrent module does, by our kernels."""

from typing import Any

import torch
from torch import Tensor, nn

from charrnn.training.kernels.layer import Engine, Layer


def run(
    engine: Engine, rnn: nn.RNNBase, ids: Tensor, embedding: Tensor | None, state: Any
) -> tuple[Tensor, Any]:
    """Do what a torch.nn recurrent module does, with its own weights.

    ids (T, N); embedding (V, E), or None for one-hot inputs. state: as torch.nn takes it.
    Returns the outputs (T, N, H), which another run may write over once the gradient is taken,
    and the new state.
    """
    first: Any = state if isinstance(state, tuple) else (state, state)
    if state is None:
        zero = rnn.all_weights[0][0].new_zeros(rnn.num_layers, ids.shape[1], rnn.hidden_size)
        first = (zero, zero)
    learning, rows = torch.is_grad_enabled(), ids
    outputs: Any = embedding
    finals = []
    for layer in range(rnn.num_layers):
        states = first[0][layer], first[1][layer]
        outputs, h, c = Layer.apply(
            engine, learning, rows, outputs, *rnn.all_weights[layer], *states
        )  # type: ignore[no-untyped-call]
        rows = None  # type: ignore[assignment]
        finals.append((h, c))
    stacked = tuple(torch.stack(part) for part in zip(*finals, strict=True))
    return outputs, stacked if engine.cell == "lstm" else stacked[0]
