"""The text with gaps: each character is predicted from both sides, as a Bi-LSTM reads.

One stack of layers reads forwards and another backwards; they meet in the head alone. A layer that
read both ways would pass on, to those above it, the character that is to be predicted. A tanh layer
joins the two: with a softmax alone, what one side makes of a character could not depend on the
other. After 800 steps on Shakespeare the loss on new text was 0.61 nats with it, 0.81 without.
"""

from dataclasses import replace

from charrnn.architecture import Architecture
from charrnn.errors import UsageError
from charrnn.settings import TrainConfig
from charrnn.tasks import language_model
from charrnn.tasks.language_model import fitted, read, shortened, suited
from charrnn.text import dataset
from charrnn.text.batches import Streams
from charrnn.text.corpus import Corpus
from charrnn.text.dataset import Dataset
from charrnn.text.mapped import LargeCorpus
from charrnn.text.records import Records
from charrnn.text.surroundings import SurroundedRecords, SurroundedStreams, Surroundings
from charrnn.text.texts import Texts
from charrnn.text.vocabulary import Ids

__all__ = ["fitted", "make", "read", "shape", "shortened", "suited"]


def make(config: TrainConfig, corpus: Corpus | LargeCorpus) -> Dataset:
    """Encode a text and cut it apart, as for a language model. Raises CorpusError."""
    made = dataset.make(config, corpus)
    return replace(
        made,
        source=_surrounded(made.source),
        validation=_surroundings(made.validation),
        learned_part=_surroundings(made.learned_part),
    )


def _surrounded(source: object) -> SurroundedStreams | SurroundedRecords:
    """Return what is learned, with what follows each chunk."""
    if isinstance(source, Records):
        return SurroundedRecords(source.ids, source.batch, source.sequence, source.seed)
    assert isinstance(source, Streams)
    return SurroundedStreams(source.ids, source.batch, source.sequence, source.offsets, source.seed)


def _surroundings(part: Ids | Records | Texts) -> Surroundings:
    """Return a part of the text whose characters are all predicted."""
    if isinstance(part, Records):
        return Surroundings.of(part.ids, int(part.ids[0]))
    assert not isinstance(part, Texts)
    return Surroundings.of(part)


def shape(config: TrainConfig, text: Dataset) -> Architecture:
    """Return a network that predicts each id from those before it and those after it.

    Raises UsageError for a tied softmax.
    """
    if config.tied:
        raise UsageError(
            "tied: this task's softmax reads the outputs of two directions, the embedding is of "
            "one size with one",
            "leave --tied out",
        )
    return replace(
        language_model.shape(config, text),
        bidirectional=True,
        apart=True,
        head_hidden=config.hidden,
    )
