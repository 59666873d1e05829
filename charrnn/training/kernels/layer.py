"""One recurrent layer over a whole sequence, as an autograd function.

What does not depend on time is one large product outside the loop: the input's share before it,
the weights' gradients after it. The loop itself is compiled, see the cells' files. A product of
one step is too small to keep several cores busy, so the streams are split over threads.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol

import torch
from torch import Tensor

from charrnn.cells import CELLS
from charrnn.training.kernels import products
from charrnn.training.kernels.arrays import Arrays, Grads
from charrnn.training.kernels.buffers import Buffers, split

SMALLEST_SHARD = 8 if products.PACKS else 16  # streams; measured with MKL, packed and not


class Kernel(Protocol):
    """A cell's loop through time: a module of this package, called as the cell is.

    KEPT: the arrays of `Arrays` that it uses beside those that all do.
    """

    KEPT: tuple[str, ...]

    def forward(self, start: int, stop: int, weight: Any, packed: Any, arrays: Any) -> None:
        """Run the streams start to stop through time; outputs behind a stream's end are zero."""

    def backward(
        self, start: int, stop: int, weight: Any, packed: Any, arrays: Any, grads: Any
    ) -> None:
        """Run them back: `gates` becomes its gradient, zero behind the end; h and c are carried."""

    def of_recurrent(self, arrays: Arrays) -> Tensor:
        """Return the gradient of the recurrent weight (G·H, H), after `backward`."""

    def of_inner(self, arrays: Arrays) -> Tensor:
        """Return that of the bias of the gates in `INNER`; only for a cell that has some."""


