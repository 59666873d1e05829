"""Layers on top of each other, whichever kernel runs each of them."""

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from charrnn.training.dropout import NONE, Dropout, drop


class Runner(Protocol):
    """What runs one recurrent layer over a whole sequence."""

    def layer(
        self, rows: Tensor | None, x: Tensor | None, weights: Sequence[Tensor], state: list[Tensor]
    ) -> tuple[Tensor, list[Tensor]]:
        """Return the outputs (T, N, H) and the last states (N, H).

        rows (T, N): ids, of which x (V, E) is the embedding, None for one-hot. Without rows, x
        (T, N, E) is read itself. weights: as torch.nn's modules have them. state (N, H) each.
        """


def run(
    runner: Runner,
    rnn: nn.RNNBase,
    ids: Tensor,
    embedding: Tensor | None,
    state: Any,
    *,
    residual: bool = False,
    all_layers: bool = False,
    dropout: Dropout = NONE,
) -> tuple[Tensor, Any]:
    """Do what a torch.nn recurrent module does, with its own weights.

    ids (T, N); embedding (V, E), or None for one-hot inputs. state: as torch.nn takes it.
    residual: layers above the first add what they read to what they say. all_layers: the outputs
    of all layers are returned side by side. Returns the outputs (T, N, H), which may be written
    over when the gradient is taken, and the new state.
    """
    if state is None:
        zero = rnn.all_weights[0][0].new_zeros(rnn.num_layers, ids.shape[1], rnn.hidden_size)
        state = (zero, zero) if rnn.mode == "LSTM" else zero
    first: tuple[Tensor, ...] = state if isinstance(state, tuple) else (state,)
    rows: Tensor | None = ids
    x = embedding
    if x is not None:
        x = drop(x, dropout.embedding, len(x), 1)
    said: list[Tensor] = []
    finals: list[list[Tensor]] = []
    for layer, (weight_ih, whole, *biases) in enumerate(rnn.all_weights):
        weight_hh = drop(whole, dropout.recurrent, *whole.shape)
        states = [part[layer] for part in first]
        outputs, last = runner.layer(rows, x, [weight_ih, weight_hh, *biases], states)
        if residual and said:
            outputs = outputs + said[-1]
        x = drop(outputs, dropout.outputs, *outputs.shape[1:])
        rows = None
        said.append(x)
        finals.append(last)
    stacked = tuple(torch.stack(part) for part in zip(*finals, strict=True))
    outputs = torch.cat(said, dim=-1) if all_layers else said[-1]
    return outputs, stacked if isinstance(state, tuple) else stacked[0]
