"""Vanilla, one step forward and one back; the equation is that of `charrnn.cells.vanilla`.

The arrays are those of `sequence.Pass`. Going back `product` becomes the gradient before tanh.
"""

from typing import Any

from charrnn.training.kernels.arithmetic import compiled, tanh

INNER = False
DIRECT = False


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
    """Write the output after step t for streams start to stop."""
    for n in range(start, stop):
        past, row, output = product[t, n], inputs[rows[t, n]], h[t + 1, n]
        for j in range(h.shape[2]):
            output[j] = tanh(past[j] + row[j])


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
    """Write the gradient before tanh into the product."""
    for n in range(start, stop):
        grad, output = product[t, n], h[t + 1, n]
        grad_output, grad_before = grad_outputs[t, n], grad_h[n]
        for j in range(h.shape[2]):
            grad[j] = (grad_output[j] + grad_before[j]) * (1 - output[j] * output[j])
