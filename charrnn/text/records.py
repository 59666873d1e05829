"""Independent short texts: cut apart, put into batches of one length, each with its own end."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

from charrnn.errors import CorpusError
from charrnn.text.batches import PADDING, Chunk, Counts, counts_after_first
from charrnn.text.vocabulary import Ids

LINE_END = r"(?:\r\n|\r(?!\n)|(?<!\r)\n)"
SEPARATORS = "\x1e\x1f\x1d\x1c"  # of records, units, groups, files in ASCII: texts hardly hold them
SEEN = 100_000  # characters by which a text is judged
MANY_LINES = 50
Epoch = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


def end_of(kind: str, texts: Sequence[str]) -> str:
    """Return the character that ends a record: its line's end, or one that no text holds."""
    if kind == "line":
        return "\n"
    for mark in SEPARATORS:
        if not any(mark in text for text in texts):
            return mark
    raise CorpusError(
        "the end of a record cannot be marked: the corpus contains all of U+001C to U+001F",
        "remove one of these characters; --bytes without --records learns the file as one text",
    )


def usual_cut(end: str) -> str:
    """Return how records with this end are usually cut apart, where nobody has noted it."""
    return "" if not end else "line" if end == "\n" else "blank"


def cut(text: str, kind: str) -> list[str]:
    """Cut a text into records, empty ones left out: line, blank (lines), or at a delimiter.

    CR, LF and CRLF all end a line.
    """
    if kind == "line":
        parts = re.split(LINE_END, text)
    elif kind == "blank":
        parts = re.split(f"{LINE_END}{{2,}}", text)
        parts = [part.strip("\r\n") for part in parts]
    else:
        parts = text.split(kind)
    return [part for part in parts if part]


def described(texts: list[str]) -> str:
    """Say how many records there are, how long, and how many stand several times."""
    lengths = sorted(map(len, texts)) or [0]
    again = len(texts) - len(set(texts))
    return (
        f"{len(texts):,} records, of {lengths[len(lengths) // 2]:,} characters in the median and "
        f"{lengths[-1]:,} at most" + f", {again:,} of which stand there before" * (again > 0)
    )


def seem(text: str) -> bool:
    """Return whether each line looks like a text of its own: a name, or a row of a table."""
    lines = text[:SEEN].splitlines()
    lines = lines[: len(lines) - (len(text) > SEEN)]  # the last one may be cut short
    if len(lines) < MANY_LINES or not all(lines):
        return False
    if any(mark in lines[0] and len({one.count(mark) for one in lines}) == 1 for mark in ",;\t"):
        return True
    short = [
        one for one in lines if len(one) <= 40 and len(one.split()) <= 2 and one[-1] not in ".,;:!?"
    ]
    return len(short) > 0.95 * len(lines)


def join(texts: list[str], end: str) -> str:
    """Return records as one text, an end before the first and after each."""
    return end + "".join(text + end for text in texts)


def split(texts: list[str], share: float) -> tuple[list[str], list[str]]:
    """Cut off whole records that validate, at the end: about a share of all characters."""
    lengths = np.cumsum([len(text) + 1 for text in texts])
    if len(texts) < 1 + bool(share):
        raise CorpusError(
            f"too few records to learn from: the corpus has {len(texts)}",
            "--records line, blank or another delimiter separates them differently",
        )
    count = int(np.searchsorted(lengths, lengths[-1] * (1 - share), side="right"))
    count = min(max(1, count), len(texts) - bool(share))
    return texts[:count], texts[count:]


@dataclass(frozen=True)
class Records:
    """Records as ids, read in batches of about one length, longer ones in several chunks.

    ids (C,): joined, the end's id first and after each. batch: N records at once, fewer in the
    last batch. Which of the equally long ones come together, and the order of the batches, is
    drawn anew each epoch.
    """

    ids: Ids
    batch: int
    sequence: int
    seed: int = 0
    _drawn: dict[int, Epoch] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def starts(self) -> npt.NDArray[np.int64]:
        """The places (R,) of the ends that come before a record."""
        ends = np.flatnonzero(self.ids == self.ids[0])
        return ends[:-1]

    @cached_property
    def lengths(self) -> npt.NDArray[np.int64]:
        """How many characters of each record (R,) are predicted, its end among them."""
        return np.diff(np.append(self.starts, len(self.ids) - 1))

    def first(self, characters: int) -> Self:
        """Return the first records, of a number of characters together; one record at least."""
        ends = np.append(self.starts[1:], len(self.ids) - 1)
        last = ends[max(0, int(np.searchsorted(ends, characters, side="right")) - 1)]
        return replace(self, ids=self.ids[: last + 1])

    @cached_property
    def _table(self) -> npt.NDArray[np.int64]:
        """Of each chunk, were batches read in order: its batch, and its place in it (E, 2)."""
        longest = np.maximum.reduceat(
            np.sort(self.lengths), np.arange(0, len(self.lengths), self.batch)
        )
        counts = -(-longest // self.sequence)
        return np.array([(b, i) for b, count in enumerate(counts) for i in range(count)])

    @property
    def epoch_steps(self) -> int:
        """How many chunks an epoch has."""
        return len(self._table)

    def chunk(self, step: int) -> Chunk:
        """Return the chunk of a training step; what lies after a record's end is no target."""
        epoch, index = divmod(step, self.epoch_steps)
        order, members = self._epoch(epoch)
        number, place = order[index]
        return self._read(members[number * self.batch :][: self.batch], place)

    def target_counts(self, vocabulary: int) -> Counts:
        """Return how often each id (V,) is to be predicted, ends among them."""
        return counts_after_first(self.ids, vocabulary)

    def _epoch(self, epoch: int) -> Epoch:
        """Return what `_draw` does; a step is too short to draw a whole epoch for it."""
        if epoch not in self._drawn:
            self._drawn.clear()
            self._drawn[epoch] = self._draw(epoch)
        return self._drawn[epoch]

    def _draw(self, epoch: int) -> Epoch:
        """Return an epoch's chunks in their order, and the records sorted by length."""
        random = np.random.default_rng((self.seed, epoch))
        shuffled = random.permutation(len(self.lengths))
        members = shuffled[np.argsort(self.lengths[shuffled], kind="stable")]
        batches = random.permutation(self._table[-1, 0] + 1)
        return self._table[np.argsort(batches[self._table[:, 0]], kind="stable")], members

    def _read(self, records: npt.NDArray[np.int64], place: int) -> Chunk:
        first = place * self.sequence
        left = self.lengths[records] - first  # (N,)
        steps = np.arange(min(self.sequence, left.max()))[:, None]
        places = self.starts[records] + first + steps  # (T, N)
        inside = np.minimum(places, len(self.ids) - 2)
        inputs, targets = self.ids[inside].astype(np.int64), self.ids[inside + 1].astype(np.int64)
        targets[steps >= left] = PADDING
        return Chunk(inputs, targets, fresh=place == 0)
