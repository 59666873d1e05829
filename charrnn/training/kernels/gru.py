"""GRU through time, forward and back; the equations are those of `charrnn.cells.gru`.

The arrays are those of `arrays.Arrays`. Going forward `gates` becomes r, z, n, and the last third
of `product` the bracket that r multiplies; going back, `gates` becomes the gradient of the
input's share and `product` that of the recurrent product.
"""

from typing import Any

from charrnn.training.kernels.arithmetic import (
    compiled,
    sigmoid,
    sigmoid_slope,
    tanh,
    tanh_slope,
)
from charrnn.training.kernels.arrays import look_up
from charrnn.training.kernels.products import multiply, pack


@compiled
def thirds(row: Any) -> Any:
    """Return the three gates of a row (3H,) as views, over which a loop from 0 vectorises."""
    hidden = len(row) // 3
    return row[:hidden], row[hidden : 2 * hidden], row[2 * hidden :]


@compiled
def forward(start: int, stop: int, weight: Any, packed: Any, arrays: Any) -> None:
    """Run the streams start to stop through time."""
    hidden = arrays.h.shape[2]
    of_gates, of_candidate = weight[: 2 * hidden], weight[2 * hidden :]
    gates_packed, candidate_packed = packed
    pack(of_gates, True, stop - start, gates_packed)
    pack(of_candidate, True, stop - start, candidate_packed)
    for t in range(len(arrays.gates)):
        look_up(t, start, stop, arrays)
        gates, inside = arrays.gates[t, start:stop], arrays.inside[t, start:stop]
        before = arrays.h[t, start:stop]
        multiply(before, of_gates, True, gates_packed, 1, gates[:, : 2 * hidden])
        multiply(before, of_candidate, True, candidate_packed, 0, inside)
        for n in range(stop - start):
            step(gates[n], inside[n], arrays.inner, before[n], arrays.h[t + 1, start + n])


@compiled
def step(gates: Any, inside: Any, inner: Any, before: Any, output: Any) -> None:
    """Squash the gates of one stream and write its output."""
    r, z, candidate = thirds(gates)
    for j in range(len(output)):
        r[j] = sigmoid(r[j])
    for j in range(len(output)):
        z[j] = sigmoid(z[j])
    for j in range(len(output)):
        inside[j] += inner[j]
    for j in range(len(output)):
        candidate[j] = tanh(candidate[j] + r[j] * inside[j])
    for j in range(len(output)):
        output[j] = candidate[j] + z[j] * (before[j] - candidate[j])


@compiled
def backward(start: int, stop: int, weight: Any, packed: Any, arrays: Any, grads: Any) -> None:
    """Run the streams start to stop back through time."""
    hidden = arrays.h.shape[2]
    of_gates, of_candidate = weight[: 2 * hidden], weight[2 * hidden :]
    gates_packed, candidate_packed = packed
    pack(of_gates, False, stop - start, gates_packed)
    pack(of_candidate, False, stop - start, candidate_packed)
    of_h = grads.h[start:stop]
    for t in range(len(arrays.gates) - 1, -1, -1):
        gates, inside = arrays.gates[t, start:stop], arrays.inside[t, start:stop]
        for n in range(stop - start):
            of_output = grads.outputs[t, start + n]
            step_back(gates[n], inside[n], arrays.h[t, start + n], of_output, of_h[n])
        multiply(gates[:, : 2 * hidden], of_gates, False, gates_packed, 1, of_h)
        multiply(inside, of_candidate, False, candidate_packed, 1, of_h)


@compiled
def step_back(gates: Any, inside: Any, before: Any, grad_output: Any, grad_h: Any) -> None:
    """Turn gates and bracket of one stream into their gradients; grad_h gets what z carries."""
    r, z, candidate = thirds(gates)
    for j in range(len(before)):
        total = grad_output[j] + grad_h[j]
        kept = total * z[j]
        grad_h[j] = kept
        z[j] = total * (before[j] - candidate[j]) * sigmoid_slope(z[j])
        candidate[j] = (total - kept) * tanh_slope(candidate[j])
    for j in range(len(before)):
        reset = r[j]
        r[j] = candidate[j] * inside[j] * sigmoid_slope(reset)
        inside[j] = candidate[j] * reset
