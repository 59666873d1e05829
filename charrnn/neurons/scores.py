"""How well a number for each character tells where a concept is on, or how much of it there is.

Ranks are shares of the number of characters, from 0 to 1; ties have their mean.
"""

import numpy as np
import numpy.typing as npt

from charrnn.arrays import Array

Labels = npt.NDArray[np.float64]


def mid_ranks(counts: npt.NDArray[np.integer]) -> Labels:
    """Return the rank of each bin, as a share, from histograms (…, BINS)."""
    total = counts.sum(axis=-1, keepdims=True)
    below = np.cumsum(counts, axis=-1) - counts
    ranks: Labels = (below + (counts + 1) / 2) / np.maximum(total, 1)
    return ranks


def ranks(values: Array) -> Labels:
    """Return the exact rank of each value (C,), as a share, ties averaged."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return mid_ranks(counts)[places]


def auroc_of_ranks(
    rank_sums: npt.NDArray[np.float64], positives: float, total: int
) -> npt.NDArray[np.float64]:
    """Return AUROC from the sum of the positives' ranks (as shares): the rank-sum statistic."""
    negatives = total - positives
    if not positives or not negatives:
        return np.full_like(rank_sums, np.nan)
    area: npt.NDArray[np.float64] = (rank_sums * total - positives * (positives + 1) / 2) / (
        positives * negatives
    )
    return area


def auroc(values: Array, labels: Labels) -> float:
    """Return the area under the ROC curve of values (C,) for labels 0 and 1 (C,), ties averaged."""
    on = labels > 0
    sums = np.asarray(ranks(values)[on].sum())
    return min(1.0, float(auroc_of_ranks(sums, int(on.sum()), len(labels))))


def correlation(one: Array, other: Array) -> float:
    """Return Pearson's r; 0 where one of the two does not vary."""
    one, other = one - one.mean(), other - other.mean()
    scale = np.sqrt((one @ one) * (other @ other))
    return float(one @ other / scale) if scale else 0.0


def spearman(values: Array, labels: Labels) -> float:
    """Return Spearman's rank correlation, ties averaged."""
    return correlation(ranks(values), ranks(labels))


def average_precision(values: Array, labels: Labels) -> float:
    """Return the mean, over positives, of the precision at their value."""
    order = np.argsort(-values, kind="stable")
    values, hits = values[order], np.cumsum(labels[order] > 0)
    last = np.append(values[1:] != values[:-1], True)  # ties are taken together
    recall = hits[last] / max(hits[-1], 1)
    precision = hits[last] / (np.flatnonzero(last) + 1)
    return float((np.diff(recall, prepend=0) * precision).sum())


def best_threshold(values: Array, labels: Labels) -> tuple[float, float]:
    """Return the threshold from which up "on" has the best F1, and that F1."""
    order = np.argsort(-values, kind="stable")
    ordered, hits = values[order], np.cumsum(labels[order] > 0)
    last = np.append(ordered[1:] != ordered[:-1], True)
    f1 = 2 * hits[last] / (np.flatnonzero(last) + 1 + max(hits[-1], 1))
    best = int(f1.argmax())
    return float(ordered[last][best]), float(f1[best])


def f1_at(values: Array, labels: Labels, threshold: float) -> float:
    """Return F1 where a value from the threshold up says "on"."""
    said, on = values >= threshold, labels > 0
    both = float((said & on).sum())
    return 2 * both / max(float(said.sum() + on.sum()), 1.0)


def spans(labels: Labels) -> int:
    """Return how many separate stretches are on."""
    on = labels > 0
    return int((on[1:] & ~on[:-1]).sum() + on[:1].sum())
