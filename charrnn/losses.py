"""Log-probabilities, and what characters cost."""

import numpy as np
import numpy.typing as npt

from charrnn.arrays import Array


def surprise(logits: Array, targets: npt.NDArray[np.integer]) -> Array:
    """Return what each target (T,) costs in nats under logits (T or more, V)."""
    costs = -log_softmax(logits[: len(targets)].astype(np.float64))
    of_targets: Array = costs[np.arange(len(targets)), targets]
    return of_targets


def log_softmax(logits: Array) -> Array:
    """Return the log-probabilities along the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    normalised: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return normalised
