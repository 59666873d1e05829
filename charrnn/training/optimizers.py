"""torch's optimizers by name, with the settings that recurrent networks were trained with."""

import math

import torch
from torch import nn

ADAM_BETAS = (0.9, 0.99)
EPSILON = 1e-8
BY_CHARACTER = ("embedding.weight", "head.weight")


def make(
    kind: str,
    model: nn.Module,
    learning_rate: float,
    *,
    weight_decay: float = 0.0,
    momentum: float = 0.9,
    rms_decay: float = 0.95,
) -> torch.optim.Optimizer:
    """Return an optimizer over all weights; weight decay is for the matrices between units.

    It is not for biases, nor for the rows of single characters (see `BY_CHARACTER`): a rare one
    would be forgotten until it comes again.

    adam, adamw: Kingma & Ba 2015, Loshchilov & Hutter 2019, with a second moment of 0.99, which
    follows the gradients of recurrent networks faster than 0.999 does. rmsprop: as in char-rnn;
    adagrad: as in min-char-rnn. nesterov, sgd: with momentum.
    """
    decayed: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for name, parameter in model.named_parameters():
        of_units = parameter.ndim > 1 and not name.endswith(BY_CHARACTER)
        (decayed if of_units else others).append(parameter)
    groups = [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    fused = next(model.parameters()).device.type in ("cpu", "cuda")
    if kind == "adam":
        return torch.optim.Adam(groups, learning_rate, ADAM_BETAS, fused=fused)
    if kind == "adamw":
        return torch.optim.AdamW(groups, learning_rate, ADAM_BETAS, fused=fused)
    if kind == "rmsprop":
        return torch.optim.RMSprop(groups, learning_rate, rms_decay, EPSILON)
    if kind == "adagrad":
        return torch.optim.Adagrad(groups, learning_rate, eps=EPSILON)
    nesterov = kind == "nesterov" and momentum > 0
    return torch.optim.SGD(groups, learning_rate, momentum, nesterov=nesterov)


def risen_momentum(step: int, momentum: float) -> float:
    """Return the momentum at a step from 0 where it rises: 0.5, 0.75, 0.875 … up to a limit.

    min(1 - 2^(-1 - log2(⌊t / 250⌋ + 1)), limit), Sutskever et al. 2013, equation 5.
    """
    return min(1 - 2 ** (-1 - math.log2(step // 250 + 1)), momentum)
