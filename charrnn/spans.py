"""Spans of IOB tags, such as B-PER and I-PER, as conlleval reads them (CoNLL 2000).

Tags of words in sentences are such tags, too, with ^ before that of a sentence's first character.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

MARKS = ("B", "I")
OUTSIDE = "O"
BEGINS = "^"  # stands before the tag of the first character of a sentence


class Span(NamedTuple):
    """Places from first to before stop, of a kind."""

    first: int
    stop: int
    kind: str


def are_spans(tags: Iterable[str]) -> bool:
    """Return whether some tags mark spans."""
    return any(tag.removeprefix(BEGINS)[:2] in ("B-", "I-") for tag in tags)


def spans(tags: Sequence[str]) -> list[Span]:
    """Return the spans of tags, one after another.

    A span begins at B-X, and at I-X after anything but B-X or I-X. It ends before the next one, and
    before any tag that is neither B- nor I-.
    """
    found: list[Span] = []
    first, inside = 0, ""  # where the open span begins, and its kind; "" where none is open
    for place, tag in enumerate([*tags, OUTSIDE]):
        mark, kind = _parts(tag)
        if inside and (mark == "B" or kind != inside):
            found.append(Span(first, place, inside))
            inside = ""
        if kind and not inside:
            first, inside = place, kind
    return found


def _parts(tag: str) -> tuple[str, str]:
    """Return B or I, and the kind; the kind is empty for any other tag."""
    mark, dash, kind = tag.removeprefix(BEGINS).partition("-")
    return mark, kind if dash and mark in MARKS else ""


def sentences(tags: Sequence[str]) -> list[tuple[int, int]]:
    """Return where sentences begin and stop: each before the next, or with the tags.

    What stands before the first mark belongs to the first sentence. None where no mark is.
    """
    begins = [place for place, tag in enumerate(tags) if tag.startswith(BEGINS)]
    return list(pairwise([0, *begins[1:], len(tags)])) if begins else []


class Counts(NamedTuple):
    """How many spans and sentences there are and were found, and how many of those are right.

    right: with the same places and kind; cut: with the same places. kinds: of the spans that are
    there, those whose characters have their kind most often.
    """

    spans: int
    found: int
    right: int
    cut: int
    kinds: int
    sentences: int
    found_sentences: int
    right_sentences: int


def counted(known: Sequence[str], got: Sequence[str]) -> Counts:
    """Count the spans and sentences of the tags of one text, and of those that were found."""
    there, found = spans(known), spans(got)
    places, found_places = ({(one.first, one.stop) for one in some} for some in (there, found))
    kinds = sum(_usual(got[one.first : one.stop]) == one.kind for one in there)
    both = [set(sentences(tags)) for tags in (known, got)]
    return Counts(
        len(there),
        len(found),
        len(set(there) & set(found)),
        len(places & found_places),
        kinds,
        len(both[0]),
        len(both[1]),
        len(both[0] & both[1]),
    )


def _usual(tags: Sequence[str]) -> str:
    """Return the commonest kind of some tags, of equally common ones the first."""
    return Counter(_parts(tag)[1] for tag in tags).most_common(1)[0][0]
