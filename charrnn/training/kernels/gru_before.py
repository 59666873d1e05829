"""GRU with the reset gate before the recurrent product, through time, forward and back.

The equations are those of `charrnn.cells.gru_before`, the arrays those of `arrays.Arrays`. Going
forward `gates` becomes r, z, n and `inside` r ∘ h; going back, `gates` becomes the gradient
before their squashing.
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
from charrnn.training.kernels.gru import thirds
from charrnn.training.kernels.products import multiply, pack

KEPT: tuple[str, ...] = ("inside",)


def of_recurrent(arrays: Arrays) -> Tensor:
    """Return the gradient of the recurrent weight (3H, H)."""
    hidden = arrays.h.shape[2]
    return apart(arrays, arrays.gates[..., 2 * hidden :], arrays.inside)


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
        gates, reset = arrays.gates[t, start:stop], arrays.inside[t, start:stop]
        before = arrays.h[t, start:stop]
        multiply(before, of_gates, True, gates_packed, 1, gates[:, : 2 * hidden])
        for n in range(stop - start):
            squash(gates[n], before[n], reset[n])
        multiply(reset, of_candidate, True, candidate_packed, 1, gates[:, 2 * hidden :])
        for n in range(stop - start):
            if t < arrays.lengths[start + n]:
                step(gates[n], before[n], arrays.h[t + 1, start + n])
            else:
                arrays.h[t + 1, start + n, :] = 0


@compiled
def squash(gates: Any, before: Any, reset: Any) -> None:
    """Squash r and z of one stream, and reset its old output."""
    r, z, _ = thirds(gates)
    for j in range(len(before)):
        r[j] = sigmoid(r[j])
        reset[j] = r[j] * before[j]
    for j in range(len(before)):
        z[j] = sigmoid(z[j])


@compiled
def step(gates: Any, before: Any, output: Any) -> None:
    """Squash the candidate of one stream and write its output."""
    _, z, candidate = thirds(gates)
    for j in range(len(output)):
        candidate[j] = tanh(candidate[j])
        output[j] = candidate[j] + z[j] * (before[j] - candidate[j])


@compiled
def backward(start: int, stop: int, weight: Any, packed: Any, arrays: Any, grads: Any) -> None:
    """Run the streams start to stop back through time."""
    hidden = arrays.h.shape[2]
    of_gates, of_candidate = weight[: 2 * hidden], weight[2 * hidden :]
    gates_packed, candidate_packed = packed
    pack(of_gates, False, stop - start, gates_packed)
    pack(of_candidate, False, stop - start, candidate_packed)
    of_h, of_reset = grads.h[start:stop], grads.c[start:stop]
    for t in range(len(arrays.gates) - 1, -1, -1):
        gates, before = arrays.gates[t, start:stop], arrays.h[t, start:stop]
        for n in range(stop - start):
            if t < arrays.lengths[start + n]:
                step_back(gates[n], before[n], grads.outputs[t, start + n], of_h[n])
            else:
                gates[n, :] = 0
        multiply(gates[:, 2 * hidden :], of_candidate, False, candidate_packed, 0, of_reset)
        for n in range(stop - start):
            squash_back(gates[n], before[n], of_reset[n], of_h[n])
        multiply(gates[:, : 2 * hidden], of_gates, False, gates_packed, 1, of_h)


@compiled
def step_back(gates: Any, before: Any, grad_output: Any, grad_h: Any) -> None:
    """Turn z and the candidate of one stream into gradients; grad_h gets what z carries."""
    _, z, candidate = thirds(gates)
    for j in range(len(before)):
        total = grad_output[j] + grad_h[j]
        kept = total * z[j]
        grad_h[j] = kept
        z[j] = total * (before[j] - candidate[j]) * sigmoid_slope(z[j])
        candidate[j] = (total - kept) * tanh_slope(candidate[j])


@compiled
def squash_back(gates: Any, before: Any, grad_reset: Any, grad_h: Any) -> None:
    """Turn r of one stream into its gradient; grad_h gets what came through r ∘ h."""
    r, _, _ = thirds(gates)
    for j in range(len(before)):
        grad_h[j] += grad_reset[j] * r[j]
        r[j] = grad_reset[j] * before[j] * sigmoid_slope(r[j])
