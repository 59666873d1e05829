"""How surprising a text is to a network, and what it expected instead."""

import math
from dataclasses import dataclass

from charrnn.arrays import Array
from charrnn.errors import UsageError
from charrnn.neurons.record import predicted
from charrnn.notebook import Shown
from charrnn.predictions import Predictions
from charrnn.reading import Opened, Text, predictable


@dataclass(frozen=True)
class Surprise(Shown):
    """The surprise of T characters of a text.

    offset: where in the text they begin. expected: the nats (T,) of each, NaN for the first of the
    text, and the k likeliest there: their ids (T, k), which are places in the alphabet, and their
    probabilities. model, text: their names.
    """

    characters: str
    offset: int
    expected: Predictions
    alphabet: str
    model: str
    text: str

    @property
    def bits(self) -> Array:
        """The surprise of each character in bits (T,)."""
        bits: Array = self.expected.nats / math.log(2)
        return bits


def surprises(
    opened: Opened, read: Text, *, offset: int = 0, length: int, top: int = 1
) -> Surprise:
    """Return the surprise of the characters from `offset` on. top: how many of the likeliest.

    Raises UsageError for an offset past the end, a text too short, a model that predicts nothing.
    """
    if offset >= len(read.ids):
        raise UsageError(f"the text has {len(read.ids):,} characters, so none at offset {offset:,}")
    network, vocabulary = opened.checkpoint.network(), opened.checkpoint.vocabulary
    network.expect_predictions()
    predictable(read)
    if length < 1:
        raise UsageError(f"length is {length}, but must be at least 1")
    shown = read.ids[offset : offset + length]
    return Surprise(
        characters=vocabulary.characters_of(shown),
        offset=offset,
        expected=predicted(network, read.ids, offset, len(shown), top),
        alphabet=vocabulary.characters_of(range(len(vocabulary))),
        model=opened.name,
        text=f"{read.name}, characters {offset:,}–{offset + len(shown) - 1:,}",
    )
