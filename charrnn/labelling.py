"""Labels for texts, by a model that has learned them, and how good they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from charrnn import threads
from charrnn.arrays import Array
from charrnn.attention import Alignment, lacking
from charrnn.checkpoint import Checkpoint
from charrnn.errors import UsageError
from charrnn.intervals import Interval, Tallies
from charrnn.intervention import Intervention
from charrnn.losses import log_softmax
from charrnn.measures import Measures, measures, tallies
from charrnn.network import Network
from charrnn.notebook import Shown
from charrnn.reading import Opened, Text
from charrnn.text import labelled, readers
from charrnn.text.texts import Texts
from charrnn.text.texts import encoded as text_ids
from charrnn.text.vocabulary import Ids, Unknown

TOGETHER = 256  # texts that are read at once


Matrix = npt.NDArray[np.float64]


def log_probabilities(network: Network, texts: Texts, held: Sequence[Intervention] = ()) -> Matrix:
    """Return the log-probability of each label for each text (R, K).

    held: units whose state is set from outside.
    """
    order, shape = np.argsort(texts.lengths, kind="stable"), network.architecture
    found = np.empty((len(order), shape.classes))

    def judge(first: int) -> None:
        chosen = order[first : first + TOGETHER]
        batch = texts.read(chosen)
        outputs = network.read_texts(batch.inputs, batch.lengths, held)
        whole = pooled(
            outputs, batch.lengths, shape.pool, shape.bidirectional, network.attention_vector
        )
        found[chosen] = _of_pooled(network, whole)

    threads.at_once(judge, range(0, len(order), TOGETHER))
    return found


def as_read(network: Network, ids: Ids) -> Matrix:
    """Return the log-probability of each label after each character of one text (T, K).

    It is that of the text up to there. A model that reads both ways reads each of these anew.
    """
    lengths = np.arange(1, len(ids) + 1)
    if network.architecture.bidirectional:
        starts = np.cumsum(lengths) - lengths
        beginnings = np.concatenate([ids[:length] for length in lengths.tolist()])
        return log_probabilities(network, Texts(beginnings, starts, np.zeros_like(starts), 1))
    outputs = network.read_texts(ids[:, None], lengths[-1:])[:, 0]  # (T, D)
    if network.architecture.pool == "mean":
        outputs = outputs.cumsum(axis=0) / lengths[:, None]
    elif network.architecture.pool == "max":
        outputs = np.maximum.accumulate(outputs)
    elif network.attention_vector is not None:
        exact = outputs[:, None].astype(np.float64)  # in which no beginning has a weight of zero
        weights = attended(exact, lengths[-1:], network.attention_vector)
        outputs = (outputs * weights).cumsum(axis=0) / weights.cumsum(axis=0)
    return _of_pooled(network, outputs)


def _of_pooled(network: Network, whole: Array) -> Matrix:
    """Return the log-probability of each label for pooled texts (N, D): (N, K)."""
    logits = whole @ network.head[0] + network.head[1]
    return log_softmax(logits.astype(np.float64)).astype(np.float64, copy=False)


@dataclass(frozen=True)
class Labelled(Shown):
    """How well a model labels texts.

    labels: in the order of the measures. model, text: names. notes: on what was read. tallies: of
    the texts, from which the intervals come.
    """

    measures: Measures
    labels: tuple[str, ...]
    model: str
    text: str
    tallies: Tallies
    notes: tuple[str, ...] = ()

    @property
    def intervals(self) -> dict[str, Interval]:
        """The 95% interval of accuracy, macro_f1 and log_loss, by bootstrap over texts."""
        return self.tallies.intervals


def measured(
    opened: Opened,
    network: Network,
    files: Sequence[str] = (),
    columns: str = "",
    skip_bad: bool = False,
    form: str = readers.AUTO,
) -> Labelled:
    """Return how well a model labels the texts of files, by default those held out in its training.

    files, columns, skip_bad, form: as in `labelled.read`. Raises UsageError where the model
    holds no texts, CorpusError for a file.
    """
    model = opened.checkpoint
    name, notes = "held-out texts", tuple[str, ...]()
    if files:
        how: dict[str, Any] = {"columns": columns, "skip_bad": skip_bad, "form": form}
        read = labelled.read(list(files), labels=model.labels, **how)
        name, notes = read.name, read.notes
        texts = encoded(network, read.texts, labels=read.numbers)
    else:
        texts = _held_out(model, network)
    found = log_probabilities(network, texts), texts.labels
    return Labelled(measures(*found), model.labels, opened.name, name, tallies(*found), notes)


def _held_out(model: Checkpoint, network: Network) -> Texts:
    """Return the texts that a model's file holds."""
    if not len(model.heldout_labels):
        raise UsageError("this checkpoint holds no validation texts", "name a file with labels")
    return texts_in(network, model.heldout, model.heldout_labels)


