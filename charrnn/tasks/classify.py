"""A label for a text: the lectures' many to one.

The outputs of the last layer, pooled over the characters of a text, give the logits of the labels.
"""

import math
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from charrnn.architecture import Architecture
from charrnn.config import Effort
from charrnn.errors import CorpusError
from charrnn.hyperparameters import Choice
from charrnn.settings import TrainConfig
from charrnn.tasks import language_model
from charrnn.text import corpus as corpora
from charrnn.text import labelled
from charrnn.text.dataset import HELDOUT_CHARACTERS, Dataset
from charrnn.text.labelled import Labelled
from charrnn.text.records import SEPARATORS
from charrnn.text.texts import Texts, counts, encoded
from charrnn.text.vocabulary import Vocabulary

BEGIN = SEPARATORS[0]  # stands before each text
RARE = 2  # occurrences, below which a character is read as unknown, as new ones will be
EPOCHS = 25
LONG = 40  # characters of a text, on average, from which on the mean of its outputs says too little
COUNTED = 1000  # texts, to see how long they are
SUITED: dict[str, Any] = {
    "layers": 1,
    "hidden": 128,
    "embedding": 48,
    "batch": 64,
    "learning_rate": 0.004,
    "weight_decay": 0.01,
    "dropout": 0.5,
    "character_dropout": 0.1,
    "label_smoothing": 0.05,
    "balance": 0.1,
    "average": 0.99,
    "bidirectional": True,
    "epochs": EPOCHS,
}


def read(config: TrainConfig) -> Labelled:
    """Read texts and labels: a file or a folder a label, or a table. Raises CorpusError."""
    if set(config.corpus) <= set(corpora.named()):
        raise CorpusError(
            f"{', '.join(config.corpus)} has no labels; name a table, or a folder",
            f"charrnn train names.tsv --task {config.task}",
        )
    return labelled.read(
        config.corpus,
        columns=config.columns,
        encoding=config.encoding,
        skip_bad=config.skip_bad,
        form=config.read,
        validate_on=config.validate_on,
    )


def shortened(config: TrainConfig, corpus: Labelled) -> tuple[TrainConfig, tuple[str, ...]]:
    """Return the settings as they are: each text is read as a whole."""
    return config, ()


def fitted(
    config: TrainConfig, corpus: Labelled, effort: Effort | None, speed: float
) -> tuple[TrainConfig, list[Choice]]:
    """Choose the settings that were not given; they were tried on surnames of eighteen nations.

    Messages (spam or not) and sentences of thirty languages are better labelled by the maximum.
    """
    some = list(islice(corpus.texts, COUNTED))
    pool = "max" if sum(map(len, some)) >= LONG * len(some) else "mean"
    return fit(
        config, effort, SUITED | {"pool": pool}, len(corpus.texts), "suits texts with labels"
    )


def fit(
    config: TrainConfig, effort: Effort | None, suited: dict[str, Any], texts: int, reason: str
) -> tuple[TrainConfig, list[Choice]]:
    """Choose the settings that were not given among those that suit, and the steps of the epochs.

    texts: how many there are, those that validate among them.
    """
    if not effort:
        return config, []
    values = {name: value for name, value in suited.items() if name not in effort.given}
    config = replace(config, **values)
    if not {"steps", "minutes"} & effort.given:
        learned = texts * (1 - config.validation)
        values["steps"] = max(1, math.ceil(config.epochs * learned / config.batch))
        config = replace(config, steps=values["steps"])
    return config, [Choice(values, reason)] if values else []


def suited(config: TrainConfig, text: Dataset) -> TrainConfig:
    """Return the settings as they are: no other rate or dropout is known to suit better."""
    return config


def make(config: TrainConfig, corpus: Labelled) -> Dataset:
    """Encode texts and labels, and set some aside at random. Raises CorpusError for too few."""
    training, validation = apart(config, corpus)
    least = max(RARE, config.min_count)
    known = Vocabulary.counted(counts(training.texts, BEGIN), min_count=least)
    vocabulary = Vocabulary(known.characters, unknown=True)
    if BEGIN not in vocabulary.characters:
        raise CorpusError(
            f"{corpus.name} has too few texts: {len(corpus.texts)}, of which "
            f"{len(corpus.texts) - len(training.texts)} validate",
            "give more texts, or a smaller --validation",
        )
    source = texts(training, vocabulary, config.batch, config.seed)
    read = texts(validation, vocabulary, config.batch)
    stored = _stored(read)
    return Dataset(
        vocabulary,
        source,
        len(source.ids),
        read,
        source.first(max(1, len(validation.texts))),
        len(read.ids),
        stored.ids,
        BEGIN,
        (),
        corpus.labels,
        stored.labels.astype(np.uint16),
    )


def apart(config: TrainConfig, corpus: Labelled) -> tuple[Labelled, Labelled]:
    """Return the texts to learn from, and those that validate. Raises CorpusError for one label."""
    if len(corpus.labels) < 2:
        raise CorpusError(
            f"{corpus.name} has one label, {corpus.labels[0]!r}",
            "a label is chosen among two or more",
        )
    return corpus.halves(config.validation, config.seed)


def texts(
    part: Labelled, vocabulary: Vocabulary, batch: int, seed: int = 0, end: str = ""
) -> Texts:
    """Return texts as ids, each after the mark of its beginning; end: the mark that ends it."""
    ended = (text + end for text in part.texts) if end else part.texts
    ids, starts = encoded(ended, vocabulary, end or BEGIN)
    return Texts(ids, starts, part.numbers, max(1, min(batch, len(starts))), seed)


def _stored(validation: Texts) -> Texts:
    """Return the first texts that validate, to inspect a model with."""
    ends = validation.starts + validation.lengths
    return validation.first(int(np.searchsorted(ends, HELDOUT_CHARACTERS, side="right")))


def shape(config: TrainConfig, text: Dataset) -> Architecture:
    """Return a network that labels texts."""
    return replace(
        language_model.shape(config, text),
        bidirectional=config.bidirectional,
        classes=len(text.labels),
        pool=config.pool,
    )
