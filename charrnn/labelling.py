"""Labels for texts, by a model that has learned them, and how good they are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from charrnn.arrays import Array
from charrnn.checkpoint import Checkpoint
from charrnn.errors import UsageError
from charrnn.losses import log_softmax
from charrnn.measures import Measures, measures
from charrnn.network import Network
from charrnn.notebook import Shown
from charrnn.reading import Opened
from charrnn.text import labelled
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


@dataclass(frozen=True)
class Labelled(Shown):
    """How well a model labels texts.

    labels: in the order of the measures. model, text: names. notes: on what was read.
    """

    measures: Measures
    labels: tuple[str, ...]
    model: str
    text: str
    notes: tuple[str, ...] = ()


def measured(
    opened: Opened,
    network: Network,
    files: Sequence[str] = (),
    columns: str = "",
    skip_bad: bool = False,
) -> Labelled:
    """Return how well a model labels the texts of files, by default those held out in its training.

    files, columns, skip_bad: as in `charrnn.text.labelled.read`. Raises UsageError where the model
    holds no texts, CorpusError for a file.
    """
    model = opened.checkpoint
    if not files:
        held_out = _held_out(model, network)
        found = measures(log_probabilities(network, held_out), held_out.labels)
        return Labelled(found, model.labels, opened.name, "held-out texts")
    read = labelled.read(list(files), columns=columns, skip_bad=skip_bad, labels=model.labels)
    numbers = {label: number for number, label in enumerate(model.labels)}
    known = [numbers[row.label] for row in read.rows]
    texts = encoded(network, [row.text for row in read.rows], labels=known)
    found = measures(log_probabilities(network, texts), texts.labels)
    return Labelled(found, model.labels, opened.name, read.name, read.notes)


def _held_out(model: Checkpoint, network: Network) -> Texts:
    """Return the texts that a model's file holds."""
    if not len(model.heldout_labels):
        raise UsageError("this checkpoint holds no validation texts", "name a file with labels")
    starts = np.flatnonzero(model.heldout == network.end)
    return Texts(model.heldout, starts, model.heldout_labels.astype(np.int64), batch=TOGETHER)


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
