"""How well texts are labelled: accuracy, macro-F1, the confusion matrix."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from charrnn.intervals import Matrix, Tallies, grouped, tallied


@dataclass(frozen=True)
class Measures:
    """What labels (R,) and their probabilities (R, K) come to.

    log_loss: in nats a text. accuracy: the share that is labelled right. confusion (K, K): how many
    texts of each label, down, got each label, across.
    """

    log_loss: float
    accuracy: float
    confusion: npt.NDArray[np.int64]

    @property
    def precision(self) -> npt.NDArray[np.float64]:
        """Of the texts that got a label, the share that has it (K,); 0 where none got it."""
        right, got = np.diag(self.confusion), self.confusion.sum(axis=0)
        share: npt.NDArray[np.float64] = right / np.maximum(got, 1)
        return share

    @property
    def recall(self) -> npt.NDArray[np.float64]:
        """Of the texts that have a label, the share that got it (K,); 0 where none has it."""
        right, have = np.diag(self.confusion), self.confusion.sum(axis=1)
        share: npt.NDArray[np.float64] = right / np.maximum(have, 1)
        return share

    @property
    def f1(self) -> npt.NDArray[np.float64]:
        """The harmonic mean of precision and recall (K,); 0 where both are."""
        precision, recall = self.precision, self.recall
        return 2 * precision * recall / np.maximum(precision + recall, 1e-12)

    @property
    def macro_f1(self) -> float:
        """The mean of F1 over the labels that a text has or got."""
        there = (self.confusion.sum(axis=0) + self.confusion.sum(axis=1)) > 0
        return float(self.f1[there].mean())


def measures(
    log_probabilities: npt.NDArray[np.floating], labels: npt.NDArray[np.integer]
) -> Measures:
    """Return the measures of predictions (R, K) for labels (R,)."""
    count, classes = log_probabilities.shape
    likeliest = log_probabilities.argmax(axis=1)
    confusion = np.zeros((classes, classes), np.int64)
    np.add.at(confusion, (labels, likeliest), 1)
    costs = -log_probabilities[np.arange(count), labels]
    return Measures(float(costs.mean()), float((likeliest == labels).mean()), confusion)


def tallies(
    log_probabilities: npt.NDArray[np.floating], labels: npt.NDArray[np.integer]
) -> Tallies:
    """Return what the measures of predictions (R, K) for labels (R,) are made of, text by text."""
    count, classes = log_probabilities.shape
    likeliest, groups = log_probabilities.argmax(axis=1), grouped(count)
    right = likeliest == labels
    sums = np.zeros((int(groups.max(initial=-1)) + 1, 3 * classes + 2))
    np.add.at(sums, (groups, labels), 1)
    np.add.at(sums, (groups, classes + likeliest), 1)
    np.add.at(sums, (groups[right], 2 * classes + labels[right]), 1)
    costs = -log_probabilities[np.arange(count), labels]
    sums[:, -2:] = tallied(groups, [costs, np.ones(count)])
    return Tallies(sums, _of_sums, count)


def _of_sums(sums: Matrix) -> Mapping[str, Matrix]:
    """Return measures of samples (D, 3K + 2): texts that have, got, got rightly each label; …

    the nats of all, and how many there are.
    """
    have, got, right = np.split(sums[:, :-2], 3, axis=1)
    nats, count = sums[:, -2], np.maximum(sums[:, -1], 1)
    there = np.maximum((have + got > 0).sum(axis=1), 1)
    return {
        "accuracy": right.sum(axis=1) / count,
        "macro_f1": (2 * right / np.maximum(have + got, 1)).sum(axis=1) / there,
        "log_loss": nats / count,
    }
