"""What a kernel reads and writes: the arrays of one layer over a whole sequence."""

from typing import Any, NamedTuple

from charrnn.fast.arithmetic import compiled


class Arrays(NamedTuple):
    """The arrays of one layer, T steps of N streams, H units, G gates; unused ones are empty.

    gates (T, N, G·H): first the input's share, in place of which come the gates, then gradients.
    table (V, G·H), rows (T, N): where the input is an id, its share is a row of the table.
    h, c (T + 1, N, H): the states, from the one before the first step.
    inside (T, N, H): what a GRU keeps inside its candidate: what the reset gate multiplies, later
    its gradient; or r ∘ h, where the gate comes before the product. inner (H,): the bias in there.
    product (N, G·H): a GRU's recurrent product of one step, and the gradient of it.
    """

    gates: Any
    table: Any
    rows: Any
    h: Any
    c: Any
    inside: Any
    inner: Any
    product: Any


class Grads(NamedTuple):
    """The gradients that come from outside. outputs (T, N, H); h, c (N, H), carried back.

    Where a cell has no c, a kernel may use its place as it likes.
    """

    outputs: Any
    h: Any
    c: Any


@compiled
def look_up(t: int, start: int, stop: int, arrays: Any) -> None:
    """Write the input's share at step t, if it is a row of the table."""
    if arrays.rows.size:
        for n in range(start, stop):
            share, row = arrays.gates[t, n], arrays.table[arrays.rows[t, n]]
            for j in range(len(share)):
                share[j] = row[j]
