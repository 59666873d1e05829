"""Rules that a whole text must keep: a regular expression, or no long copies of the corpus.

A character that a rule forbids is drawn again from the rest, so that those that it permits keep
their odds. A pattern permits a character only where a match within the length still exists, and
needs no more. Of copies that is not known before: where no character is left, the text goes back by
one and on another way, so that the search ends in a text that keeps the rules or in the certainty
that it has found none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from charrnn.arrays import Array
from charrnn.errors import UsageError
from charrnn.prepared import State
from charrnn.sampling.filters import draw
from charrnn.sampling.generate import Drawn, Ready, Writer
from charrnn.sampling.pattern import Pattern
from charrnn.text.vocabulary import Vocabulary

PATIENCE = 20  # characters tried for each one asked for, before the search gives up
BACK = 1000  # places that the search can go back; the states of earlier ones are not kept


class Rule(Protocol):
    """What a text may be. Both questions are about the text that has been written so far.

    ends: whether a text that keeps the rule ends where it can only break it by going on.
    """

    ends: ClassVar[bool]

    def permits(self, text: str, left: int) -> bool:
        """Return whether a text of at most a number of further characters can keep the rule."""

    def complete(self, text: str) -> bool:
        """Return whether a text keeps the rule as it is."""


class Match:
    """The whole text is a match of a regular expression.

    Raises UsageError for what is not a valid pattern, or one that cannot be looked ahead through.
    """

    ends: ClassVar[bool] = True

    def __init__(self, pattern: str, vocabulary: Vocabulary) -> None:
        alphabet = vocabulary.characters_of(range(len(vocabulary)))
        self.pattern = Pattern(pattern, alphabet, in_bytes=vocabulary.kind == "bytes")
        self._nodes: list[tuple[str, int]] = [("", self.pattern.start)]  # of the texts before

    def permits(self, text: str, left: int) -> bool:
        """Return whether a text and a number of further characters, or fewer, can be a match."""
        return self.pattern.missing(self._node(text)) <= left

    def complete(self, text: str) -> bool:
        """Return whether a text is a match."""
        return self.pattern.missing(self._node(text)) == 0

    def _node(self, text: str) -> int:
        while not text.startswith(self._nodes[-1][0]):
            self._nodes.pop()
        for place in range(len(self._nodes[-1][0]), len(text)):
            node = self.pattern.after(self._nodes[-1][1], text[place])
            self._nodes.append((text[: place + 1], node))
        return self._nodes[-1][1]


@dataclass
class Place:
    """A place in a text under way: what was drawn there, and what is left to try.

    left (1, V): the model's logits, those that were tried in vain at -inf.
    """

    drawn: Drawn
    left: Array


def write(
    writer: Writer,
    ready: Ready,
    rules: Sequence[Rule],
    length: int,
    random: np.random.Generator,
    end: int | None = None,
) -> list[Drawn]:
    """Return a text that keeps the rules, of at most `length` characters.

    ready: of one stream. It ends where nothing more is permitted, at the length, or, in a model
    of records, at `end`, which is left out. The filters choose among what has not been tried.
    Raises UsageError when there is no such text, or none is found after PATIENCE tries for each
    character, or a rule takes too long.
    """
    vocabulary = writer.network.vocabulary
    characters = vocabulary.characters_of(range(len(vocabulary)))
    places, text = [_place(writer, *ready)], ""
    ends = any(rule.ends for rule in rules)
    for _ in range(PATIENCE * (length + len(characters))):
        here = places[-1]
        whole, stuck = len(text) == length, not np.isfinite(here.left).any()
        one = None if whole or stuck else _draw(writer, places, random)
        may_end = whole or (one is not None and one == end) or (stuck and ends)
        if may_end and all(rule.complete(text) for rule in rules):
            return [place.drawn for place in places[:-1]]
        if one is None:
            places.pop()
            if not places:
                raise UsageError(
                    f"no text of at most {length:,} characters of the model's alphabet satisfies "
                    "the rules",
                    "change the pattern, --length, --ban or --only",
                )
            if not places[-1].drawn.state:
                break
            places[-1].left[0, places[-1].drawn.id] = -np.inf
            text = text[:-1]
            continue
        longer = text + characters[one]
        left = length - len(longer)
        if one == end or not all(rule.permits(longer, left) for rule in rules):
            here.left[0, one] = -np.inf
            continue
        text, here.drawn = longer, here.drawn._replace(id=one)
        places.append(_place(writer, *writer.network.step([one], here.drawn.state, writer.held)))
        if len(places) > BACK:
            places[-BACK].drawn = places[-BACK].drawn._replace(state=())
    raise UsageError(
        f"no text was found that satisfies the rules: {PATIENCE} characters were tried for each "
        f"of {length:,}",
        "another --seed, a higher --temp or a greater --length may find one",
    )


def _draw(writer: Writer, places: Sequence[Place], random: np.random.Generator) -> int:
    """Draw from what is left at the last place."""
    recent = [place.drawn.id for place in places[:-1][-writer.filters.window :]]
    temp = writer.temp(len(places) - 1)
    logits = writer.filters.apply(places[-1].left, temp, np.array(recent, np.intp)[:, None])
    return draw(logits, random)[0]


def _place(writer: Writer, logits: Array, state: State) -> Place:
    allowed = writer.filters.allowed
    left = logits.copy() if allowed is None else np.where(allowed, logits, -np.inf)
    return Place(Drawn(-1, logits[0], state), left)
