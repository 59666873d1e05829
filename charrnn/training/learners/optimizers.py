"""torch's optimizers by name, with the settings that recurrent networks were trained with."""

import inspect
import math
from typing import Any

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
    adam = {"betas": ADAM_BETAS, "fused": next(model.parameters()).device.type in ("cpu", "cuda")}
    made: dict[str, tuple[type[torch.optim.Optimizer], dict[str, Any]]] = {
        "adam": (torch.optim.Adam, adam),
        "adamw": (torch.optim.AdamW, adam),
        "rmsprop": (torch.optim.RMSprop, {"alpha": rms_decay, "eps": EPSILON}),
        "adagrad": (torch.optim.Adagrad, {"eps": EPSILON}),
        "nesterov": (torch.optim.SGD, {"momentum": momentum, "nesterov": momentum > 0}),
        "sgd": (torch.optim.SGD, {"momentum": momentum}),
    }
    kept, options = made[kind]
    optimizer: torch.optim.Optimizer = _uncompiled(kept)(groups, lr=learning_rate, **options)
    return optimizer


def _uncompiled(optimizer: type[torch.optim.Optimizer]) -> Any:
    """Return an optimizer's class that leaves torch's compiler unloaded.

    torch imports it, which takes longer than importing torch, only to be left alone by it. The
    methods ask for their own name in this attribute first; a step does so in its decorators.
    """
    for name in ("add_param_group", "state_dict", "load_state_dict", "zero_grad"):
        plain = inspect.unwrap(getattr(optimizer, name))
        vars(plain).setdefault("__dynamo_disable", plain)
    step = torch.no_grad()(inspect.unwrap(optimizer.step))
    return type(optimizer.__name__, (optimizer,), {"step": step})


def risen_momentum(step: int, momentum: float) -> float:
    """Return the momentum at a step from 0 where it rises: 0.5, 0.75, 0.875 … up to a limit.

    min(1 - 2^(-1 - log2(⌊t / 250⌋ + 1)), limit), Sutskever et al. 2013, equation 5.
    """
    return min(1 - 2 ** (-1 - math.log2(step // 250 + 1)), momentum)
