"""LSTM, one step forward and one back; the equations are those of `charrnn.cells.lstm`.

The arrays are those of `sequence.Pass`. Going forward `product` becomes the gates i, f, g, o;
going back, the gradient before their squashing.
"""

from typing import Any

from charrnn.training.kernels.arithmetic import compiled, sigmoid, tanh

INNER = False  # all biases add up with the input's share
DIRECT = False  # the old output reaches the new one through the product alone


@compiled
def quarters(row: Any) -> Any:
    """Return the four gates of a row (4H,) as views, over which a loop from 0 vectorises."""
    hidden = len(row) // 4
    return (
        row[:hidden],
        row[hidden : 2 * hidden],
        row[2 * hidden : 3 * hidden],
        row[3 * hidden :],
    )


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
    """Squash the gates and write the states after step t for streams start to stop."""
    hidden = h.shape[2]
    for n in range(start, stop):
        i, f, g, o = quarters(product[t, n])
        row_i, row_f, row_g, row_o = quarters(inputs[rows[t, n]])
        before, after, output = c[t, n], c[t + 1, n], h[t + 1, n]
        for j in range(hidden):
            i[j] = sigmoid(i[j] + row_i[j])
        for j in range(hidden):
            f[j] = sigmoid(f[j] + row_f[j])
        for j in range(hidden):
            g[j] = tanh(g[j] + row_g[j])
        for j in range(hidden):
            o[j] = sigmoid(o[j] + row_o[j])
        for j in range(hidden):
            after[j] = f[j] * before[j] + i[j] * g[j]
        for j in range(hidden):
            output[j] = o[j] * tanh(after[j])


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
    """Turn the gates of step t into their gradient; carry the cell state's back to t - 1."""
    hidden = h.shape[2]
    for n in range(start, stop):
        i, f, g, o = quarters(product[t, n])
        before, after = c[t, n], c[t + 1, n]
        grad_output, grad_before, grad = grad_outputs[t, n], grad_h[n], grad_c[n]
        for j in range(hidden):
            squashed = tanh(after[j])
            total = grad_output[j] + grad_before[j]
            grad[j] += total * o[j] * (1 - squashed * squashed)
            o[j] = total * squashed * o[j] * (1 - o[j])
        for j in range(hidden):
            input_gate = i[j]
            i[j] = grad[j] * g[j] * input_gate * (1 - input_gate)
            g[j] = grad[j] * input_gate * (1 - g[j] * g[j])
        for j in range(hidden):
            forget_gate = f[j]
            f[j] = grad[j] * before[j] * forget_gate * (1 - forget_gate)
            grad[j] *= forget_gate
