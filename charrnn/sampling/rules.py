"""Rules that a whole text must keep: a regular expression, or no long copies of the corpus.

A character that a rule forbids is drawn again from the rest; where none is left the text goes
back by one character and on another way, so that the search ends in a text that keeps the rule or
in the certainty that it has found none.
"""

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Protocol

import numpy as np

from charrnn.cells.cell import Array
from charrnn.errors import UsageError
from charrnn.network import State
from charrnn.sampling.filters import draw
from charrnn.sampling.generate import Drawn, Ready, Writer

PATIENCE = 20  # characters tried for each one asked for, before the search gives up
BACK = 1000  # places that the search can go back; the states of earlier ones are not kept
SECONDS = 10.0  # for all questions to a regular expression


class Rule(Protocol):
    """What a text may be. Both questions are about the text that has been written so far.

    ends: whether a text that keeps the rule ends where it can only break it by going on.
    """

    ends: ClassVar[bool]

    def permits(self, text: str, last: bool) -> bool:
        """Return whether a text can go on so that it keeps the rule, or, if last, keeps it."""

    def complete(self, text: str) -> bool:
        """Return whether a text keeps the rule as it is."""


@dataclass(frozen=True)
class Match:
    """The whole text is a match of a regular expression."""

    pattern: str
    ends: ClassVar[bool] = True

    @cached_property
    def _spent(self) -> list[float]:
        """The seconds that all questions have taken."""
        return [0.0]

    @cached_property
    def _compiled(self) -> Any:
        import regex

        try:
            return regex.compile(self.pattern)
        except regex.error as error:
            raise UsageError(f"--match {self.pattern!r} is no pattern: {error}") from error

    def permits(self, text: str, last: bool) -> bool:
        """Return whether a text is the beginning of a match, or, if last, a match."""
        start, left = time.monotonic(), SECONDS - self._spent[0]
        with contextlib.suppress(TimeoutError):
            found = self._compiled.fullmatch(text, partial=not last, timeout=max(left, 0.001))
            self._spent[0] += time.monotonic() - start
            if self._spent[0] < SECONDS:
                return found is not None
        raise UsageError(
            f"the pattern {self.pattern!r} takes longer than {SECONDS:.0f} s to decide",
            "nested repeats such as (a+)+ do; write it without them, or give a smaller --length",
        )

    def complete(self, text: str) -> bool:
        """Return whether a text is a match."""
        return self.permits(text, last=True)


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
                    f"no text of up to {length:,} characters of the model's alphabet keeps to the "
                    f"rules",
                    "the pattern, --length, --ban or --only must give way",
                )
            if not places[-1].drawn.state:
                break
            places[-1].left[0, places[-1].drawn.id] = -np.inf
            text = text[:-1]
            continue
        longer = text + characters[one]
        last = len(longer) == length
        if one == end or not all(rule.permits(longer, last) for rule in rules):
            here.left[0, one] = -np.inf
            continue
        text, here.drawn = longer, here.drawn._replace(id=one)
        places.append(_place(writer, *writer.network.step([one], here.drawn.state, writer.held)))
        if len(places) > BACK:
            places[-BACK].drawn = places[-BACK].drawn._replace(state=())
    raise UsageError(
        f"no text was found that keeps to the rules, though {PATIENCE} characters were tried for "
        f"each of {length:,}",
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
