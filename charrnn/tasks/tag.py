"""A tag for each character: the lectures' many to many, aligned.

The head gives the logits of the tags at each character. The texts are lines, of which the tags are
made, or a table of texts and tags.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from charrnn.architecture import Architecture
from charrnn.config import Effort
from charrnn.errors import CorpusError
from charrnn.hyperparameters import Choice
from charrnn.settings import TrainConfig
from charrnn.tasks import language_model
from charrnn.tasks.classify import fit
from charrnn.text import corpus as corpora
from charrnn.text import tagged
from charrnn.text.dataset import HELDOUT_CHARACTERS, Dataset
from charrnn.text.records import SEPARATORS
from charrnn.text.tagged import Row, Rows, TaggedTexts
from charrnn.text.vocabulary import Vocabulary

BEGIN = SEPARATORS[0]  # stands before each text
RARE = 2  # occurrences, below which a character is read as unknown, and a tag is not learned
SUITED: dict[str, Any] = {
    "layers": 2,
    "hidden": 128,
    "embedding": 48,
    "batch": 16,
    "learning_rate": 0.003,
    "weight_decay": 0.01,
    "dropout": 0.4,
    "average": 0.99,
    "bidirectional": True,
    "epochs": 20,
}


def read(config: TrainConfig) -> Rows:
    """Read texts and tags. Raises CorpusError."""
    if config.tag == tagged.COLUMNS and set(config.corpus) <= set(corpora.named()):
        raise CorpusError(
            f"{', '.join(config.corpus)} has no tags; name a table, or make them of the text",
            "charrnn train book.txt --task tag --tag diacritics",
        )
    how: Any = {
        "columns": config.columns,
        "encoding": config.encoding,
        "newlines": config.newlines,
        "skip_bad": config.skip_bad,
        "form": config.read,
    }
    try:
        rows = tagged.read(config.corpus, config.tag, **how)
    except CorpusError as error:
        if config.tag == tagged.COLUMNS and "plain lines" in error.message:
            error.hint = "--tag diacritics, case, spaces or punctuation makes tags of plain text"
        raise
    if not config.validate_on:
        return rows
    aside = tagged.read([config.validate_on], config.tag, **how)
    said = f"{config.validate_on} validates: {len(aside.rows):,} texts"
    return replace(rows, validation=aside, notes=(*rows.notes, said, *aside.notes))


def shortened(config: TrainConfig, corpus: Rows) -> tuple[TrainConfig, tuple[str, ...]]:
    """Return the settings as they are: each text is read as a whole."""
    return config, ()


def fitted(
    config: TrainConfig, corpus: Rows, effort: Effort | None, speed: float
) -> tuple[TrainConfig, list[Choice]]:
    """Choose the settings that were not given; they were tried on Czech and French diacritics."""
    return fit(config, effort, SUITED, len(corpus.rows), "suits texts with tags")


def suited(config: TrainConfig, text: Dataset) -> TrainConfig:
    """Return the settings as they are: no other rate or dropout is known to suit better."""
    return config


def make(config: TrainConfig, corpus: Rows) -> Dataset:
    """Encode texts and tags, and set some aside at random. Raises CorpusError for too few."""
    order = np.random.default_rng(config.seed).permutation(len(corpus.rows))
    aside = 0 if corpus.validation else math.ceil(len(order) * config.validation)
    training, validation = (
        [corpus.rows[number] for number in part] for part in np.split(order, [len(order) - aside])
    )
    validation = list(corpus.validation.rows) if corpus.validation else validation
    if not training:
        raise CorpusError(
            f"{corpus.name} has too few texts: {len(order)}, of which {aside} validate",
            "give more texts, or a smaller --validation",
        )
    tags = _tags(corpus, training)
    least = max(RARE, config.min_count)
    known = Vocabulary.of("".join(row.text for row in training) + BEGIN * least, min_count=least)
    vocabulary = Vocabulary(known.characters, unknown=True)
    source = tagged.encoded(training, vocabulary, tags, BEGIN, config.batch, config.seed)
    read = tagged.encoded(validation, vocabulary, tags, BEGIN, config.batch)
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
        tuple(tags),
        stored.stored_labels,
        tag="" if config.tag == tagged.COLUMNS else config.tag,
    )


def _tags(corpus: Rows, training: Sequence[Row]) -> list[str]:
    """Return the tags that are learned. Raises CorpusError where there is no choice."""
    tags = tagged.common(training, RARE)
    if len(tags) < 2:
        what = f"one tag, {tags[0]!r}" if tags else "no tag"
        raise CorpusError(
            f"{corpus.name} has {what}, in its {len(training):,} texts",
            "a tag is chosen among two or more, each of which stands there twice at least",
        )
    return tags


def _stored(validation: TaggedTexts) -> TaggedTexts:
    """Return the first texts that validate, to inspect a model with."""
    ends = np.append(validation.starts[1:], len(validation.ids))
    return validation.first(int(np.searchsorted(ends, HELDOUT_CHARACTERS, side="right")))


def shape(config: TrainConfig, text: Dataset) -> Architecture:
    """Return a network that tags characters."""
    return replace(
        language_model.shape(config, text),
        bidirectional=config.bidirectional,
        classes=len(text.labels),
    )
