"""A cell's equations in torch, step by step: slow, and the oracle of every faster version."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from charrnn.architecture import Architecture
from charrnn.cells.cell import Cell, Past
from charrnn.training.inputs import looked_up


class Torch:
    """torch's functions, see `charrnn.cells.cell.Ops`."""

    sigmoid = staticmethod(torch.sigmoid)
    tanh = staticmethod(torch.tanh)

    def split(self, array: Tensor, parts: int) -> tuple[Tensor, ...]:
        """Return equal parts of the last axis."""
        return array.chunk(parts, dim=-1)


OPS = Torch()


class Equations:
    """Runs a layer of any cell, see `stack.Runner`; the gradient goes back through the loop."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell

    def layer(
        self,
        rows: Tensor | None,
        x: Tensor | None,
        weights: Sequence[Tensor],
        state: tuple[Tensor, ...],
        lengths: Tensor | None = None,
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Return the outputs (T, N, H) and the last states (N, H)."""
        weight_ih, weight_hh, bias_ih, bias_hh = weights
        inner = [gate in self.cell.INNER for gate in self.cell.GATES]
        apart = torch.tensor(inner, device=bias_hh.device).repeat_interleave(state[0].shape[1])
        past = Past(weight_hh.t(), torch.where(apart, bias_hh, 0))
        x = looked_up(rows, x, weight_ih)
        outputs = []
        shares = nn.functional.linear(x, weight_ih, bias_ih + torch.where(apart, 0, bias_hh))
        for time, share in enumerate(shares):
            new, _ = self.cell.step(OPS, share, state, past)
            if lengths is None:
                state, output = new, new[0]
            else:
                reads = (time < lengths)[:, None]
                pairs = zip(new, state, strict=True)
                state = tuple(torch.where(reads, after, before) for after, before in pairs)
                output = torch.where(reads, state[0], 0)
            outputs.append(output)
        return torch.stack(outputs), state


class Weights(nn.Module):
    """The weights of a cell that torch.nn does not have, as one of its modules would hold them."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.bidirectional, bound = architecture.bidirectional, architecture.hidden**-0.5
        for name, shape in architecture.shapes().items():
            module, _, kind = name.partition(".")
            if module == "rnn":
                drawn = torch.empty(shape).uniform_(-bound, bound)
                self.register_parameter(kind, nn.Parameter(drawn))

    @property
    def all_weights(self) -> list[list[Any]]:
        """The weights of each layer and direction, as torch.nn's modules list them."""
        flat = list(self.parameters())
        return [flat[first : first + 4] for first in range(0, len(flat), 4)]
