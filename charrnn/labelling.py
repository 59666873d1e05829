"""Labels for texts, by a model that has learned them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from charrnn.arrays import Array
from charrnn.losses import log_softmax
from charrnn.network import Network
from charrnn.text.texts import Texts
from charrnn.text.vocabulary import Unknown

TOGETHER = 256  # texts that are read at once


def log_probabilities(network: Network, texts: Texts) -> npt.NDArray[np.float64]:
    """Return the log-probability of each label for each text (R, K)."""
    order, shape = np.argsort(texts.lengths, kind="stable"), network.architecture
    found = np.empty((len(order), shape.classes))
    for first in range(0, len(order), TOGETHER):
        chosen = order[first : first + TOGETHER]
        batch = texts.read(chosen)
        outputs = network.read_texts(batch.inputs, batch.lengths)
        whole = pooled(outputs, batch.lengths, shape.pool, shape.bidirectional)
        logits = whole @ network.head[0] + network.head[1]
        found[chosen] = log_softmax(logits.astype(np.float64))
    return found


def pooled(
    outputs: Array, lengths: npt.NDArray[np.integer], kind: str, bidirectional: bool
) -> Array:
    """Return one vector a text (N, D) of the outputs (T, N, D) of its characters.

    lengths (N,). last: the output at which each direction has read the whole text.
    """
    if kind == "last":
        ends = outputs[lengths - 1, np.arange(outputs.shape[1])]
        if not bidirectional:
            last: Array = ends
            return last
        half = outputs.shape[2] // 2
        return np.concatenate([ends[:, :half], outputs[0, :, half:]], axis=1)
    inside = np.arange(len(outputs))[:, None, None] < lengths[:, None]  # (T, N, 1)
    if kind == "mean":
        mean: Array = np.where(inside, outputs, 0).sum(axis=0) / lengths[:, None]
        return mean
    most: Array = np.where(inside, outputs, -np.inf).max(axis=0)
    return most


def encoded(
    network: Network, texts: Sequence[str], unknown: Unknown = "error", labels: Sequence[int] = ()
) -> Texts:
    """Return texts as the model reads them, each after the mark of its beginning.

    labels: of each, as places among the model's; zeros where they are not known.
    """
    parts = [network.vocabulary.encode(network.record_end + text, unknown) for text in texts]
    lengths = np.array([len(part) for part in parts], np.int64)
    known = np.array(labels, np.int64) if len(labels) else np.zeros(len(parts), np.int64)
    return Texts(np.concatenate(parts), np.cumsum(lengths) - lengths, known, batch=TOGETHER)
