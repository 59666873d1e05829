"""Vanilla through time, forward and back; the equation is that of `charrnn.cells.vanilla`.

The arrays are those of `arrays.Arrays`. Going back `gates` becomes the gradient before tanh.
"""

from typing import Any

from charrnn.fast.arithmetic import compiled, tanh, tanh_slope
from charrnn.training.kernels.arrays import all_past, look_up
from charrnn.training.kernels.products import multiply, pack

KEPT: tuple[str, ...] = ()
of_recurrent = all_past


@compiled
def forward(start: int, stop: int, weight: Any, packed: Any, arrays: Any) -> None:
    """Run the streams start to stop through time."""
    pack(weight, True, stop - start, packed[0])
    for t in range(len(arrays.gates)):
        look_up(t, start, stop, arrays)
        gates = arrays.gates[t, start:stop]
        multiply(arrays.h[t, start:stop], weight, True, packed[0], 1, gates)
        for n in range(start, stop):
            gate, output = arrays.gates[t, n], arrays.h[t + 1, n]
            if t < arrays.lengths[n]:
                for j in range(len(output)):
                    output[j] = tanh(gate[j])
            else:
                output[:] = 0


@compiled
def backward(start: int, stop: int, weight: Any, packed: Any, arrays: Any, grads: Any) -> None:
    """Run the streams start to stop back through time."""
    pack(weight, False, stop - start, packed[0])
    for t in range(len(arrays.gates) - 1, -1, -1):
        for n in range(start, stop):
            grad, output = arrays.gates[t, n], arrays.h[t + 1, n]
            grad_output, grad_h = grads.outputs[t, n], grads.h[n]
            if t < arrays.lengths[n]:
                for j in range(len(output)):
                    grad[j] = (grad_output[j] + grad_h[j]) * tanh_slope(output[j])
            else:
                grad[:] = 0
        gates = arrays.gates[t, start:stop]
        multiply(gates, weight, False, packed[0], 0, grads.h[start:stop])
