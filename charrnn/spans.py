"""Spans of IOB tags, such as B-PER and I-PER, as conlleval reads them (CoNLL 2000)."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

MARKS = ("B", "I")


class Span(NamedTuple):
    """Places from first to before stop, of a kind."""

    first: int
    stop: int
    kind: str


def are_spans(tags: Iterable[str]) -> bool:
    """Return whether some tags mark spans."""
    return any(tag[:2] in ("B-", "I-") for tag in tags)


def spans(tags: Sequence[str]) -> list[Span]:
    """Return the spans of tags, one after another.

    A span begins at B-X, and at I-X after anything but B-X or I-X. It ends before the next one, and
    before any tag that is neither B- nor I-.
    """
    found: list[Span] = []
    first, inside = 0, ""  # where the open span begins, and its kind; "" where none is open
    for place, tag in enumerate([*tags, ""]):
        mark, dash, kind = tag.partition("-")
        kind = kind if dash and mark in MARKS else ""
        if inside and (mark == "B" or kind != inside):
            found.append(Span(first, place, inside))
            inside = ""
        if kind and not inside:
            first, inside = place, kind
    return found
