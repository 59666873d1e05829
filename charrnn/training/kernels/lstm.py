"""LSTM through time, forward and back; the equations are those of `charrnn.cells.lstm`.

The arrays are those of `arrays.Arrays`. Going forward `gates` becomes i, f, g, o; going back,
the gradient before their squashing.
"""

from typing import Any

from charrnn.fast.arithmetic import (
    compiled,
    sigmoid,
    sigmoid_slope,
    tanh,
    tanh_slope,
)
from charrnn.training.kernels.arrays import all_past, look_up
from charrnn.training.kernels.products import multiply, pack

KEPT: tuple[str, ...] = ("c",)
of_recurrent = all_past


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
def forward(start: int, stop: int, weight: Any, packed: Any, arrays: Any) -> None:
    """Run the streams start to stop through time."""
    pack(weight, True, stop - start, packed[0])
    for t in range(len(arrays.gates)):
        look_up(t, start, stop, arrays)
        gates = arrays.gates[t, start:stop]
        multiply(arrays.h[t, start:stop], weight, True, packed[0], 1, gates)
        for n in range(start, stop):
            if t < arrays.lengths[n]:
                step(arrays.gates[t, n], arrays.c[t, n], arrays.c[t + 1, n], arrays.h[t + 1, n])
            else:
                arrays.h[t + 1, n, :] = 0


@compiled
def step(gates: Any, before: Any, after: Any, output: Any) -> None:
    """Squash the gates of one stream and write its states."""
    i, f, g, o = quarters(gates)
    for j in range(len(output)):
        i[j] = sigmoid(i[j])
    for j in range(len(output)):
        f[j] = sigmoid(f[j])
    for j in range(len(output)):
        g[j] = tanh(g[j])
    for j in range(len(output)):
        o[j] = sigmoid(o[j])
    for j in range(len(output)):
        after[j] = f[j] * before[j] + i[j] * g[j]
    for j in range(len(output)):
        output[j] = o[j] * tanh(after[j])


@compiled
def backward(start: int, stop: int, weight: Any, packed: Any, arrays: Any, grads: Any) -> None:
    """Run the streams start to stop back through time."""
    pack(weight, False, stop - start, packed[0])
    for t in range(len(arrays.gates) - 1, -1, -1):
        for n in range(start, stop):
            if t < arrays.lengths[n]:
                grad = (grads.outputs[t, n], grads.h[n], grads.c[n])
                step_back(arrays.gates[t, n], arrays.c[t, n], arrays.c[t + 1, n], grad)
            else:
                arrays.gates[t, n, :] = 0
        gates = arrays.gates[t, start:stop]
        multiply(gates, weight, False, packed[0], 0, grads.h[start:stop])


@compiled
def step_back(gates: Any, before: Any, after: Any, grads: Any) -> None:
    """Turn the gates of one stream into their gradient; carry the cell state's back a step."""
    i, f, g, o = quarters(gates)
    grad_output, grad_h, grad_c = grads
    for j in range(len(after)):
        squashed = tanh(after[j])
        total = grad_output[j] + grad_h[j]
        grad_c[j] += total * o[j] * tanh_slope(squashed)
        o[j] = total * squashed * sigmoid_slope(o[j])
    for j in range(len(after)):
        input_gate = i[j]
        i[j] = grad_c[j] * g[j] * sigmoid_slope(input_gate)
        g[j] = grad_c[j] * input_gate * tanh_slope(g[j])
    for j in range(len(after)):
        forget_gate = f[j]
        f[j] = grad_c[j] * before[j] * sigmoid_slope(forget_gate)
        grad_c[j] *= forget_gate
