"""GRU, one step forward and one back; the equations are those of `charrnn.cells.gru`.

The arrays are those of `sequence.Pass`. Going forward `gates` becomes r, z, n, and the last third
of `product` the bracket that r multiplies; going back, `gates` becomes the gradient of the
input's share and `product` that of the recurrent product.
"""

from typing import Any

from charrnn.training.kernels.arithmetic import compiled, sigmoid, tanh

INNER = True  # the bias of n stands inside the bracket that the reset gate multiplies
DIRECT = True  # the update gate carries the old output over, past the product


@compiled
def thirds(row: Any) -> Any:
    """Return the three gates of a row (3H,) as views, over which a loop from 0 vectorises."""
    hidden = len(row) // 3
    return row[:hidden], row[hidden : 2 * hidden], row[2 * hidden :]


@compiled
def forward(
    t: int,
    start: int,
    stop: int,
    product: Any,
    gates: Any,
    inputs: Any,
    rows: Any,
    inner: Any,
    h: Any,
    c: Any,
) -> None:
    """Squash the gates and write the output after step t for streams start to stop."""
    hidden = h.shape[2]
    for n in range(start, stop):
        past_r, past_z, bracket = thirds(product[t, n])
        r, z, candidate = thirds(gates[t, n])
        row_r, row_z, row_n = thirds(inputs[rows[t, n]])
        before, output = h[t, n], h[t + 1, n]
        for j in range(hidden):
            r[j] = sigmoid(past_r[j] + row_r[j])
        for j in range(hidden):
            z[j] = sigmoid(past_z[j] + row_z[j])
        for j in range(hidden):
            bracket[j] += inner[j]
        for j in range(hidden):
            candidate[j] = tanh(row_n[j] + r[j] * bracket[j])
        for j in range(hidden):
            output[j] = candidate[j] + z[j] * (before[j] - candidate[j])


@compiled
def backward(
    t: int,
    start: int,
    stop: int,
    product: Any,
    gates: Any,
    h: Any,
    c: Any,
    grad_outputs: Any,
    grad_h: Any,
    grad_c: Any,
) -> None:
    """Turn gates and product of step t into their gradients; grad_c gets what z carries over."""
    hidden = h.shape[2]
    for n in range(start, stop):
        past_r, past_z, bracket = thirds(product[t, n])
        r, z, candidate = thirds(gates[t, n])
        before, grad_output = h[t, n], grad_outputs[t, n]
        total, direct = grad_h[n], grad_c[n]
        for j in range(hidden):
            total[j] += grad_output[j]
            direct[j] = total[j] * z[j]
        for j in range(hidden):
            keep = 1 - z[j]
            z[j] = total[j] * (before[j] - candidate[j]) * z[j] * keep
            candidate[j] = total[j] * keep * (1 - candidate[j] * candidate[j])
        for j in range(hidden):
            reset = r[j]
            r[j] = candidate[j] * bracket[j] * reset * (1 - reset)
            bracket[j] = candidate[j] * reset
        for j in range(hidden):
            past_r[j] = r[j]
            past_z[j] = z[j]
