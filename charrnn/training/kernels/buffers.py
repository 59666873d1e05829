"""Large tensors that outlive a training step, and the threads that share its work."""

import functools
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from torch import Tensor


class Buffers:
    """Tensors used again and again, so that the system need not find memory for each step."""

    def __init__(self) -> None:
        self._spare: dict[Any, list[Tensor]] = defaultdict(list)

    def take(self, like: Tensor, *shape: int) -> Tensor:
        """Return a tensor of unknown content, of the type of another."""
        spare = self._spare[shape, like.dtype]
        return spare.pop() if spare else like.new_empty(shape)

    def give(self, *tensors: Tensor) -> None:
        """Take tensors back whose content is no longer needed."""
        for tensor in tensors:
            self._spare[tuple(tensor.shape), tensor.dtype].append(tensor)


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
    """Return threads whose own matrix products take so many threads each."""
    return ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(inner,))
