"""What a kernel reads and writes: the arrays of one layer over a whole sequence."""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from charrnn.fast.arithmetic import compiled


class Arrays(NamedTuple):
    """The arrays of one layer, T steps of N streams, H units, G gates.

    gates (T, N, G·H): first the input's share, in place of which come the gates, then gradients.
    table (V, G·H), rows (T, N): where the input is an id, its share is a row of the table; else
    empty. lengths (N,): the steps of each stream. h (T + 1, N, H): the outputs, from the state
    before the first step; zero behind a stream's end. inner: the bias (·,) of the gates in the
    cell's `INNER`.

    The others are empty but for the kernels whose `KEPT` names them. c (T + 1, N, H): the second
    state. inside (T, N, H) and product (N, G·H) are a kernel's own.
    """

    gates: Any
    table: Any
    rows: Any
    lengths: Any
    h: Any
    inner: Any
    c: Any
    inside: Any
    product: Any


class Grads(NamedTuple):
    """The gradients that come from outside. outputs (T, N, H); h, c (N, H), carried back.

    Where a cell has no c, its place is a kernel's to use.
    """

    outputs: Any
    h: Any
    c: Any


def all_past(arrays: Arrays) -> Tensor:
    """Return the gradient of the recurrent weight (G·H, H) where all gates read h."""
    return torch.mm(arrays.gates.flatten(0, 1).t(), arrays.h[:-1].flatten(0, 1))


def apart(arrays: Arrays, candidate: Tensor, read: Tensor) -> Tensor:
    """Return the gradient of the recurrent weight (G·H, H) where the last gate does not.

    candidate (T, N, H): the gradient of its recurrent product; read (T, N, H): what that reads.
    """
    hidden = arrays.h.shape[2]
    grads: Tensor = arrays.gates.flatten(0, 1).t()
    whole: Tensor = grads.new_empty((len(grads), hidden))
    torch.mm(grads[:-hidden], arrays.h[:-1].flatten(0, 1), out=whole[:-hidden])
    torch.mm(candidate.flatten(0, 1).t(), read.flatten(0, 1), out=whole[-hidden:])
    return whole


@compiled
def look_up(t: int, start: int, stop: int, arrays: Any) -> None:
    """Write the input's share at step t, if it is a row of the table."""
    if arrays.rows.size:
        for n in range(start, stop):
            share, row = arrays.gates[t, n], arrays.table[arrays.rows[t, n]]
            for j in range(len(share)):
                share[j] = row[j]
