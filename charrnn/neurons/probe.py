"""A linear probe: multinomial logistic regression on the states of all units."""

from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from charrnn.losses import log_softmax

STRENGTH = 0.1  # C: the weight of the data beside the penalty
STEPS = 300

Matrix = npt.NDArray[np.float64]


class Probe(NamedTuple):
    """Weights (F, K) and biases (K,) on features (N, F), which are standardised by these."""

    mean: Matrix
    scale: Matrix
    weights: Matrix
    biases: Matrix

    @classmethod
    def fitted(
        cls, features: Matrix, labels: npt.NDArray[np.integer], classes: int, steps: int = STEPS
    ) -> Self:
        """Fit labels (N,) to features (N, F): the mean log loss plus |w|² / (2 C N) is minimised.

        By Nesterov's accelerated gradient, whose step is the inverse of the largest curvature.
        """
        mean, deviation = features.mean(axis=0), features.std(axis=0)
        scale = np.where(deviation > 0, deviation, 1)
        x = np.concatenate([(features - mean) / scale, np.ones((len(features), 1))], axis=1)
        wanted = np.eye(classes)[labels]
        penalty = np.full((x.shape[1], 1), 1 / (STRENGTH * len(x)))
        penalty[-1] = 0  # the biases
        curvature = np.linalg.eigvalsh(x.T @ x / len(x))[-1] / 2 + penalty[0, 0]
        weights = ahead = np.zeros((x.shape[1], classes))
        for step in range(steps):
            slope = x.T @ (np.exp(log_softmax(x @ ahead)) - wanted) / len(x) + penalty * ahead
            before, weights = weights, ahead - slope / curvature
            ahead = weights + step / (step + 3) * (weights - before)
        return cls(mean, scale, weights[:-1], weights[-1])

    def log_probabilities(self, features: Matrix) -> Matrix:
        """Return the log-probability of each label (N, K)."""
        standardised = (features - self.mean) / self.scale
        return log_softmax(standardised @ self.weights + self.biases).astype(np.float64)
