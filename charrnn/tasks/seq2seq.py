"""A text for a text: the lectures' many to many with an encoder and a decoder.

The encoder reads the whole source. The decoder writes the target, a symbol a step, and reads what
it wrote, and of the encoder's outputs what the attention gives it.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from charrnn.architecture import Architecture, Decoder
from charrnn.config import Effort
from charrnn.errors import CorpusError, UsageError
from charrnn.hyperparameters import Choice
from charrnn.settings import TrainConfig
from charrnn.tasks import language_model
from charrnn.tasks.classify import RARE, fit, shortened, suited
from charrnn.text import corpus as corpora
from charrnn.text import pairs, records
from charrnn.text.dataset import HELDOUT_CHARACTERS, Dataset
from charrnn.text.pairs import Paired, Pairs, Side
from charrnn.text.strings import Strings
from charrnn.text.symbols import Symbols
from charrnn.text.table import Table
from charrnn.text.targets import Targets
from charrnn.text.texts import counts
from charrnn.text.vocabulary import Vocabulary

__all__ = ["fitted", "make", "read", "shape", "shortened", "suited"]

MANY = 50_000  # pairs, of which a network learns more in the same time with what follows
SUITED_TO_MANY = {"batch": 64, "learning_rate": 0.003, "dropout": 0.1}
SUITED: dict[str, Any] = {
    "layers": 1,
    "hidden": 256,
    "embedding": 64,
    "batch": 32,
    "learning_rate": 0.002,
    "weight_decay": 0.01,
    "dropout": 0.3,
    "average": 0.99,
    "bidirectional": True,
    "attention": "dot",
    "epochs": 30,
}


def read(config: TrainConfig) -> Paired:
    """Read sources and targets, the columns of a table. Raises CorpusError."""
    if set(config.corpus) <= set(corpora.named()):
        raise CorpusError(
            f"{', '.join(config.corpus)} has no targets; name a table",
            f"charrnn train words.tsv --task {config.task}",
        )
    return pairs.paired(
        config.corpus,
        config.validate_on,
        columns=config.columns,
        encoding=config.encoding,
        skip_bad=config.skip_bad,
        form=config.read,
    )


def fitted(
    config: TrainConfig, corpus: Paired, effort: Effort | None, speed: float
) -> tuple[TrainConfig, list[Choice]]:
    """Choose the settings that were not given; they were tried on dates, inflection and sounds."""
    rows = len(corpus.pairs.columns[0]) * (len(corpus.pairs.columns) - 1)
    many = SUITED_TO_MANY if rows >= MANY else {}
    return fit(config, effort, SUITED | many, rows, "suits texts for texts")


def make(config: TrainConfig, corpus: Paired) -> Dataset:
    """Encode both sides, and set some pairs aside at random. Raises CorpusError for too few."""
    training, validation = corpus.halves(config.validation, config.seed)
    sources, *targets = training.columns
    if not len(sources):
        raise CorpusError(
            f"{corpus.name} has too few pairs: {len(corpus.pairs.columns[0])}, all of which "
            "validate",
            "give more pairs, or a smaller --validation",
        )
    least = max(RARE, config.min_count)
    mark = records.end_of("", [text for column in corpus.pairs.columns for text in column])
    read = _side([sources], config.source_symbols, mark, least)
    written = _side(targets, config.target_symbols, mark, least)
    source = _encoded(training, read, written, mark, config.batch, config.seed)
    validating = _encoded(validation, read, written, mark, config.batch)
    ends = validating.starts + validating.lengths
    kept = validating.first(int(np.searchsorted(ends, HELDOUT_CHARACTERS, side="right")))
    longest = int(source.lengths.max()) - 1, int(source.target_lengths.max()) - 2
    return Dataset(
        read.vocabulary,
        source,
        len(source.ids) + len(source.target_ids) - 2 * len(source.starts),
        validating,
        source.first(max(1, min(len(source.starts), len(validating.starts)))),
        len(validating.ids),
        kept.ids,
        mark,
        targets=Targets(
            written.vocabulary, written.symbols, read.symbols, longest, kept.target_ids
        ),
    )


def _side(columns: Iterable[Strings], kind: str, mark: str, least: int) -> Side:
    """Return the alphabet of some columns. kind: what their symbols are."""
    texts = [text for column in columns for text in column]
    symbols = Symbols.of(texts) if kind == "space" else Symbols()
    seen = counts((symbols.spelled(text) for text in texts), "")
    known = Vocabulary.counted(seen, min_count=least).characters
    if not known:
        raise CorpusError(
            f"no symbol occurs {least} times in {len(texts):,} texts", "give more pairs"
        )
    return Side(Vocabulary("".join(sorted({*known, mark})), unknown=True), symbols)


def _encoded(
    table: Table, read: Side, written: Side, mark: str, batch: int, seed: int = 0
) -> Pairs:
    """Return the rows of a table as pairs of ids, those of each further target after them."""
    sources, *targets = table.columns
    ids, starts = read.encoded([text for _ in targets for text in sources], mark)
    target_ids, target_starts = written.encoded(
        [one for each in targets for one in each], mark, mark
    )
    return Pairs(
        ids,
        starts,
        np.zeros_like(starts),
        max(1, min(batch, len(starts))),
        seed,
        target_ids,
        target_starts,
    )


def shape(config: TrainConfig, text: Dataset) -> Architecture:
    """Return an encoder with its decoder, which has as many layers and units."""
    if config.tied or config.all_layers:
        name = "tied" if config.tied else "all_layers"
        raise UsageError(
            f"{name}: it is for networks without a decoder",
            f"leave it out with --task {config.task}",
        )
    assert text.targets
    encoder = language_model.shape(config, text)
    encoder = replace(encoder, bidirectional=config.bidirectional)
    decoder = Decoder(
        backbone=config.backbone,
        layers=config.layers,
        hidden=config.hidden,
        vocabulary=len(text.targets.vocabulary),
        embedding=config.embedding,
        reset_gate=config.reset_gate,
        residual=config.residual,
        label_size=encoder.outputs if config.attention != "dot" else 0,
        memory=encoder.outputs,
        attention=config.attention,
    )
    return replace(encoder, decoder=decoder)
