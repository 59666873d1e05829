"""Gradient descent: clipped steps down, by one of torch's optimizers at a scheduled rate."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from charrnn.settings import TrainConfig
from charrnn.text.batches import Chunk
from charrnn.text.texts import Batch
from charrnn.training import distributed, tasks
from charrnn.training.averaging import Average
from charrnn.training.learners import optimizers
from charrnn.training.model import CharacterModel, detach


class Progressed(NamedTuple):
    """What a step reports: the loss in nats a character, the gradient's norm before clipping."""

    loss_nats: Tensor
    norm: Tensor


class Descent:
    """A model that learns chunk by chunk (truncated back-propagation through time), or by batches.

    carried: the model's state after the last chunk, None before the first. average: the moving
    average of the weights, if there is one.
    """

    def __init__(
        self, model: CharacterModel, settings: TrainConfig, rate_share: Callable[[int], float]
    ) -> None:
        """rate_share: from a step to the factor of the learning rate there."""
        self.model, self.settings = model, settings
        self.carried: Any = None
        self.optimizer = optimizers.make(
            settings.optimizer,
            model,
            settings.learning_rate,
            weight_decay=settings.weight_decay,
            momentum=settings.momentum,
            rms_decay=settings.rms_decay,
        )
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, rate_share)
        self.average = Average(model, settings.average) if settings.average else None
        objective = tasks.of(settings.task).objective(model, settings)
        unused = model.architecture.learned_start
        self.objective = distributed.together(objective, unused)

    @property
    def learning_rate(self) -> float:
        """The rate of the next step."""
        return float(self.optimizer.param_groups[0]["lr"])

    def advance(self, step: int, chunk: Chunk | Batch) -> Progressed:
        """Learn from the chunk of a step, counted from 0."""
        mine = distributed.share(chunk) if isinstance(chunk, Chunk) else chunk
        loss, loss_nats, state = self.objective(mine, None if chunk.fresh else self.carried)
        if self.settings.rising_momentum:
            for group in self.optimizer.param_groups:
                group["momentum"] = optimizers.risen_momentum(step, self.settings.momentum)
        norm = descend(
            self.model, self.optimizer, loss, self.settings.clip_norm, self.settings.clip_value
        )
        self.schedule.step()
        self.carried = None if state is None else detach(state)
        if self.average:
            self.average.update(self.model, step + 1)
        return Progressed(loss_nats, norm)

    def halve_rate(self) -> None:
        """Let the next step be half as long."""
        for group in self.optimizer.param_groups:
            group["lr"] /= 2

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Return all that decides the next step but the model: tensors, and what JSON holds."""
        optimizer = self.optimizer.state_dict()
        tensors = {
            f"optimizer.{index}.{name}": value
            for index, values in optimizer["state"].items()
            for name, value in values.items()
            if isinstance(value, Tensor)
        }
        if self.average:
            tensors |= {f"average.{i}": value for i, value in enumerate(self.average.tensors)}
        schedule = self.schedule.state_dict() | {"lr_lambdas": [None]}  # a function; made anew
        return tensors, {"optimizer": optimizer["param_groups"], "schedule": schedule}

    def load(self, tensors: dict[str, Tensor], header: dict[str, Any]) -> None:
        """Go back to what `state` returned. Raises ValueError where it does not fit."""
        states: dict[int, dict[str, Any]] = {}
        for name, value in tensors.items():
            kind, _, rest = name.partition(".")
            if kind == "optimizer":
                index, _, key = rest.partition(".")
                states.setdefault(int(index), {})[key] = value
        self.optimizer.load_state_dict({"state": states, "param_groups": header["optimizer"]})
        self.schedule.load_state_dict(header["schedule"])
        if self.average:
            for number, mine in enumerate(self.average.tensors):
                mine.copy_(tensors[f"average.{number}"])


def descend(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    loss: Tensor,
    clip_norm: float,
    clip_value: float,
) -> Tensor:
    """Take one step down the gradient, clipped; return the gradient's norm before clipping.

    A norm or a value of 0 does not clip (Pascanu et al. 2013).
    """
    loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it so
    norm = nn.utils.clip_grad_norm_(model.parameters(), clip_norm or math.inf)
    if clip_value:
        nn.utils.clip_grad_value_(model.parameters(), clip_value)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)  # a validation needs the memory
    return norm
