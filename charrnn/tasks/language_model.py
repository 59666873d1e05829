"""The character model: each character of one long text, or of records, is predicted from the last.

The lectures' many to many, one step ahead; the default.
"""

from dataclasses import replace
from typing import Any

from charrnn import hyperparameters
from charrnn.architecture import Architecture
from charrnn.config import Effort
from charrnn.hyperparameters import Choice
from charrnn.settings import TrainConfig
from charrnn.text import corpus as corpora
from charrnn.text import dataset, mapped
from charrnn.text.corpus import Corpus
from charrnn.text.dataset import Dataset, make, shortened
from charrnn.text.mapped import LargeCorpus

__all__ = ["fitted", "make", "read", "shape", "shortened", "suited"]


def read(config: TrainConfig) -> Corpus | LargeCorpus:
    """Read the texts that the settings name, a very large one in pieces. Raises CorpusError."""
    how: Any = {
        "encoding": config.encoding,
        "as_bytes": config.bytes,
        "newlines": config.newlines,
    }
    paths = mapped.paths_of(config.corpus)
    corpus = mapped.read(paths, **how) if paths else corpora.read(config.corpus, **how)
    if not config.validate_on:
        return corpus
    validation = corpora.read([config.validate_on], **how)
    said = f"{config.validate_on} validates: {validation.characters:,} characters"
    notes = (*corpus.notes, said, *validation.notes)
    return replace(corpus, validation=validation, notes=notes)


def fitted(
    config: TrainConfig, corpus: Corpus | LargeCorpus, effort: Effort | None, speed: float
) -> tuple[TrainConfig, list[Choice]]:
    """Choose the settings that were not given; see `charrnn.hyperparameters`."""
    if not effort or not effort.compute:
        return config, []
    flops = config.minutes * 60 * speed or effort.compute
    return hyperparameters.fit(config, effort.given, dataset.size_of(config, corpus), flops)


def suited(config: TrainConfig, text: Dataset) -> TrainConfig:
    """Return the settings with the rate, decay and dropout that suit the text."""
    return hyperparameters.suited(config, text.size)


def shape(config: TrainConfig, text: Dataset) -> Architecture:
    """Return a network that predicts the next id."""
    return Architecture(
        backbone=config.backbone,
        layers=config.layers,
        hidden=config.hidden,
        vocabulary=len(text.vocabulary),
        embedding=config.embedding,
        reset_gate=config.reset_gate,
        tied=config.tied,
        residual=config.residual,
        all_layers=config.all_layers,
        learned_start=config.initial_state == "learned",
    )
