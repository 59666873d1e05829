"""Layers on top of each other, in one direction or both, whichever kernel runs each of them."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor

from charrnn.training.dropout import NONE, Dropout, drop
from charrnn.training.inputs import flipped, within

State = tuple[tuple[Tensor, ...], ...]
"""For each layer, bottom up, its states (N, H), h first; forwards and backwards if it has both."""


class Runner(Protocol):
    """What runs one recurrent layer over a whole sequence."""

    def layer(
        self,
        rows: Tensor | None,
        x: Tensor | None,
        weights: Sequence[Tensor],
        state: tuple[Tensor, ...],
        lengths: Tensor | None = None,
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Return the outputs (T, N, H) and the last states (N, H).

        rows (T, N): ids, of which x (V, E) is the embedding, None for one-hot. Without rows, x
        (T, N, E) is read itself. weights: as torch.nn's modules have them. state (N, H) each.
        lengths (N,), 1 to T: where each text ends; None where all fill T. Behind its end outputs
        are zero, and the last states are those at it.
        """


class OneWay(NamedTuple):
    """The layers of one direction: their weights, bottom up, as torch.nn's modules have them."""

    all_weights: Sequence[Sequence[Tensor]]
    bidirectional: bool = False


def run(
    runner: Runner,
    rnn: Any,
    ids: Tensor | None,
    x: Tensor | None,
    state: State,
    *,
    lengths: Tensor | None = None,
    residual: bool = False,
    all_layers: bool = False,
    dropout: Dropout = NONE,
) -> tuple[Tensor, State]:
    """Do what a torch.nn recurrent module does, with its own weights.

    ids (T, N), of which x (V, E) is the embedding, None for one-hot; without ids, x (T, N, E) is
    read itself. lengths (N,), 1 to T, as for packed sequences: behind a text's end outputs are
    zero, and reading backwards starts there. residual: layers above the first add what they read
    to their outputs. all_layers: the outputs of all layers are returned side by side. Returns the
    outputs (T, N, H), or 2H of both directions, which may be written over when the gradient is
    taken, and the new state.
    """
    if ids is not None:
        ids = within(ids, lengths)
        x = x if x is None else drop(x, dropout.embedding, len(x), 1)
    ways = 1 + rnn.bidirectional
    passed: list[Tensor] = []
    finals: list[tuple[Tensor, ...]] = []
    for first in range(0, len(rnn.all_weights), ways):
        both = []
        for way in range(ways):
            weight_ih, weight_hh, *biases = rnn.all_weights[first + way]
            kept = drop(weight_hh, dropout.recurrent, *weight_hh.shape)
            layer = [weight_ih, kept, *biases]
            both.append(one_way(runner, ids, x, layer, state[first + way], lengths, way == 1))
        outputs = torch.cat([one for one, _ in both], dim=-1) if ways > 1 else both[0][0]
        finals += [last for _, last in both]
        if residual and passed:
            outputs = outputs + passed[-1]
        x, ids = drop(outputs, dropout.outputs, *outputs.shape[1:]), None
        passed.append(x)
    return torch.cat(passed, dim=-1) if all_layers else passed[-1], tuple(finals)


def one_way(
    runner: Runner,
    rows: Tensor | None,
    x: Tensor | None,
    weights: Sequence[Tensor],
    state: tuple[Tensor, ...],
    lengths: Tensor | None,
    backwards: bool,
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Run a layer in one direction, see `Runner`; backwards from each text's own end."""
    if not backwards:
        return runner.layer(rows, x, weights, state, lengths)
    if rows is not None:
        rows = flipped(rows, lengths)
    elif x is not None:
        x = flipped(x, lengths)
    outputs, last = runner.layer(rows, x, weights, state, lengths)
    return flipped(outputs, lengths), last