@dataclass
class Engine:
    """How layers are run. shards: over how many threads a batch's streams are split."""

    cell: str
    shards: int
    buffers: Buffers = field(default_factory=Buffers)

    def __post_init__(self) -> None:
        kernel: Any = import_module(f"{__package__}.{self.cell}")
        self.kernel: Kernel = kernel
        gates, inner = CELLS[self.cell].GATES, CELLS[self.cell].INNER
        self.inner = [gates.index(gate) for gate in inner]

    def shards_of(self, streams: int) -> int:
        """Return over how many threads a number of streams are split.

        A BLAS rounds a product of few rows differently. Each thread gets enough of them that the
        numbers do not depend, to the bit, on how the streams are split.
        """
        return max(1, min(self.shards, streams // SMALLEST_SHARD))

    def layer(
        self,
        rows: Tensor | None,
        x: Tensor | None,
        weights: Sequence[Tensor],
        state: tuple[Tensor, ...],
        lengths: Tensor | None = None,
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Run one layer, see `charrnn.training.stack.Runner`.

        The outputs are written over when the gradient is taken.
        """
        learning = torch.is_grad_enabled()
        outputs, *last = Layer.apply(self, learning, lengths, rows, x, *weights, *state)  # type: ignore[no-untyped-call]
        return outputs, tuple(last)


class Layer(torch.autograd.Function):
    """A layer's inputs, weights and first states to its outputs and last states."""

    @staticmethod
    def forward(
        ctx: Any,
        engine: Engine,
        learning: bool,
        lengths: Tensor | None,
        ids: Tensor | None,
        x: Tensor | None,
        weight_ih: Tensor,
        weight_hh: Tensor,
        bias_ih: Tensor,
        bias_hh: Tensor,
        *state: Tensor,
    ) -> tuple[Tensor, ...]:
        """Return the outputs (T, N, H) and the last states (N, H).

        ids (T, N), of which x (V, E) is the embedding, None for one-hot; or x (T, N, E) alone.
        learning: whether a gradient will be asked for.
        """
        biases = _biases(engine, bias_ih, bias_hh)
        arrays = _arrays(engine, learning, lengths, ids, x, weight_ih, biases, state)
        _through_time(engine, engine.kernel.forward, weight_hh, True, arrays)
        last = [_at_end(part, lengths) for part in (arrays.h, arrays.c)[: len(state)]]
        if learning:
            ctx.engine, ctx.arrays, ctx.lengths = engine, arrays, lengths
            ctx.save_for_backward(x, weight_ih, weight_hh)
        else:
            _give_back(engine, arrays, "gates", *engine.kernel.KEPT)
        return arrays.h[1:], *last

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, outputs: Tensor, h: Tensor, *rest: Tensor) -> Any:
        """Return the gradients of what `forward` took, from those of what it returned."""
        if ctx.arrays is None:
            raise RuntimeError("the gradient has been taken: it was written over what it needs")
        engine, arrays, ctx.arrays = ctx.engine, ctx.arrays, None
        x, weight_ih, weight_hh = ctx.saved_tensors
        grads = _grads(ctx.lengths, outputs, h, *rest)
        _through_time(engine, engine.kernel.backward, weight_hh, False, arrays, grads)
        share = arrays.gates.flatten(0, 1)
        if arrays.rows.numel():  # of each row of the table, the sum over where it was read
            share = torch.zeros_like(arrays.table).index_add_(0, arrays.rows.flatten(), share)
        of_bias = share.sum(0)
        flat = None if x is None else x.view(-1, x.shape[-1])
        of_weight_ih = share.t().contiguous() if flat is None else share.t() @ flat
        of_weight_hh = engine.kernel.of_recurrent(arrays)
        of_x = _of_input(share, weight_ih, x, arrays.h[1:]) if ctx.needs_input_grad[4] else None
        of_bias_hh = of_bias
        if engine.inner:
            of_bias_hh = of_bias.clone()
            of_inner = engine.kernel.of_inner(arrays)
            _by_gate(engine, of_bias_hh)[engine.inner] = of_inner.view(len(engine.inner), -1)
        _give_back(engine, arrays, "h", "gates", *engine.kernel.KEPT)
        of_weights = of_weight_ih, of_weight_hh, of_bias, of_bias_hh
        return None, None, None, None, of_x, *of_weights, *(grads.h, grads.c)[: 1 + len(rest)]


def _by_gate(engine: Engine, bias: Tensor) -> Tensor:
    """Return a view (G, H) of a bias (G·H,)."""
    return bias.view(len(CELLS[engine.cell].GATES), -1)


def _biases(engine: Engine, bias_ih: Tensor, bias_hh: Tensor) -> tuple[Tensor, Tensor]:
    """Return the bias of the input's share (G·H,), and that of the gates in `INNER`."""
    outer = bias_ih + bias_hh
    if not engine.inner:
        return outer, bias_hh[:0]
    _by_gate(engine, outer)[engine.inner] = _by_gate(engine, bias_ih)[engine.inner]
    return outer, _by_gate(engine, bias_hh)[engine.inner].flatten()


def _at_end(states: Tensor, lengths: Tensor | None) -> Tensor:
    """Return the states (N, H) at the end of each stream, of those at all times (T + 1, N, H)."""
    if lengths is None:
        return states[-1].clone()
    return states[lengths, torch.arange(states.shape[1])]


def _grads(lengths: Tensor | None, outputs: Tensor, h: Tensor, *rest: Tensor) -> Grads:
    """Return the gradients that come from outside, in memory that may be written over.

    At a stream's end its last h is an output, and gets its gradient as such.
    """
    c = rest[0].clone() if rest else torch.empty_like(h)
    if lengths is None:
        return Grads(outputs.contiguous(), h.clone(), c)
    ends = lengths - 1, torch.arange(len(h))
    return Grads(outputs.index_put(ends, h, accumulate=True), torch.zeros_like(h), c)


def _arrays(
    engine: Engine,
    learning: bool,
    lengths: Tensor | None,
    ids: Tensor | None,
    x: Tensor | None,
    weight_ih: Tensor,
    biases: tuple[Tensor, Tensor],
    state: tuple[Tensor, ...],
) -> Arrays:
    """Return the arrays of a layer before its first step."""
    steps, streams = (x if ids is None else ids).shape[:2]  # type: ignore[union-attr]
    h, (width, hidden) = state[0], (len(weight_ih), state[0].shape[1])

    def take(role: str, *shape: int) -> Tensor:
        wanted = role == "gates" or role in engine.kernel.KEPT
        return engine.buffers.take(role, h, *shape) if wanted else h.new_empty((0, *shape[1:]))

    gates = take("gates", steps, streams, width)
    if ids is None:
        table = h.new_empty((0, 0))
        torch.addmm(biases[0], x.flatten(0, 1), weight_ih.t(), out=gates.view(-1, width))  # type: ignore[union-attr]
    elif x is None:  # a one-hot row times a matrix is a row of it
        table = (weight_ih.t() + biases[0]).contiguous()
    else:
        table = torch.addmm(biases[0], x, weight_ih.t())
    # Without a gradient there is no moment at which the outputs are known to be done with.
    size = (steps + 1, streams, hidden)
    outputs = engine.buffers.take("h", h, *size) if learning else h.new_empty(size)
    arrays = Arrays(
        gates=gates,
        table=table,
        rows=torch.empty((0, 0), dtype=torch.int64) if ids is None else ids.contiguous(),
        lengths=torch.full((streams,), steps) if lengths is None else lengths,
        h=outputs,
        inner=biases[1],
        c=take("c", *size),
        inside=take("inside", steps, streams, hidden),
        product=take("product", streams, width),
    )
    for states, first in zip((arrays.h, arrays.c), state, strict=False):
        states[0] = first
    return arrays


def _give_back(engine: Engine, arrays: Arrays, *roles: str) -> None:
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
    out = done.view(-1, x.shape[-1]) if x.shape == done.shape else None
    return torch.mm(share, weight, out=out).view(x.shape)
