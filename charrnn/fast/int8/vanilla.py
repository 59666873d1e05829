"""A vanilla layer in int8, advanced in place; its equation is that of `charrnn.cells.vanilla`."""

from typing import Any

from charrnn.fast.arithmetic import compiled, tanh
from charrnn.fast.int8.products import multiply


@compiled
def advance(
    inputs: Any,
    read: Any,
    weights: Any,
    scale: Any,
    bias: Any,
    whole: Any,
    sums: Any,
    parts: int,
    gates: Any,
    h: Any,
) -> None:
    """Advance a vanilla layer, which has no gates but their place."""
    multiply(read, (weights, scale, bias), (whole, sums), parts, gates)
    for j in range(len(h)):
        h[j] = tanh(gates[j] + inputs[j])
