"""An LSTM layer in int8, advanced in place; its equations are those of `charrnn.cells.lstm`."""

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
    c: Any,
) -> None:
    """Advance an LSTM layer; i, f and o are halved, see `charrnn.fast.in_place.step.Twin`."""
    multiply(read, (weights, scale, bias), (whole, sums), parts, gates)
    for j in range(len(gates)):
        gates[j] = tanh(gates[j] + inputs[j])
    n = len(h)
    i, f, g, o = gates[:n], gates[n : 2 * n], gates[2 * n : 3 * n], gates[3 * n :]
    for j in range(n):
        i[j] = HALF * i[j] + HALF
        f[j] = HALF * f[j] + HALF
        o[j] = HALF * o[j] + HALF
        c[j] = f[j] * c[j] + i[j] * g[j]
        h[j] = o[j] * tanh(c[j])
