"""What was likely at each character, kept without the logits of all others."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from charrnn.arrays import Array
from charrnn.losses import log_softmax


class Predictions(NamedTuple):
    """What was expected at T characters.

    nats (T,): what each cost. ids (T, k): the likeliest ones there, best first. probabilities
    (T, k): theirs. NaN where nothing was expected.
    """

    nats: Array
    ids: npt.NDArray[np.intp]
    probabilities: Array


def unknown(length: int, k: int) -> Predictions:
    """Return arrays for a number of characters, at which nothing was expected so far."""
    nothing = np.full((length, k), np.nan)
    return Predictions(np.full(length, np.nan), np.zeros((length, k), np.intp), nothing)


def of(logits: Array, ids: npt.NDArray[np.integer], k: int) -> Predictions:
    """Return what logits (T, V) give for the characters (T,) that came, and for the k likeliest."""
    logs = log_softmax(logits.astype(np.float64))
    k = min(k, logs.shape[1])
    order = np.argsort(-logs, axis=1, kind="stable")[:, :k]
    return Predictions(
        -logs[np.arange(len(ids)), ids], order, np.exp(np.take_along_axis(logs, order, axis=1))
    )
