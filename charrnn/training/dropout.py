"""What is dropped while a network learns: masks drawn once a chunk, so that kernels stay whole."""

from typing import NamedTuple

import torch
from torch import Tensor


class Dropout(NamedTuple):
    """Shares that are dropped, 0 to 1. All after Merity et al. 2018.

    outputs: of the units of each layer's output, the same ones in all steps (locked dropout, Gal &
    Ghahramani 2016). embedding: of the characters. recurrent: of the weights between a layer's
    units (weight-drop, Wan et al. 2013).
    """

    outputs: float = 0.0
    embedding: float = 0.0
    recurrent: float = 0.0


NONE = Dropout()


def drop(x: Tensor, share: float, *shape: int) -> Tensor:
    """Return x times a mask of a shape that broadcasts to its own; what is left weighs more."""
    if not share:
        return x
    keep = torch.empty(shape, dtype=x.dtype, device=x.device).bernoulli_(1 - share)
    return x * keep.div_(1 - share)
