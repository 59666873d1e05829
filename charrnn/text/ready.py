"""A corpus made ready to be learned: its alphabet, what is read, and what validates."""

from dataclasses import dataclass

import numpy as np

from charrnn.errors import CorpusError
from charrnn.settings import TrainConfig
from charrnn.text import batches, records
from charrnn.text.batches import Source
from charrnn.text.corpus import Corpus
from charrnn.text.large import LargeCorpus
from charrnn.text.records import Records
from charrnn.text.vocabulary import Ids, Vocabulary


@dataclass(frozen=True)
class Ready:
    """A text as ids, in two parts.

    source: what is learned, so many `characters`. validation: what validates, as a text or as
    records, of so many characters set `aside`. record_end: the character that ends a record,
    empty where the text is one.
    """

    vocabulary: Vocabulary
    source: Source
    characters: int
    validation: Ids | Records
    aside: int
    record_end: str

    @property
    def heldout(self) -> Ids:
        """The ids that validate, one after another."""
        return self.validation.ids if isinstance(self.validation, Records) else self.validation


def make(config: TrainConfig, corpus: Corpus | LargeCorpus) -> Ready:
    """Encode a text and cut it apart. Raises CorpusError for one too short."""
    if not config.records:
        return _as_streams(config, corpus)
    if isinstance(corpus, LargeCorpus):
        raise CorpusError(f"{corpus.name} is too large to be cut into records", "give less of it")
    return _as_records(config, corpus)


def _as_streams(config: TrainConfig, corpus: Corpus | LargeCorpus) -> Ready:
    vocabulary, ids = corpus.encoded(config.min_count, config.bytes)
    _check(vocabulary, config.min_count, corpus)
    training, validation = batches.split(ids, config.validation, config.sequence)
    source = batches.streams(
        training, config.batch, config.sequence, config.random_offsets, config.seed
    )
    read = validation[: config.validation_chars]
    return Ready(vocabulary, source, len(training), read, len(validation), "")


def _as_records(config: TrainConfig, corpus: Corpus) -> Ready:
    end = records.end_of(config.records)
    halves = records.split(records.cut(corpus.text, config.records), config.validation)
    texts = [records.join(half, end) for half in halves]
    vocabulary = Vocabulary.of("".join(texts), min_count=config.min_count, as_bytes=config.bytes)
    _check(vocabulary, config.min_count, corpus)
    training, validation = (vocabulary.encode_characters(half) for half in texts)
    batch = min(config.batch, len(halves[0]))
    return Ready(
        vocabulary,
        Records(training, batch, config.sequence, config.seed),
        len(training),
        Records(validation, config.batch, config.sequence).first(config.validation_chars)
        if halves[1]
        else np.zeros(0, training.dtype),
        len(validation),
        end,
    )


def _check(vocabulary: Vocabulary, min_count: int, corpus: Corpus | LargeCorpus) -> None:
    """Raise CorpusError for an alphabet without a character."""
    if len(vocabulary) == vocabulary.unknown and corpus.characters:
        raise CorpusError(
            f"every character is seen less often than {min_count} times",
            "give a lower --min-count",
        )
