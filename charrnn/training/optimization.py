"""One training step: the loss, its gradient, clipping, Adam, and the rate over time."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from charrnn.training.model import CharacterModel

WARMUP_STEPS = 100
FINAL_SHARE = 0.01


def adam(model: nn.Module, learning_rate: float) -> torch.optim.Adam:
    """Return Adam over all weights (Kingma & Ba 2015), with a second moment of 0.99.

    The shorter memory follows the gradients of recurrent networks faster than 0.999 does.
    """
    parameters = list(model.parameters())
    fused = parameters[0].device.type in ("cpu", "cuda")
    return torch.optim.Adam(parameters, lr=learning_rate, betas=(0.9, 0.99), fused=fused)


def rate_share(step: int, steps: int) -> float:
    """Return the share of the peak rate at a step from 0: a linear warm-up, then a cosine.

    The warm-up takes 100 steps or a tenth of the run; the cosine ends at 1%
    (Loshchilov & Hutter 2017).
    """
    warmup = min(WARMUP_STEPS, max(1, steps // 10))
    if step < warmup:
        return (step + 1) / warmup
    progress = (step - warmup) / max(1, steps - warmup)
    return FINAL_SHARE + (1 - FINAL_SHARE) * (1 + math.cos(math.pi * progress)) / 2


def loss_of(
    model: CharacterModel,
    inputs: npt.NDArray[np.int64],
    targets: npt.NDArray[np.int64],
    state: Any,
) -> tuple[Tensor, Any]:
    """Return the mean cross-entropy in nats of targets (T, N) and the state after inputs."""
    device = model.head.weight.device
    logits, state = model(torch.from_numpy(inputs).to(device), state)
    wanted = torch.from_numpy(targets).to(device).flatten()
    return nn.functional.cross_entropy(logits.flatten(0, 1), wanted), state


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
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it so
    norm = nn.utils.clip_grad_norm_(model.parameters(), clip_norm or math.inf)
    if clip_value:
        nn.utils.clip_grad_value_(model.parameters(), clip_value)
    optimizer.step()
    return norm
