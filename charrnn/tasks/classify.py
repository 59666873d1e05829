"""A label for a text: the lectures' many to one.

The outputs of the last layer, pooled over the characters of a text, give the logits of the labels.
"""

import math
from dataclasses import replace
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
from charrnn.text.labelled import Labelled, Row
from charrnn.text.records import SEPARATORS
from charrnn.text.texts import Texts
from charrnn.text.vocabulary import Vocabulary

BEGIN = SEPARATORS[0]  # stands before each text
RARE = 2  # occurrences, below which a character is read as unknown, as new ones will be
EPOCHS = 30
SUITED: dict[str, Any] = {
    "layers": 1,
    "hidden": 128,
    "embedding": 48,
    "batch": 32,
    "learning_rate": 0.003,
    "weight_decay": 0.01,
    "dropout": 0.4,
    "label_smoothing": 0.05,
    "average": 0.99,
    "bidirectional": True,
    "pool": "mean",
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
    )


def shortened(config: TrainConfig, corpus: Labelled) -> tuple[TrainConfig, tuple[str, ...]]:
    """Return the settings as they are: each text is read as a whole."""
    return config, ()


def fitted(
    config: TrainConfig, corpus: Labelled, effort: Effort | None, speed: float
) -> tuple[TrainConfig, list[Choice]]:
    """Choose the settings that were not given; they were tried on surnames of eighteen nations."""
    if not effort:
        return config, []
    values = {name: value for name, value in SUITED.items() if name not in effort.given}
    config = replace(config, **values)
    steps = math.ceil(config.epochs * len(corpus.rows) * (1 - config.validation) / config.batch)
    if not {"steps", "minutes"} & effort.given:
        values["steps"] = steps = max(1, steps)
        config = replace(config, steps=steps)
    return config, [Choice(values, "suits texts with labels")] if values else []


def suited(config: TrainConfig, text: Dataset) -> TrainConfig:
    """Return the settings as they are: no other rate or dropout is known to suit better."""
    return config


def make(config: TrainConfig, corpus: Labelled) -> Dataset:
    """Encode texts and labels, and set some aside at random. Raises CorpusError for too few."""
    labels, training, validation = apart(config, corpus)
    least = max(RARE, config.min_count)
    known = Vocabulary.of("".join(BEGIN + row.text for row in training), min_count=least)
    vocabulary = Vocabulary(known.characters, unknown=True)
    if BEGIN not in vocabulary.characters:
        raise CorpusError(
            f"{corpus.name} has too few texts: {len(corpus.rows)}, of which {len(validation)} "
            "validate",
            "give more texts, or a smaller --validation",
        )
    source = texts(training, vocabulary, labels, config.batch, config.seed)
    read = texts(validation, vocabulary, labels, config.batch)
    stored = _stored(read)
    return Dataset(
        vocabulary,
        source,
        len(source.ids),
        read,
        source.first(max(1, len(validation))),
        len(read.ids),
        stored.ids,
        BEGIN,
        corpus.notes,
        tuple(labels),
        stored.labels.astype(np.uint16),
    )


def apart(config: TrainConfig, corpus: Labelled) -> tuple[list[str], list[Row], list[Row]]:
    """Return the labels, the texts to learn from, and those that validate, drawn at random.

    Raises CorpusError for one label alone.
    """
    labels = sorted({row.label for row in corpus.rows})
    if len(labels) < 2:
        raise CorpusError(
            f"{corpus.name} has one label, {labels[0]!r}", "a label is chosen among two or more"
        )
    order = np.random.default_rng(config.seed).permutation(len(corpus.rows))
    aside = math.ceil(len(order) * config.validation)
    training, validation = (
        [corpus.rows[n] for n in part] for part in np.split(order, [len(order) - aside])
    )
    return labels, training, validation


def texts(
    rows: list[Row],
    vocabulary: Vocabulary,
    labels: list[str],
    batch: int,
    seed: int = 0,
    end: str = "",
) -> Texts:
    """Return texts as ids, each after the mark of its beginning; end: the mark that ends it."""
    parts = [vocabulary.encode((end or BEGIN) + row.text + end) for row in rows]
    lengths = np.array([len(part) for part in parts], np.int64)
    ids = np.concatenate(parts) if parts else vocabulary.encode("")
    numbers = {label: number for number, label in enumerate(labels)}
    of_rows = np.array([numbers[row.label] for row in rows], np.int64)
    starts = np.cumsum(lengths) - lengths
    return Texts(ids, starts, of_rows, max(1, min(batch, len(rows))), seed)


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
