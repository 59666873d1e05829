"""Intervals by block bootstrap: neighbouring characters are alike, so whole stretches are drawn."""

import numpy as np
import numpy.typing as npt

from charrnn.arrays import Array
from charrnn.neurons.scores import Labels, ranks

BLOCK = 500  # characters
DRAWS = 1000
GRAIN = 512  # ranks are told apart by so many steps

Matrix = npt.NDArray[np.float64]


def weights(length: int, random: np.random.Generator, block: int = BLOCK) -> Matrix:
    """Return how often each block of a text is drawn (DRAWS, blocks).

    block: characters of each; or 1, where whole texts are drawn.
    """
    blocks = -(-length // block)
    return random.multinomial(blocks, np.full(blocks, 1 / blocks), size=DRAWS).astype(np.float64)


def aurocs(values: Array, labels: Labels, drawn: Matrix) -> Matrix:
    """Return the AUROC of values (C,) on each drawn text (DRAWS,)."""
    steps = np.minimum((ranks(values) * GRAIN).astype(np.intp), GRAIN - 1)
    blocks = np.arange(len(values)) // BLOCK
    flat = blocks * GRAIN + steps
    size = drawn.shape[1] * GRAIN
    on = labels > 0
    positives = drawn @ np.bincount(flat[on], minlength=size).reshape(-1, GRAIN)
    negatives = drawn @ np.bincount(flat[~on], minlength=size).reshape(-1, GRAIN)
    below = np.cumsum(negatives, axis=1) - negatives / 2
    pairs = positives.sum(axis=1) * negatives.sum(axis=1)
    area: Matrix = (positives * below).sum(axis=1) / np.maximum(pairs, 1)
    return area


def spearmans(values: Array, labels: Labels, drawn: Matrix) -> Matrix:
    """Return the correlation of ranks, taken on the whole text, on each drawn text (DRAWS,)."""
    one, other = ranks(values) - 0.5, ranks(labels) - 0.5
    products = [np.ones_like(one), one, other, one * one, other * other, one * other]
    count, x, y, xx, yy, xy = (drawn @ blocked(product) for product in products)
    covariance = xy - x * y / count
    variances = (xx - x * x / count) * (yy - y * y / count)
    r: Matrix = covariance / np.sqrt(np.maximum(variances, 1e-30))
    return r


def means(
    values: Array, chosen: npt.NDArray[np.bool_], drawn: Matrix, block: int = BLOCK
) -> Matrix:
    """Return the mean of the chosen values on each drawn text (DRAWS,)."""
    sums = drawn @ blocked(np.where(chosen, values, 0.0), block)
    found: Matrix = sums / np.maximum(drawn @ blocked(chosen.astype(np.float64), block), 1)
    return found


def blocked(values: Array, block: int = BLOCK) -> Matrix:
    """Return the sum of the values of each block."""
    return np.add.reduceat(values.astype(np.float64), np.arange(0, len(values), block))


def interval(found: Matrix) -> tuple[float, float]:
    """Return the middle 95%."""
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)