def pooled(
    outputs: Array,
    lengths: npt.NDArray[np.integer],
    kind: str,
    bidirectional: bool,
    attention: Array | None = None,
) -> Array:
    """Return one vector a text (N, D) of the outputs (T, N, D) of its characters.

    lengths (N,). last: the output at which each direction has read the whole text. attention (D,):
    the outputs are weighted as `attended` has it.
    """
    if attention is not None:
        weights = attended(outputs, lengths, attention)
        weighted: Array = (outputs * weights[..., None]).sum(axis=0)
        return weighted
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


def attended(outputs: Array, lengths: npt.NDArray[np.integer], attention: Array) -> Array:
    """Return the weight (T, N) of each output (T, N, D), 0 behind a text's end: lengths (N,).

    softmax over the text of w · tanh(output), of a learned vector w (D,): Zhou et al. 2016,
    equations 9 and 10.
    """
    scores = np.tanh(outputs) @ attention
    scores[np.arange(len(outputs))[:, None] >= lengths] = -np.inf
    powers = np.exp(scores - scores.max(axis=0))
    weights: Array = powers / powers.sum(axis=0)
    return weights


def alignment(
    network: Network, ids: Ids, characters: str, labels: Sequence[str], model: str = ""
) -> Alignment:
    """Return how much each character of one text counts for the label that it gets.

    ids (T,): of characters, of which the first is the mark before the text. labels: the model's;
    model: its name. Raises UsageError for a model without attention.
    """
    if network.attention_vector is None:
        raise lacking()
    lengths = np.array([len(ids)])
    outputs = network.read_texts(ids[:, None], lengths)
    weights = attended(outputs, lengths, network.attention_vector)
    got = int(_of_pooled(network, weights.T @ outputs[:, 0]).argmax())
    return Alignment(tuple(characters), (labels[got],), weights.T, model)


def alignments(
    opened: Opened, read: Text, *, offset: int = 0, length: int
) -> tuple[Alignment, ...]:
    """Return the attention over each text from `offset` on, until `length` characters are read.

    The last one is not cut short. Raises UsageError where no text begins there, and as `alignment`
    does.
    """
    network, labels = opened.checkpoint.network(), opened.checkpoint.labels
    begins = network.text_begins(read.ids)
    ends = np.append(begins[1:], len(read.ids))
    first = int(np.searchsorted(begins, offset))
    chosen = slice(first, max(first + 1, int(np.searchsorted(begins, offset + length))))
    found = tuple(
        alignment(network, read.ids[begin:end], read.characters[begin:end], labels, opened.name)
        for begin, end in zip(begins[chosen].tolist(), ends[chosen].tolist(), strict=True)
    )
    if not found:
        raise UsageError(f"no text begins at character {offset:,} or after it")
    return found


def texts_in(network: Network, ids: Ids, labels: Ids) -> Texts:
    """Return the texts that stand in ids (C,) one after another, with their labels (R,).

    Raises UsageError where they have none.
    """
    starts = network.text_begins(ids)
    if len(labels) < len(starts):
        raise UsageError(
            "these texts have no labels to compare the model's with",
            "a table (.tsv, .csv) or a folder of labelled texts has them",
        )
    return Texts(ids, starts, labels[: len(starts)].astype(np.int64), batch=TOGETHER)


def spread(texts: Texts, most: int) -> npt.NDArray[np.intp]:
    """Return the numbers of texts that have about so many characters together, evenly spread."""
    return np.arange(0, len(texts.labels), max(1, -(-len(texts.ids) // most)))


def some(texts: Texts, numbers: npt.NDArray[np.intp]) -> Texts:
    """Return the texts with these numbers."""
    ends = texts.starts + texts.lengths
    parts = [texts.ids[texts.starts[one] : ends[one]] for one in numbers.tolist()]
    lengths = texts.lengths[numbers]
    starts = np.cumsum(lengths) - lengths
    return Texts(np.concatenate(parts), starts, texts.labels[numbers], texts.batch)


def encoded(
    network: Network,
    texts: Sequence[str],
    unknown: Unknown = "error",
    labels: Sequence[int] | npt.NDArray[np.int64] = (),
) -> Texts:
    """Return texts as the model reads them, each after the mark of its beginning.

    labels: of each, as places among the model's; zeros where they are not known.
    """
    ids, starts = text_ids(texts, network.vocabulary, network.record_end, unknown)
    known = np.asarray(labels, np.int64) if len(labels) else np.zeros(len(starts), np.int64)
    return Texts(ids, starts, known, batch=TOGETHER)
