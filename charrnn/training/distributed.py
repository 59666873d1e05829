"""Several processes, started by torchrun, that train one model on a share of the streams each.

With one process every function here does nothing, or next to it.
"""

import os
from typing import Any, TypeVar

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn

from charrnn.errors import TrainingError
from charrnn.text.batches import Chunk
from charrnn.torchrun import rank, size

Thing = TypeVar("Thing")
BACKENDS = {"cpu": "gloo", "cuda": "cpu:gloo,cuda:nccl"}


def join(device: torch.device, batch: int, records: bool) -> torch.device:
    """Meet the other processes; return this one's device.

    Raises TrainingError where the streams cannot be shared out evenly.
    """
    if size() == 1:
        return device
    if records:
        raise TrainingError(
            "records cannot be divided among several processes", "train without torchrun"
        )
    if batch % size():
        raise TrainingError(
            f"a batch of {batch} sequences cannot be divided evenly among {size()} processes",
            f"give a --batch that is a multiple of {size()}, and a text long enough for it",
        )
    if device.type not in BACKENDS:
        raise TrainingError(f"several processes cannot use {device}", "--device cpu always works")
    if not dist.is_initialized():
        dist.init_process_group(BACKENDS[device.type])
    if device.type == "cuda":
        return torch.device("cuda", int(os.environ["LOCAL_RANK"]))
    return device


def leave() -> None:
    """Part from the other processes."""
    if dist.is_initialized():
        dist.barrier()
        dist.destroy_process_group()


def together(module: nn.Module, unused: bool) -> nn.Module:
    """Return a module whose gradient is the mean over all processes.

    unused: whether some parameters have no part in some steps.
    """
    if size() == 1:
        return module
    return nn.parallel.DistributedDataParallel(module, find_unused_parameters=unused)


def mine(count: int) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """Return which of `count` streams are this process's; all of them where they are too few."""
    streams = np.arange(count)
    return np.array_split(streams, size())[rank()] if count >= size() else streams


def share(chunk: Chunk) -> Chunk:
    """Return this process's streams of a chunk."""
    columns = mine(chunk.inputs.shape[1])
    return Chunk(chunk.inputs[:, columns], chunk.targets[:, columns], chunk.fresh)


def mean(values: Tensor) -> Tensor:
    """Return the mean of each value over all processes."""
    if size() > 1:
        dist.all_reduce(values := values.clone())
    return values / size()


def total(value: float) -> float:
    """Return the sum of a number over all processes."""
    return sum(everyones(value)) if size() > 1 else value


def any_of(flag: bool) -> bool:
    """Return whether a process says so."""
    return any(everyones(flag))


def everyones(thing: Thing) -> list[Thing]:
    """Return what each process has."""
    if size() == 1:
        return [thing]
    things: list[Any] = [None] * size()
    dist.all_gather_object(things, thing)
    return things


def firsts(thing: Thing) -> Thing:
    """Return what the first process has."""
    return everyones(thing)[0]
