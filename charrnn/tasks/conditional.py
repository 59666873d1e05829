"""A text for a label: the lectures' one to many.

The label's learned vector is read at every step beside the character's, as the lectures' decoder
reads c. Each text is a record: it begins and ends with a mark.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from charrnn.architecture import Architecture
from charrnn.config import Effort
from charrnn.errors import CorpusError
from charrnn.hyperparameters import Choice
from charrnn.settings import TrainConfig
from charrnn.tasks import language_model
from charrnn.tasks.classify import RARE, apart, fit, read, shortened, suited, texts
from charrnn.text import records
from charrnn.text.dataset import HELDOUT_CHARACTERS, Dataset
from charrnn.text.labelled import Labelled
from charrnn.text.texts import Written, counts
from charrnn.text.vocabulary import Vocabulary

__all__ = ["fitted", "make", "read", "shape", "shortened", "suited"]

LABEL_SIZE = 32  # of a label's vector
EPOCHS = 20
SUITED: dict[str, Any] = {
    "layers": 1,
    "hidden": 256,
    "embedding": 48,
    "batch": 32,
    "learning_rate": 0.003,
    "weight_decay": 0.01,
    "dropout": 0.3,
    "average": 0.99,
    "epochs": EPOCHS,
}


def fitted(
    config: TrainConfig, corpus: Labelled, effort: Effort | None, speed: float
) -> tuple[TrainConfig, list[Choice]]:
    """Choose the settings that were not given; they were tried on surnames of eighteen nations."""
    return fit(config, effort, SUITED, len(corpus.texts), "suits texts with labels")


def make(config: TrainConfig, corpus: Labelled) -> Dataset:
    """Encode texts and labels, and set some aside at random. Raises CorpusError for too few."""
    training, validation = apart(config, corpus)
    end = records.end_of("", corpus.texts)
    least = max(RARE, config.min_count)
    known = Vocabulary.counted(counts(training.texts, ""), min_count=least)
    if not known.characters:
        raise CorpusError(
            f"{corpus.name} has too few texts: {len(corpus.texts)}, of which "
            f"{len(corpus.texts) - len(training.texts)} validate",
            "give more texts, or a smaller --validation",
        )
    vocabulary = Vocabulary("".join(sorted({*known.characters, end})), unknown=True)
    source, read = (
        Written.of(texts(part, vocabulary, config.batch, config.seed, end))
        for part in (training, validation)
    )
    ends = np.cumsum(read.lengths - 1)
    kept = read.first(int(np.searchsorted(ends, HELDOUT_CHARACTERS, side="right")))
    stored = records.join(list(validation.texts[: len(kept.labels)]), end)
    return Dataset(
        vocabulary,
        source,
        len(source.ids),
        read,
        source.first(max(1, len(validation.texts))),
        len(read.ids),
        vocabulary.encode(stored if len(kept.labels) else ""),
        end,
        corpus.notes,
        corpus.labels,
        kept.labels.astype(np.uint16),
        tuple(np.bincount(source.labels, minlength=len(corpus.labels)).tolist()),
    )


def shape(config: TrainConfig, text: Dataset) -> Architecture:
    """Return a network that predicts the next id of a text with a label."""
    return replace(
        language_model.shape(config, text), labels=len(text.labels), label_size=LABEL_SIZE
    )
