"""What a model that writes texts for labels makes of texts: their loss, and their likeliest label.

By Bayes, p(label | text) is p(label) · p(text | label) over the sum of these: a generative
classifier. That sum is what the text costs without its label.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from charrnn.errors import UsageError
from charrnn.intervals import Interval, Matrix, Tallies, grouped, tallied
from charrnn.losses import log_softmax, surprise
from charrnn.measures import Measures, measures, tallies
from charrnn.network import LOGITS, Network
from charrnn.notebook import Shown
from charrnn.reading import Opened
from charrnn.text import labelled, readers, records
from charrnn.text.texts import Texts
from charrnn.text.vocabulary import Ids

TOGETHER = 256  # texts that are read at once


@dataclass(frozen=True)
class Generated(Shown):
    """How well a model predicts texts with their labels and without, and labels by the texts.

    characters: that are predicted, ends among them. nats: of each with the label; nats_without:
    with the labels averaged out. measures: of the likeliest labels. labels: in the order of the
    measures. model, text: names. notes: on what was read. tallies: of the texts, from which the
    intervals come.
    """

    characters: int
    nats: float
    nats_without: float
    measures: Measures
    labels: tuple[str, ...]
    model: str
    text: str
    tallies: Tallies
    notes: tuple[str, ...] = ()

    @property
    def intervals(self) -> dict[str, Interval]:
        """The 95% interval of nats, nats_without_label, gain and the measures, over texts."""
        return self.tallies.intervals


def measured(
    opened: Opened,
    files: Sequence[str] = (),
    columns: str = "",
    skip_bad: bool = False,
    form: str = readers.AUTO,
) -> Generated:
    """Return how well a model does on the texts of files, by default on its held-out texts.

    files, columns, skip_bad, form: as in `charrnn.text.labelled.read`. Raises UsageError where the
    model holds no texts, CorpusError for a file.
    """
    model, notes = opened.checkpoint, tuple[str, ...]()
    network = model.network()
    if files:
        how: dict[str, Any] = {"columns": columns, "skip_bad": skip_bad, "form": form}
        read = labelled.read(list(files), labels=model.labels, **how)
        ids = model.vocabulary.encode(records.join(list(read.texts), model.record_end))
        labels, name, notes = read.numbers, read.name, read.notes
    else:
        if not len(model.heldout_labels):
            raise UsageError("this checkpoint holds no validation texts", "name a file with labels")
        ids, labels, name = model.heldout, model.heldout_labels.astype(np.int64), "held-out texts"
    texts = cut(network, ids, labels)
    logs = log_likelihoods(network, texts)
    joint = logs + np.log(np.maximum(model.label_shares, 1e-12))
    counted, by_bayes = texts.lengths - 1, log_softmax(joint)
    nats, without = -logs[np.arange(len(logs)), texts.labels], -log_sum(joint)
    return Generated(
        int(counted.sum()),
        float(nats.sum() / counted.sum()),
        float(without.sum() / counted.sum()),
        measures(by_bayes, texts.labels),
        model.labels,
        opened.name,
        name,
        _tallies((nats, without, counted), tallies(by_bayes, texts.labels)),
        notes,
    )


def _tallies(columns: Sequence[npt.NDArray[np.generic]], labels: Tallies) -> Tallies:
    """Return what losses and labels are made of. columns (R,): nats, nats without, characters."""
    losses = tallied(grouped(len(columns[0])), columns)

    def of_sums(sums: Matrix) -> Mapping[str, Matrix]:
        nats, without, counted = sums[:, :3].T
        counted = np.maximum(counted, 1)
        own = {
            "nats": nats / counted,
            "nats_without_label": without / counted,
            "gain": (without - nats) / counted,
        }
        return own | dict(labels.measured(sums[:, 3:]))

    return Tallies(np.concatenate([losses, labels.sums], axis=1), of_sums, labels.texts)


def cut(network: Network, ids: Ids, labels: npt.NDArray[np.int64]) -> Texts:
    """Return the texts in ids (C,), between which one mark stands, each with a mark at either end.

    labels (R,): of each.
    """
    begins = network.text_begins(ids)[: len(labels)]
    ends = np.append(begins[1:], len(ids) - 1) + 1
    parts = [ids[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
    lengths = ends - begins
    return Texts(np.concatenate(parts), np.cumsum(lengths) - lengths, labels, TOGETHER)


def log_likelihoods(network: Network, texts: Texts) -> Matrix:
    """Return the log-probability of each text under each label (R, K), its end included."""
    classes = network.architecture.labels
    order = np.argsort(texts.lengths, kind="stable")
    found = np.empty((len(order), classes))
    batches, first = [], 0
    while first < len(order):
        longest = int(texts.lengths[order[first : first + TOGETHER]].max())
        count = max(1, min(TOGETHER, LOGITS // (longest * network.architecture.vocabulary)))
        batches.append(order[first : first + count])
        first += count
    for label in range(classes):
        given = network.mixed(np.eye(classes)[label].tolist())
        for chosen in batches:
            found[chosen, label] = _log_likelihoods(given, texts, chosen)
    return found


def _log_likelihoods(
    network: Network, texts: Texts, chosen: npt.NDArray[np.intp]
) -> npt.NDArray[np.float64]:
    """Return the log-probability of some texts (N,), by their numbers."""
    ids, lengths, _ = texts.read(chosen)
    logits = network.run(ids[:-1]).logits
    costs = surprise(logits.reshape(-1, logits.shape[-1]), ids[1:].reshape(-1))
    inside = np.arange(1, len(ids))[:, None] < lengths
    sums: npt.NDArray[np.float64] = -(costs.reshape(inside.shape) * inside).sum(axis=0)
    return sums


def log_sum(logs: Matrix) -> Matrix:
    """Return ln Σ e^x along the last axis."""
    highest = logs.max(axis=-1, keepdims=True)
    total: Matrix = highest[..., 0] + np.log(np.exp(logs - highest).sum(axis=-1))
    return total
