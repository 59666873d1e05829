"""The character model: the cross-entropy of the next character, and penalties."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from charrnn import config
from charrnn.settings import TrainConfig
from charrnn.text.batches import PADDING, Chunk
from charrnn.training.evaluate import evaluate
from charrnn.training.model import CharacterModel

__all__ = ["Objective", "Penalty", "evaluate", "loss_of", "objective"]


class Penalty(NamedTuple):
    """What is added to the loss that is minimised, but not to the one that is reported.

    activation, change: times the mean square of the outputs that the softmax reads, and of how
    they change from step to step (Merity et al. 2017).
    """

    activation: float = 0.0
    change: float = 0.0

    def of(self, outputs: Tensor) -> Tensor | float:
        """Return the penalty for outputs (T, N, H)."""
        total: Tensor | float = 0.0
        if self.activation:
            total += self.activation * outputs.square().mean()
        if self.change and len(outputs) > 1:
            total += self.change * outputs.diff(dim=0).square().mean()
        return total


NO_PENALTY = Penalty()


def loss_of(
    model: CharacterModel,
    inputs: npt.NDArray[np.int64],
    targets: npt.NDArray[np.int64],
    state: Any,
    learned: int | None = None,
    penalty: Penalty = NO_PENALTY,
) -> tuple[Tensor, Tensor, Any]:
    """Return the loss to minimise, the mean cross-entropy in nats, and the state after inputs.

    targets (T, N), of which the last `learned` steps count, all by default; -100 never does.
    """
    outputs, state = model.read(_moved(inputs, model.device), state)
    wanted = _moved(targets, model.device)
    if learned is not None and learned < len(targets):
        logits, wanted = model.logits(outputs[-learned:]), wanted[-learned:]
    else:
        logits = model.logits(outputs)
    loss_nats = nn.functional.cross_entropy(
        logits.flatten(0, 1), wanted.flatten(), ignore_index=PADDING
    )
    return loss_nats + penalty.of(outputs), loss_nats.detach(), state


def _moved(numbers: npt.NDArray[np.int64], device: torch.device) -> Tensor:
    """Return an array as a tensor on a device; a GPU fetches it while other work goes on."""
    tensor = torch.from_numpy(numbers)
    if device.type == "cuda":
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)


class Objective(nn.Module):
    """A model and what is minimised, as one module, so that processes can share its gradient.

    bfloat16: whether products are taken in it, on a GPU.
    """

    def __init__(
        self, model: CharacterModel, learned: int, penalty: Penalty, bfloat16: bool = False
    ) -> None:
        super().__init__()
        self.model, self.learned, self.penalty = model, learned, penalty
        self.in_bfloat16 = bfloat16

    def forward(self, chunk: Chunk, state: Any) -> tuple[Tensor, Tensor, Any]:
        """Return what `loss_of` does."""
        with torch.autocast(self.model.device.type, torch.bfloat16, enabled=self.in_bfloat16):
            inputs, targets, _ = chunk
            return loss_of(self.model, inputs, targets, state, self.learned, self.penalty)


def objective(model: CharacterModel, settings: TrainConfig) -> Objective:
    """Return what a step makes smaller."""
    return Objective(
        model,
        config.learned_steps(settings.loss_on, settings.sequence),
        Penalty(settings.activation_penalty, settings.change_penalty),
        settings.precision == "bfloat16",
    )
