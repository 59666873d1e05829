"""A moving average of the weights, which is often the better model until the rate has fallen."""

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn


class Average:
    """The exponential moving average of a model's weights (Polyak & Juditsky 1992).

    memory: the share of the old average that a step leaves, less in the first steps, so that
    the first weights are soon forgotten. tensors: as `model.parameters()` has them.
    """

    def __init__(self, model: nn.Module, memory: float) -> None:
        self.memory = memory
        self.tensors = [parameter.detach().clone() for parameter in model.parameters()]

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        """Take in the weights after a step, counted from 1."""
        memory = min(self.memory, (1 + step) / (10 + step))
        blend = get_ema_multi_avg_fn(memory)  # type: ignore[no-untyped-call]
        blend(self.tensors, list(model.parameters()), step)

    @contextlib.contextmanager
    def in_place_of(self, model: nn.Module) -> Iterator[None]:
        """Let the average be the model's weights for a while."""
        self._swap(model)
        try:
            yield
        finally:
            self._swap(model)

    @torch.no_grad()
    def _swap(self, model: nn.Module) -> None:
        for mine, parameter in zip(self.tensors, model.parameters(), strict=True):
            kept: Tensor = mine.clone()
            mine.copy_(parameter)
            parameter.copy_(kept)
