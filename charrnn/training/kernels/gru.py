"""GRU through time, forward and back; the equations are those of `charrnn.cells.gru`.

The arrays are those of `arrays.Arrays`. Going forward `product` is the recurrent product of one
step, `gates` becomes r, z, n, and `inside` the bracket that r multiplies. Going back, `gates`
becomes the gradient of the input's share, `inside` that of the bracket and `product` that of the
recurrent product.
"""

from typing import Any

from torch import Tensor

from charrnn.fast.arithmetic import (
    compiled,
    sigmoid,
    sigmoid_slope,
    tanh,
    tanh_slope,
)
from charrnn.training.kernels.arrays import Arrays, apart, look_up
from charrnn.training.kernels.products import multiply, pack

KEPT: tuple[str, ...] = ("inside", "product")


def of_recurrent(arrays: Arrays) -> Tensor:
    """Return the gradient of the recurrent weight (3H, H)."""
    return apart(arrays, arrays.inside, arrays.h[:-1])


def of_inner(arrays: Arrays) -> Tensor:
    """Return the gradient of the bias (H,) inside the bracket."""
    summed: Tensor = arrays.inside.flatten(0, 1).sum(0)
    return summed


@compiled
def thirds(row: Any) -> Any:
    """Return the three gates of a row (3H,) as views, over which a loop from 0 vectorises."""
    hidden = len(row) // 3
    return row[:hidden], row[hidden : 2 * hidden], row[2 * hidden :]


@compiled
def forward(start: int, stop: int, weight: Any, packed: Any, arrays: Any) -> None:
    """Run the streams start to stop through time."""
    pack(weight, True, stop - start, packed[0])
    product = arrays.product[start:stop]
    for t in range(len(arrays.gates)):
        multiply(arrays.h[t, start:stop], weight, True, packed[0], 0, product)
        look_up(t, start, stop, arrays)
        for n in range(start, stop):
            if t < arrays.lengths[n]:
                step(
                    arrays.product[n],
                    arrays.gates[t, n],
                    arrays.inside[t, n],
                    arrays.inner,
                    arrays.h[t, n],
                    arrays.h[t + 1, n],
                )
            else:
                arrays.h[t + 1, n, :] = 0


@compiled
def step(product: Any, gates: Any, inside: Any, inner: Any, before: Any, output: Any) -> None:
    """Squash the gates of one stream and write its output."""
    past_r, past_z, past = thirds(product)
    r, z, candidate = thirds(gates)
    for j in range(len(output)):
        r[j] = sigmoid(past_r[j] + r[j])
    for j in range(len(output)):
        z[j] = sigmoid(past_z[j] + z[j])
    for j in range(len(output)):
        inside[j] = past[j] + inner[j]
    for j in range(len(output)):
        candidate[j] = tanh(candidate[j] + r[j] * inside[j])
    for j in range(len(output)):
        output[j] = candidate[j] + z[j] * (before[j] - candidate[j])


@compiled
def backward(start: int, stop: int, weight: Any, packed: Any, arrays: Any, grads: Any) -> None:
    """Run the streams start to stop back through time."""
    pack(weight, False, stop - start, packed[0])
    product = arrays.product[start:stop]
    for t in range(len(arrays.gates) - 1, -1, -1):
        for n in range(start, stop):
            if t < arrays.lengths[n]:
                grad = (grads.outputs[t, n], grads.h[n], arrays.product[n])
                step_back(arrays.gates[t, n], arrays.inside[t, n], arrays.h[t, n], grad)
            else:
                arrays.gates[t, n, :] = 0
                arrays.inside[t, n, :] = 0
                arrays.product[n, :] = 0
        multiply(product, weight, False, packed[0], 1, grads.h[start:stop])


@compiled
def step_back(gates: Any, inside: Any, before: Any, grads: Any) -> None:
    """Turn gates and bracket of one stream into their gradients; grad_h gets what z carries."""
    r, z, candidate = thirds(gates)
    grad_output, grad_h, grad_product = grads
    of_r, of_z, of_inside = thirds(grad_product)
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
    for j in range(len(before)):
        of_r[j] = r[j]
        of_z[j] = z[j]
        of_inside[j] = inside[j]
