"""The characters of a text that both sides find unlikely, with what is likelier there."""

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from charrnn import between
from charrnn.errors import UsageError
from charrnn.notebook import Shown
from charrnn.reading import Opened, Text

WORD = re.compile(r"[^\W\d_]+")
TOP = 20  # characters that are listed
TRIED = 6  # times as many are exchanged, to tell which exchange is worth most
MOST = 4096  # that are exchanged at once


class Suspect(NamedTuple):
    """A character that is unlikely between its neighbours.

    place: in the text; line and column: from 1, a record is a line. likelier: what may stand there
    instead, of probability `probability`, where the character itself has the surprise `bits`. gain:
    by how many bits the text there becomes likelier with it. word: in which it stands, which the
    text holds `times` times; only its worst character is listed.
    """

    place: int
    line: int
    column: int
    character: str
    likelier: str
    probability: float
    bits: float
    gain: float
    word: str
    times: int


@dataclass(frozen=True)
class Proofread(Shown):
    """What is unlikely in a text, the worst first.

    characters: the text. nats: its mean loss, each character given both sides. model, text: names.
    """

    found: tuple[Suspect, ...]
    characters: str
    nats: float
    model: str
    text: str


def proofread(
    opened: Opened, read: Text, *, top: int = TOP, offset: int = 0, length: int | None = None
) -> Proofread:
    """Return the `top` most suspicious characters among `length` from `offset` on, by default all.

    Those least likely beside the likeliest at their places are exchanged for these, each alone; the
    order is that of what it gains, see `charrnn.between.gains`. Raises UsageError for a model that
    does not read both sides, and for an offset past the end.
    """
    network = opened.checkpoint.network()
    if not network.architecture.apart:
        raise UsageError(
            "this model does not read both sides of a character",
            "charrnn train book.txt --task cloze makes one that does",
        )
    if offset >= len(read.ids):
        raise UsageError(f"the text has {len(read.ids):,} characters, so none at offset {offset:,}")
    judged = between.judged(network, read.ids)
    odds = np.nan_to_num(judged.nats - judged.best_nats)
    stop = len(odds) if length is None else offset + length
    odds[:offset] = odds[stop:] = 0
    order = np.argsort(-odds, kind="stable")[: top * TRIED]
    order = order[odds[order] > 0]
    parts = np.array_split(order, max(1, -(-len(order) // MOST)))
    each = [between.gains(network, read.ids, part, judged.best[part]) for part in parts]
    gains = np.concatenate(each) / math.log(2)
    listed = each_word_once(read.characters, order, gains)[:top]
    end = network.record_end or "\n"
    ends = np.flatnonzero(np.array(list(read.characters)) == end)
    ends = ends if network.record_end else np.append([-1], ends)  # records begin with a mark
    found = []
    for number, word, times in listed:
        place = int(order[number])
        line = int(np.searchsorted(ends, place))
        found.append(
            Suspect(
                place,
                line,
                place - int(ends[line - 1]),
                read.characters[place],
                opened.checkpoint.vocabulary.characters_of([int(judged.best[place])]),
                float(np.exp(-judged.best_nats[place])),
                float(judged.nats[place] / math.log(2)),
                float(gains[number]),
                word,
                times,
            )
        )
    nats = float(np.nanmean(judged.nats))
    return Proofread(tuple(found), read.characters, nats, opened.name, read.name)


def each_word_once(
    text: str, places: npt.NDArray[np.intp], gains: npt.NDArray[np.float64]
) -> list[tuple[int, str, int]]:
    """Return the numbers of places, those of the largest gain first, one for each word.

    With the word in which each stands, empty where it is no letter, and how often the text has it.
    """
    spans = [(word.start(), word.end(), word[0]) for word in WORD.finditer(text)]
    starts = np.array([start for start, *_ in spans], np.intp)
    counts = Counter(word for *_, word in spans)
    seen: set[str] = set()
    found = []
    for number in np.argsort(-gains, kind="stable").tolist():
        place = int(places[number])
        before = int(np.searchsorted(starts, place, side="right")) - 1
        word = spans[before][2] if before >= 0 and place < spans[before][1] else ""
        if word not in seen:
            seen.update([word] if word else [])
            found.append((number, word, counts[word] if word else 1))
    return found
