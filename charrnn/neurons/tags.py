"""What a model that tags characters makes of a text: how sure it is, and what it takes for what."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from charrnn import tagging
from charrnn.errors import UsageError
from charrnn.notebook import Shown
from charrnn.reading import Opened, Text
from charrnn.tagging import Judged
from charrnn.text import tagged
from charrnn.text.batches import PADDING
from charrnn.text.tagged import Row

AROUND = 12  # characters before and after one that is shown, if no word ends sooner


class TaggedCharacter(NamedTuple):
    """A character and the tag that it gets.

    place: among all ids. written: with what the tag puts back. known: the tag that it has, None
    where nobody has said, or it was never learned.
    """

    place: int
    character: str
    written: str
    tag: str
    probability: float
    known: str | None


@dataclass(frozen=True)
class TaggedText(Shown):
    """The characters of a text from a place on, texts one after another, None between two.

    model, text: names.
    """

    found: tuple[TaggedCharacter | None, ...]
    model: str
    text: str


def tags_of(opened: Opened, read: Text, *, offset: int = 0, length: int) -> TaggedText:
    """Return the tags of the characters from `offset` on. Raises UsageError where none is there."""
    if offset >= len(read.ids):
        raise UsageError(f"the text has {len(read.ids):,} characters, so none at offset {offset:,}")
    model, network = opened.checkpoint, opened.checkpoint.network()
    _, texts = tagging.of_text(network, model, read)
    judged = tagging.judged(network, texts)
    found: list[TaggedCharacter | None] = []
    for place in range(offset, min(len(read.ids), offset + length)):
        if judged.got[place] == PADDING:
            found += [None] * bool(found)
            continue
        character, tag = read.characters[place], model.labels[judged.got[place]]
        known = int(texts.labels[place])
        found.append(
            TaggedCharacter(
                place,
                character,
                tagged.pieces(Row(character, [tag], ""), model.tag)[0],
                tag,
                float(judged.probability[place]),
                None if known == PADDING else model.labels[known],
            )
        )
    return TaggedText(tuple(found), opened.name, read.name)


class Mistake(NamedTuple):
    """A character that got another tag than its own.

    place: among all ids. around: it and what is near it, as it should be. tag, got: the tags.
    probability: of its own; nats: its loss.
    """

    place: int
    around: str
    tag: str
    got: str
    probability: float
    nats: float


@dataclass(frozen=True)
class Mistagged(Shown):
    """What is tagged wrong. characters: how many have each tag. mistakes: the worst first.

    model, text: names.
    """

    characters: Counter[str]
    mistakes: tuple[Mistake, ...]
    model: str
    text: str

    @property
    def pairs(self) -> list[tuple[str, str, list[Mistake]]]:
        """A tag, the one it is taken for, and those characters, the worst first; most first."""
        by_pair: dict[tuple[str, str], list[Mistake]] = {}
        for one in self.mistakes:
            by_pair.setdefault((one.tag, one.got), []).append(one)
        ordered = sorted(by_pair.items(), key=lambda item: -len(item[1]))
        return [(*pair, some) for pair, some in ordered]


def mistagged(opened: Opened, read: Text) -> Mistagged:
    """Tag characters whose tags are known. Raises UsageError where they are not."""
    model, network = opened.checkpoint, opened.checkpoint.network()
    tagging.tagged_texts(network, read.ids, read.labels)
    rows, texts = tagging.of_text(network, model, read)
    judged = tagging.judged(network, texts)
    learned = texts.labels != PADDING
    counts = np.bincount(texts.labels[learned], minlength=len(model.labels)).tolist()
    begins = texts.starts.tolist()
    found = []
    for place in np.flatnonzero(learned & (judged.got != texts.labels)).tolist():
        number = int(np.searchsorted(begins, place, side="right")) - 1
        around = _around(rows[number], place - begins[number] - 1, model.tag)
        found.append(_mistake(place, around, texts.labels[place], judged, model.labels))
    worst_first = tuple(sorted(found, key=lambda one: -one.nats))
    characters = Counter(dict(zip(model.labels, counts, strict=True)))
    return Mistagged(characters, worst_first, opened.name, read.name)


def _mistake(place: int, around: str, tag: int, judged: Judged, labels: tuple[str, ...]) -> Mistake:
    nats = float(judged.nats[place])
    got = labels[judged.got[place]]
    return Mistake(place, around, labels[tag], got, float(np.exp(-nats)), nats)


def _around(row: Row, place: int, kind: str) -> str:
    """Return the word in which a character of a text stands, as it should be."""
    before = re.split(r"\s", row.text[max(0, place - AROUND) : place])[-1]
    after = re.split(r"\s", row.text[place + 1 : place + 1 + AROUND])[0]
    part = slice(place - len(before), place + 1 + len(after))
    return "".join(tagged.pieces(Row(row.text[part], row.tags[part], ""), kind))
