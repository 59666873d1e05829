"""A GRU layer in int8, advanced in place; its equations are those of `charrnn.cells.gru`."""

from typing import Any

import numpy as np

from charrnn.fast.arithmetic import compiled, tanh
from charrnn.fast.int8.products import multiply

HALF = np.float32(0.5)


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
    """Advance a GRU layer whose reset gate comes after the product; r and z are halved."""
    multiply(read, (weights, scale, bias), (whole, sums), parts, gates)
    n = len(h)
    r, z, candidate = gates[:n], gates[n : 2 * n], gates[2 * n :]
    for j in range(n):
        r[j] = HALF * tanh(r[j] + inputs[j]) + HALF
        z[j] = HALF * tanh(z[j] + inputs[n + j]) + HALF
        candidate[j] = tanh(candidate[j] * r[j] + inputs[2 * n + j])
        h[j] = candidate[j] + z[j] * (h[j] - candidate[j])
