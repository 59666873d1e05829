"""A cell's kernel through time, forward and back, as one autograd function.

The batch's streams are split over threads, each with its own loop of one matrix product and one
pass over the units a step: at these sizes one product does not keep two cores busy. What does
not depend on time, the input's product and the weights' gradient, is one large product outside.
"""

import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from charrnn.training.kernels import gru, lstm, vanilla
from charrnn.training.kernels.arithmetic import compiled

KERNELS: dict[str, ModuleType] = {"lstm": lstm, "gru": gru, "vanilla": vanilla}


@dataclass
class Pass:
    """What one pass over a sequence needs on its way back.

    product, gates (T, N, G·H): see the cell; one array where the cell needs only one.
    rows (T, N): which row of the input's table each stream reads. h, c (T + 1, N, H).
    """

    kernel: ModuleType
    product: Tensor
    gates: Tensor
    rows: Tensor
    h: Tensor
    c: Tensor


def run(
    backbone: str, rnn: nn.RNNBase, ids: Tensor, embedding: Tensor | None, state: Any
) -> tuple[Tensor, Any]:
    """Do what a torch.nn recurrent module does, with its own weights.

    ids (T, N); embedding (V, E), or None for one-hot inputs. state: as torch.nn takes it.
    Returns the outputs (T, N, H) and the new state.
    """
    kernel = KERNELS[backbone]
    steps, streams = ids.shape
    hidden = rnn.hidden_size
    if state is None:
        zero = torch.zeros(rnn.num_layers, streams, hidden, dtype=rnn.all_weights[0][0].dtype)
        state = (zero, zero)
    first = state if isinstance(state, tuple) else (state, state)
    table, rows, finals = embedding, ids, []
    for layer in range(rnn.num_layers):
        weight_ih, weight_hh, bias_ih, bias_hh = (
            getattr(rnn, f"{name}_l{layer}")
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        inner = bias_hh[2 * hidden :] if kernel.INNER else bias_hh[:0]
        outer = nn.functional.pad(bias_hh[: 2 * hidden], (0, hidden)) if kernel.INNER else bias_hh
        bias = bias_ih + outer
        if table is None:  # a one-hot row times a matrix is a row of it
            inputs = weight_ih.t() + bias
        else:
            inputs = nn.functional.linear(table, weight_ih, bias)
        outputs, h, c = Recurrence.apply(  # type: ignore[no-untyped-call]
            kernel, inputs, rows, weight_hh, inner, first[0][layer], first[1][layer]
        )
        finals.append((h, c))
        table = outputs.reshape(steps * streams, hidden)
        rows = _each_its_own(steps, streams)
    stacked = tuple(torch.stack(part) for part in zip(*finals, strict=True))
    return outputs, stacked if backbone == "lstm" else stacked[0]


@functools.lru_cache(maxsize=8)
def _each_its_own(steps: int, streams: int) -> Tensor:
    return torch.arange(steps * streams).view(steps, streams)


class Recurrence(torch.autograd.Function):
    """One layer over a whole sequence: the input's table to the outputs and the last states."""

    @staticmethod
    def forward(
        ctx: Any,
        kernel: ModuleType,
        inputs: Tensor,
        rows: Tensor,
        weight: Tensor,
        inner: Tensor,
        h: Tensor,
        c: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the outputs (T, N, H) and the last h and c (N, H)."""
        steps, streams = rows.shape
        hidden = h.shape[1]
        product = inputs.new_empty(steps, streams, weight.shape[0])
        done = Pass(
            kernel=kernel,
            product=product,
            gates=torch.empty_like(product) if kernel.INNER else product,
            rows=rows,
            h=inputs.new_empty(steps + 1, streams, hidden),
            c=inputs.new_empty(steps + 1, streams, hidden) if kernel is lstm else h[None],
        )
        done.h[0] = h
        if kernel is lstm:
            done.c[0] = c
        inputs, weight, inner = inputs.detach(), weight.detach().t().contiguous(), inner.detach()
        arrays = [
            tensor.numpy()
            for tensor in (product, done.gates, inputs, rows, inner.contiguous(), done.h, done.c)
        ]

        def shard(start: int, stop: int) -> None:
            befores = done.h[:, start:stop].unbind()
            products = product[:, start:stop].unbind()
            for t in range(steps):
                torch.mm(befores[t], weight, out=products[t])
                kernel.forward(t, start, stop, *arrays)

        _over_shards(shard, streams)
        ctx.done = done
        ctx.save_for_backward(inputs, weight)
        return done.h[1:], done.h[-1].clone(), done.c[-1].clone()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad_outputs: Tensor, grad_h: Tensor, grad_c: Tensor) -> Any:
        """Return the gradients of inputs, weight, inner bias, h and c."""
        if ctx.done is None:
            raise RuntimeError("the gradient has been taken: it was written over what it needs")
        done: Pass = ctx.done
        ctx.done = None
        inputs, weight = ctx.saved_tensors
        weight = weight.t().contiguous()
        kernel, product = done.kernel, done.product
        steps, streams = done.rows.shape
        grad_h, grad_c = grad_h.clone(), grad_c.clone()
        grad_outputs = grad_outputs.contiguous()
        arrays = [
            tensor.detach().numpy()
            for tensor in (product, done.gates, done.h, done.c, grad_outputs, grad_h, grad_c)
        ]

        def shard(start: int, stop: int) -> None:
            grads = product[:, start:stop].unbind()
            carried, direct = grad_h[start:stop], grad_c[start:stop]
            for t in range(steps - 1, -1, -1):
                kernel.backward(t, start, stop, *arrays)
                if kernel.DIRECT:
                    torch.addmm(direct, grads[t], weight, out=carried)
                else:
                    torch.mm(grads[t], weight, out=carried)

        _over_shards(shard, streams)
        flat = product.view(steps * streams, -1)
        grad_weight = flat.t() @ done.h[:-1].reshape(steps * streams, -1)
        grad_inner = flat[:, -grad_h.shape[1] :].sum(0) if kernel.INNER else flat.new_zeros(0)
        grad_inputs = _gather(inputs, done)
        of_c = grad_c if kernel is lstm else None
        return None, grad_inputs, None, grad_weight, grad_inner, grad_h, of_c


def _gather(inputs: Tensor, done: Pass) -> Tensor:
    """Return the gradient of the input's table: of each row, the sum over where it was read."""
    flat = done.gates.view(-1, inputs.shape[1])
    if done.rows is _each_its_own(*done.rows.shape):
        return flat
    grad = torch.zeros_like(inputs)
    _scatter_add(flat.numpy(), done.rows.numpy().ravel(), grad.numpy())
    return grad


@compiled
def _scatter_add(values: Any, rows: Any, totals: Any) -> None:
    for n in range(len(rows)):
        value, total = values[n], totals[rows[n]]
        for j in range(len(value)):
            total[j] += value[j]


def _over_shards(work: Callable[[int, int], None], streams: int) -> None:
    """Do the work on a share of the streams in each thread."""
    shards = min(torch.get_num_threads(), streams)
    if shards == 1:
        work(0, streams)
        return
    edges = np.linspace(0, streams, shards + 1).astype(int).tolist()
    list(_threads(shards).map(work, edges[:-1], edges[1:]))


@functools.cache
def _threads(count: int) -> ThreadPoolExecutor:
    """Return threads whose own matrix products take one thread each."""
    return ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(1,))
