"""95% intervals by bootstrap over texts: whole ones are drawn, as their characters are alike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

DRAWS = 2000
GROUPS = 4096  # of texts, at most: more texts are drawn by groups
TOGETHER = 100  # draws that are made at once
EDGE = NormalDist().inv_cdf(0.975)

Matrix = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Interval = tuple[float, float]
Measured = Callable[[Matrix], Mapping[str, Matrix]]


@dataclass(frozen=True)
class Tallies:
    """What measures are made of, and how.

    sums (G, S): S tallies of each text, such as how many of its characters are right, or of more
    than GROUPS texts of each group of them, see `grouped`. measured: returns the measures of whole
    samples (D, S), by name (D,). texts: how many there are.
    """

    sums: Matrix
    measured: Measured
    texts: int

    @cached_property
    def values(self) -> dict[str, float]:
        """The measures of all texts."""
        whole = self.measured(self.sums.sum(axis=0, keepdims=True))
        return {name: float(value[0]) for name, value in whole.items()}

    @cached_property
    def intervals(self) -> dict[str, Interval]:
        """The interval of each measure: BCa, see `bca`; none of fewer than two texts."""
        return bca(self.sums, self.measured)

    def less(self, other: "Tallies") -> "Tallies":
        """Return the differences to the measures of other tallies of the same texts."""
        width = self.sums.shape[1]

        def differences(sums: Matrix) -> Mapping[str, Matrix]:
            mine, theirs = self.measured(sums[:, :width]), other.measured(sums[:, width:])
            return {name: mine[name] - theirs[name] for name in mine if name in theirs}

        sums = np.concatenate([self.sums, other.sums], axis=1)
        return Tallies(sums, differences, self.texts)


def grouped(texts: int, seed: int = 0) -> Integers:
    """Return the group of each text (N,): its own, or of more than GROUPS one that is drawn.

    The groups are of about equal size. To draw groups in place of texts leaves the variance of a
    mean as it is, in expectation.
    """
    if texts <= GROUPS:
        return np.arange(texts)
    return np.random.default_rng(seed).permutation(texts) % GROUPS


def tallied(groups: Integers, columns: Sequence[npt.NDArray[np.generic]], least: int = 0) -> Matrix:
    """Return the sum of each column (N,) over each group of its numbers: (G, S).

    groups (N,): of each number, which belongs to a text or to a part of one. least: G at least.
    """
    size = max(least, int(groups.max(initial=-1)) + 1)
    return np.stack([np.bincount(groups, one, minlength=size) for one in columns], axis=1)


def bca(sums: Matrix, measured: Measured, seed: int = 0) -> dict[str, Interval]:
    """Return the bias-corrected and accelerated interval of each measure (Efron 1987).

    The acceleration is that of the jackknife. A measure that is the same in all draws has an
    interval without width. Fewer than two texts have no intervals.
    """
    if len(sums) < 2:
        return {}
    whole = sums.sum(axis=0, keepdims=True)
    values, drawn, without = measured(whole), measured(_drawn(sums, seed)), measured(whole - sums)
    return {name: _interval(values[name][0], drawn[name], without[name]) for name in values}


def _drawn(sums: Matrix, seed: int) -> Matrix:
    """Return the sums of samples (DRAWS, S), each of G rows, drawn from those of (G, S)."""
    random, size = np.random.default_rng(seed), len(sums)
    found = np.empty((DRAWS, sums.shape[1]))
    offsets = size * np.arange(TOGETHER)[:, None]
    for first in range(0, DRAWS, TOGETHER):
        chosen = random.integers(size, size=(TOGETHER, size)) + offsets
        times = np.bincount(chosen.reshape(-1), minlength=TOGETHER * size)
        found[first : first + TOGETHER] = times.reshape(TOGETHER, size).astype(float) @ sums
    return found


def _interval(value: float, drawn: Matrix, without: Matrix) -> Interval:
    """Return the interval of a measure, by its values on drawn samples and without each text."""
    if np.ptp(drawn) == 0:
        return float(drawn[0]), float(drawn[0])
    normal = NormalDist()
    below = (drawn < value).mean() + (drawn == value).mean() / 2
    bias = normal.inv_cdf(float(np.clip(below, 0.5 / DRAWS, 1 - 0.5 / DRAWS)))
    away = without.mean() - without
    acceleration = (away**3).sum() / max(6 * (away**2).sum() ** 1.5, 1e-300)
    edges = [bias + (bias + z) / (1 - acceleration * (bias + z)) for z in (-EDGE, EDGE)]
    low, high = np.quantile(drawn, [normal.cdf(edge) for edge in edges])
    return float(low), float(high)
