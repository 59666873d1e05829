"""Large tensors that outlive a training step, and the threads that share its work."""

import functools
import math
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from torch import Tensor


class Buffers:
    """Memory used again and again, so that the system need not find it for each step.

    It is asked for by role, such as "gates". The chunks of a run differ a little in length: what
    is too small gives way to a larger one, so that there is never more than one step needs.
    """

    def __init__(self) -> None:
        self._spare: dict[tuple[str, torch.dtype], list[Tensor]] = defaultdict(list)

    def take(self, role: str, like: Tensor, *shape: int) -> Tensor:
        """Return a tensor of unknown content, of the type of another."""
        spare, size = self._spare[role, like.dtype], math.prod(shape)
        if spare:
            flat = spare.pop()
            if len(flat) >= size:
                return flat[:size].view(shape)
            del flat
        return like.new_empty((size,)).view(shape)

    def give(self, role: str, tensor: Tensor) -> None:
        """Take back a tensor whose content is no longer needed."""
        if tensor.numel():
            whole = tensor.new_empty(0).set_(tensor.untyped_storage())
            self._spare[role, tensor.dtype].append(whole)


def split(work: Callable[[int, int, int], None], length: int, shards: int) -> None:
    """Do the work (shard, start, stop) on as many shares of a length, each in a thread."""
    edges = np.linspace(0, length, shards + 1).astype(int).tolist()
    if shards == 1:
        work(0, 0, length)
    else:
        threads = _threads(shards, max(1, torch.get_num_threads() // shards))
        list(threads.map(work, range(shards), edges[:-1], edges[1:]))


@functools.cache
def _threads(count: int, inner: int) -> ThreadPoolExecutor:
    """Return threads whose own matrix products take a number of threads each."""
    return ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(inner,))
