"""A corpus made ready to be learned: its alphabet, what is read, and what validates."""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from charrnn.errors import CorpusError
from charrnn.settings import TrainConfig
from charrnn.text import batches, records, spread
from charrnn.text.batches import Source
from charrnn.text.corpus import Corpus
from charrnn.text.mapped import LargeCorpus
from charrnn.text.records import Records
from charrnn.text.targets import Targets
from charrnn.text.texts import Texts
from charrnn.text.vocabulary import Ids, Vocabulary

HELDOUT_CHARACTERS = 65_536  # stored to inspect a model with, at most


class TextSize(NamedTuple):
    """What matters of a text for a network: its characters to learn from, its alphabet.

    record: characters of a record on average, its end among them; 0 where the text is one.
    """

    characters: int
    alphabet: int
    record: float = 0.0


@dataclass(frozen=True)
class Dataset:
    """A text as ids, in two parts.

    source: what is learned, `characters` long. validation: what validates, as a text or as records,
    from `aside` characters. learned_part: as much of what is learned, to be read as the validation
    part is. stored (C,): ids to inspect a model with, from several places of what
    is set aside. record_end: the character that ends a record, empty where the text is one. notes:
    what a user should know of it, one line each. labels: of the texts, or of characters, where
    each has one, and of those that are stored, as numbers among them. label_counts: how many of the
    texts that are learned have each, where texts are written for labels. tag: how those of
    characters are made of a text. targets: what is known of the texts that are to be written for
    others, where there are some.
    """

    vocabulary: Vocabulary
    source: Source | Texts
    characters: int
    validation: Ids | Records | Texts
    learned_part: Ids | Records | Texts
    aside: int
    stored: Ids
    record_end: str
    notes: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    stored_labels: Ids = field(default_factory=lambda: np.zeros(0, np.uint16))
    label_counts: tuple[int, ...] = ()
    tag: str = ""
    targets: Targets | None = None

    @property
    def size(self) -> TextSize:
        """What matters of the text for a network."""
        record = 0.0
        if isinstance(self.source, Records):
            record = self.characters / len(self.source.lengths)
        return TextSize(self.characters, len(self.vocabulary), record)

    @property
    def heldout(self) -> Ids:
        """The ids that validate, one after another."""
        return (
            self.validation.ids if isinstance(self.validation, Records | Texts) else self.validation
        )


def size_of(config: TrainConfig, corpus: Corpus | LargeCorpus) -> TextSize:
    """Return what the hyperparameters that suit a text depend on."""
    record = 0.0
    if config.records and isinstance(corpus, Corpus):
        texts = corpus.records(config.records)
        record = 1 + sum(map(len, texts)) / max(1, len(texts))
    learned = max(1, int(corpus.characters * (1 - config.validation)))
    return TextSize(learned, max(1, corpus.alphabet), record)


def make(config: TrainConfig, corpus: Corpus | LargeCorpus) -> Dataset:
    """Encode a text and cut it apart. Raises CorpusError for one too short."""
    if not config.records:
        return _as_streams(config, corpus)
    if isinstance(corpus, LargeCorpus):
        raise CorpusError(
            f"{corpus.name} is too large to be cut into records",
            "give a smaller corpus, or several",
        )
    return _as_records(config, corpus)


def _as_streams(config: TrainConfig, corpus: Corpus | LargeCorpus) -> Dataset:
    vocabulary, ids = corpus.encoded(config.min_count, config.bytes)
    _check(vocabulary, config.min_count, corpus)
    training, validation = batches.split(ids, config.validation)
    if corpus.validation:
        validation = _named(corpus.validation, vocabulary)
    source = batches.streams(
        training, config.batch, config.sequence, config.random_offsets, config.seed
    )
    newline = vocabulary.characters.find("\n")
    read = spread.of_text(validation, config.validation_chars, newline)
    part = training[-len(read) :]
    stored = spread.of_text(validation, HELDOUT_CHARACTERS, newline)
    hint = isinstance(corpus, Corpus) and records.seem(corpus.text)
    notes = ("each line seems to be a separate text: --records line learns them one by one",) * hint
    return Dataset(
        vocabulary, source, len(training), read, part, len(validation), stored, "", notes
    )


def _named(validation: Corpus, vocabulary: Vocabulary) -> Ids:
    """Return a text that validates as ids. Raises CorpusError for one too short."""
    if validation.characters < batches.LEAST:
        raise CorpusError(
            f"{validation.name} has {validation.characters:,} characters; validation needs at "
            f"least {batches.LEAST}",
            "give another file",
        )
    return vocabulary.encode_characters(validation.text)


def _as_records(config: TrainConfig, corpus: Corpus) -> Dataset:
    whole = corpus.records(config.records)
    aside = corpus.validation.records(config.records) if corpus.validation else []
    end = records.end_of(config.records, whole + aside)
    notes = (records.described(whole),)
    training, validating = records.split(whole, config.validation)
    halves = (training, validating or aside)
    texts = [records.join(half, end) for half in halves]
    vocabulary = Vocabulary.of("".join(texts), min_count=config.min_count, as_bytes=config.bytes)
    _check(vocabulary, config.min_count, corpus)
    learned, validation = (vocabulary.encode_characters(half) for half in texts)
    batch = min(config.batch, len(halves[0]))
    source = Records(learned, batch, config.sequence, config.seed)
    if not halves[1]:
        nothing = np.zeros(0, learned.dtype)
        return Dataset(vocabulary, source, len(learned), nothing, nothing, 0, nothing, end, notes)
    ids = spread.of_records(validation, config.validation_chars)
    read = Records(ids, config.batch, config.sequence)
    part = source.first(len(ids))
    stored = spread.of_records(validation, HELDOUT_CHARACTERS)
    return Dataset(
        vocabulary, source, len(learned), read, part, len(validation), stored, end, notes
    )


def shortened(
    config: TrainConfig, corpus: Corpus | LargeCorpus
) -> tuple[TrainConfig, tuple[str, ...]]:
    """Return settings whose sequence is no longer than the text, and what to say of it."""
    most = batches.training_part(corpus.characters, config.validation) - 1
    if config.records or most < 1 or config.sequence <= most:
        return config, ()
    note = f"the corpus is short: sequences of {most:,} instead of {config.sequence:,} characters"
    return replace(config, sequence=most), (note,)


def _check(vocabulary: Vocabulary, min_count: int, corpus: Corpus | LargeCorpus) -> None:
    """Raise CorpusError for an alphabet without a character."""
    if len(vocabulary) == vocabulary.unknown and corpus.characters:
        raise CorpusError(
            f"every character occurs fewer than {min_count} times",
            "give a lower --min-count",
        )
