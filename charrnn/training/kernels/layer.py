"""One recurrent layer over a whole sequence, as an autograd function.

What does not depend on time is one large product outside the loop: the input's share before it,
the weights' gradients after it. The loop itself is compiled, see the cells' files. A product of
one step is too small to keep several cores busy, so the streams are split over threads.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from charrnn.training.kernels import gru, gru_before, lstm, products, vanilla
from charrnn.training.kernels.arrays import Arrays, Grads
from charrnn.training.kernels.buffers import Buffers, split

KERNELS: dict[str, ModuleType] = {
    "lstm": lstm,
    "gru": gru,
    "gru_before": gru_before,
    "vanilla": vanilla,
}


SMALLEST_SHARD = 8 if products.PACKS else 16  # streams; measured with MKL, packed and not
ROLES = ("gates", "c", "inside", "product")  # of the arrays that a pass keeps to itself


@dataclass
class Engine:
    """How layers are run. shards: over how many threads a batch's streams are split."""

    cell: str
    shards: int
    buffers: Buffers = field(default_factory=Buffers)

    def shards_of(self, streams: int) -> int:
        """Return over how many threads so many streams are split.

        A BLAS rounds a product of few rows differently. Each thread gets so many that the
        numbers do not depend, to the bit, on how the streams are split.
        """
        return max(1, min(self.shards, streams // SMALLEST_SHARD))

    def layer(
        self, rows: Tensor | None, x: Tensor | None, weights: Sequence[Tensor], state: list[Tensor]
    ) -> tuple[Tensor, list[Tensor]]:
        """Run one layer, see `charrnn.training.stack.Runner`.

        The outputs are written over when the gradient is taken.
        """
        learning = torch.is_grad_enabled()
        outputs, h, c = Layer.apply(self, learning, rows, x, *weights, state[0], state[-1])  # type: ignore[no-untyped-call]
        return outputs, [h, c] if self.cell == "lstm" else [h]


class Layer(torch.autograd.Function):
    """A layer's inputs, weights and first states to its outputs and last states."""

    @staticmethod
    def forward(
        ctx: Any,
        engine: Engine,
        learning: bool,
        ids: Tensor | None,
        x: Tensor | None,
        weight_ih: Tensor,
        weight_hh: Tensor,
        bias_ih: Tensor,
        bias_hh: Tensor,
        h: Tensor,
        c: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the outputs (T, N, H) and the last h and c (N, H), empty where there is none.

        ids (T, N), of which x (V, E) is the embedding, None for one-hot; or x (T, N, E) alone.
        learning: whether a gradient will be asked for.
        """
        inner = bias_hh[2 * len(h[0]) :] if engine.cell == "gru" else bias_hh[:0]
        bias = bias_ih + bias_hh
        if len(inner):
            bias[2 * len(h[0]) :] = bias_ih[2 * len(h[0]) :]
        arrays = _arrays(engine, learning, ids, x, weight_ih, bias, inner, h, c)
        _through_time(engine, KERNELS[engine.cell].forward, weight_hh, True, arrays)
        last, cells = arrays.h[-1].clone(), arrays.c[-1:].clone().view(-1, h.shape[1])
        if engine.cell != "lstm":
            ctx.mark_non_differentiable(cells)
        if learning:
            ctx.engine, ctx.arrays = engine, arrays
            ctx.save_for_backward(x, weight_ih, weight_hh)
        else:
            _give_back(engine, arrays, ROLES)
        return arrays.h[1:], last, cells

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, outputs: Tensor, h: Tensor, c: Tensor) -> Any:
        """Return the gradients of what `forward` took, from those of what it returned."""
        if ctx.arrays is None:
            raise RuntimeError("the gradient has been taken: it was written over what it needs")
        engine, arrays, ctx.arrays = ctx.engine, ctx.arrays, None
        x, weight_ih, weight_hh = ctx.saved_tensors
        cells = c.clone() if engine.cell == "lstm" else torch.empty_like(h)
        grads = Grads(outputs.contiguous(), h.clone(), cells)
        _through_time(engine, KERNELS[engine.cell].backward, weight_hh, False, arrays, grads)
        share = arrays.gates.flatten(0, 1)
        if arrays.rows.numel():  # of each row of the table, the sum over where it was read
            share = torch.zeros_like(arrays.table).index_add_(0, arrays.rows.flatten(), share)
        of_bias = share.sum(0)
        flat = None if x is None else x.view(-1, x.shape[-1])
        of_weight_ih = share.t().contiguous() if flat is None else share.t() @ flat
        of_weight_hh = _of_recurrent(engine.cell, arrays)
        of_x = _of_input(share, weight_ih, x, arrays.h[1:]) if ctx.needs_input_grad[3] else None
        of_inner = of_bias
        if engine.cell == "gru":
            of_candidate = arrays.inside.flatten(0, 1).sum(0)
            of_inner = torch.cat([of_bias[: 2 * len(of_candidate)], of_candidate])
        _give_back(engine, arrays, (*ROLES, "h"))
        of_c = grads.c if engine.cell == "lstm" else None
        return None, None, None, of_x, of_weight_ih, of_weight_hh, of_bias, of_inner, grads.h, of_c


def _arrays(
    engine: Engine,
    learning: bool,
    ids: Tensor | None,
    x: Tensor | None,
    weight_ih: Tensor,
    bias: Tensor,
    inner: Tensor,
    h: Tensor,
    c: Tensor,
) -> Arrays:
    """Return the arrays of a layer before its first step."""
    steps, streams = (x if ids is None else ids).shape[:2]  # type: ignore[union-attr]
    width, hidden = len(weight_ih), h.shape[1]

    def take(role: str, wanted: bool, *shape: int) -> Tensor:
        return engine.buffers.take(role, h, *shape) if wanted else h.new_empty((0, *shape[1:]))

    gates = take("gates", True, steps, streams, width)
    if ids is None:
        table = h.new_empty((0, 0))
        torch.addmm(bias, x.flatten(0, 1), weight_ih.t(), out=gates.view(-1, width))  # type: ignore[union-attr]
    elif x is None:  # a one-hot row times a matrix is a row of it
        table = (weight_ih.t() + bias).contiguous()
    else:
        table = torch.addmm(bias, x, weight_ih.t())
    # Without a gradient there is no moment at which the outputs are known to be done with.
    size = (steps + 1, streams, hidden)
    outputs = engine.buffers.take("h", h, *size) if learning else h.new_empty(size)
    outputs[0] = h
    cells = take("c", engine.cell == "lstm", *size)
    cells[:1] = c
    return Arrays(
        gates=gates,
        table=table,
        rows=torch.empty((0, 0), dtype=torch.int64) if ids is None else ids.contiguous(),
        h=outputs,
        c=cells,
        inside=take("inside", engine.cell in ("gru", "gru_before"), steps, streams, hidden),
        inner=inner,
        product=take("product", engine.cell == "gru", streams, width),
    )


def _give_back(engine: Engine, arrays: Arrays, roles: tuple[str, ...]) -> None:
    for role in roles:
        engine.buffers.give(role, getattr(arrays, role))


def _through_time(
    engine: Engine, loop: Any, weight: Tensor, transposed: bool, *groups: Arrays | Grads
) -> None:
    """Run a kernel's loop on the streams, shard by shard, each with its own packed weight."""
    streams = groups[0].h.shape[-2]
    shards = engine.shards_of(streams)
    arrays = [type(group)(*(part.detach().numpy() for part in group)) for group in groups]
    matrix = weight.detach().numpy()
    packable = products.PACKS and weight.dtype == torch.float32
    size = products.packed_size(streams, *weight.shape) if packable else 0
    space = engine.buffers.take("packed", weight, shards, 2, size)

    def work(shard: int, start: int, stop: int) -> None:
        packed = (space[shard, 0].numpy(), space[shard, 1].numpy()) if packable else (None, None)
        loop(start, stop, matrix, packed, *arrays)

    split(work, streams, shards)
    engine.buffers.give("packed", space)


def _of_input(share: Tensor, weight: Tensor, x: Tensor, done: Tensor) -> Tensor:
    """Return the gradient of the input x, in memory that is done with where it is as large."""
    room = done.view(-1, x.shape[-1]) if x.shape == done.shape else None
    return torch.mm(share, weight, out=room).view(x.shape)


def _of_recurrent(cell: str, arrays: Arrays) -> Tensor:
    """Return the gradient of the recurrent weight (G·H, H)."""
    hidden = arrays.h.shape[2]
    before, grads = arrays.h[:-1].flatten(0, 1), arrays.gates.flatten(0, 1).t()
    if not arrays.inside.numel():
        return torch.mm(grads, before)
    inside = arrays.inside.flatten(0, 1)
    whole: Tensor = grads.new_empty((len(grads), hidden))
    torch.mm(grads[: 2 * hidden], before, out=whole[: 2 * hidden])
    if cell == "gru":
        torch.mm(inside.t(), before, out=whole[2 * hidden :])
    else:
        torch.mm(grads[2 * hidden :], inside, out=whole[2 * hidden :])
    return whole
