"""Words of a sentence, and where they stand in its text."""

from collections.abc import Sequence
from typing import NamedTuple

NO_SPACE = "SpaceAfter=No"


class Sentence(NamedTuple):
    """A sentence: its exact text, and its words with their columns.

    spans: where each word begins and stops in the text, first. cells: of each word, its columns.
    begins: whether a document begins here. line: of its first word, counted from 1.
    """

    text: str
    spans: tuple[tuple[int, int], ...]
    cells: tuple[tuple[str, ...], ...]
    begins: bool
    where: str
    line: int


def spans(words: Sequence[str], text: str) -> tuple[tuple[int, int], ...]:
    """Return where words stand in a text, one after another. Raises ValueError for one that lacks.

    Only spaces may be between them.
    """
    found, place = [], 0
    for word in words:
        first = text.find(word, place)
        if first < 0 or text[place:first].strip():
            raise ValueError(f"the word {word!r} does not stand next in # text")
        place = first + len(word)
        found.append((first, place))
    if text[place:].strip():
        raise ValueError(f"# text goes on after the last word: {text[place:].strip()[:20]!r}")
    return tuple(found)


def spaced(words: Sequence[str], last: Sequence[str]) -> str:
    """Return the text of words, a space after each whose last column does not say No.

    It says so as CoNLL-U does, SpaceAfter=No, or, where it has nothing else than _ and No, by No.
    """
    alone = {"No"} <= set(last) <= {"No", "_"}
    none = [NO_SPACE in cell.split("|") or (alone and cell == "No") for cell in last]
    pairs = zip(words, none, strict=True)
    return "".join(word + " " * (not closed) for word, closed in pairs).removesuffix(" ")
