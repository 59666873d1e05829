"""Texts with a tag a character: read, or made from plain text, and as ids in batches."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from charrnn.errors import CorpusError
from charrnn.text import corpus as corpora
from charrnn.text import readers, records, table, tags, words
from charrnn.text.batches import NO_TAG, PADDING
from charrnn.text.texts import Batch, Integers, Texts
from charrnn.text.vocabulary import Ids, Vocabulary

FIELDS = ("text", "tag a character")
COLUMNS = "columns"  # the tags that are read, and not made
WINDOW = 512  # characters of a text that are tagged at once, at most
CONTEXT = 64  # characters that are read on either side of them
TOGETHER = 1 << 15  # characters that are tagged at once, padding among them, about


class Row(NamedTuple):
    """A text, a tag for each of its characters, and where it stands: file and line."""

    text: str
    tags: Sequence[str]
    where: str


@dataclass(frozen=True)
class Rows:
    """Texts with tags, in the order in which they were read.

    name: after the first file. sha256: of all bytes read. characters: of all texts before
    anything was stripped off. notes: on what was left out. validation: those that were named to
    validate on.
    """

    name: str
    rows: tuple[Row, ...]
    sha256: str
    characters: int
    notes: tuple[str, ...] = ()
    validation: "Rows | None" = None


def read(
    names: Sequence[str],
    kind: str,
    *,
    columns: str = "",
    encoding: str = "utf-8",
    newlines: str = "keep",
    skip_bad: bool = False,
    form: str = readers.AUTO,
) -> Rows:
    """Read a text a line, of which the tags are made, or a table of texts and tags, or words.

    Words with tags, in CoNLL or CoNLL-U, are read as documents, see `charrnn.text.words`.

    kind: of `charrnn.text.tags.PAIRS`, or `COLUMNS`. columns, form: as in
    `charrnn.text.table.read`. skip_bad: leave out rows with another number of tags than of
    characters. Raises CorpusError, which names them.
    """
    if kind != COLUMNS:
        whole = corpora.read(names, encoding=encoding, newlines=newlines)
        lines = records.cut(whole.text, "line")
        if not lines:
            raise CorpusError(f"{whole.name} is empty; there is nothing to read")
        rows = tuple(Row(*tags.PAIRS[kind].strip(line), whole.name) for line in lines)
        return Rows(whole.name, rows, whole.sha256, whole.characters, whole.notes)
    if all(readers.has_sentences(name, form) for name in names):
        how: dict[str, Any] = {"columns": columns, "encoding": encoding, "form": form}
        documents = words.read(names, skip_bad=skip_bad, **how)
        rows = tuple(Row(*one) for one in documents.texts)
        count = sum(len(row.text) for row in rows)
        name = words.name_of(names)
        return Rows(name, rows, documents.sha256, count, documents.notes)
    found = table.read(
        names,
        FIELDS,
        columns=columns,
        form=form,
        encoding=encoding,
        skip_bad=skip_bad,
        wrong=_wrong,
    )
    read = zip(*found.columns, strict=True)
    rows = tuple(Row(text, symbols(column, len(text)), found.name) for text, column in read)
    count = sum(len(row.text) for row in rows)
    return Rows(found.name, rows, found.sha256, count, found.notes)


def _wrong(row: Sequence[str]) -> str:
    """Say what is wrong with the tags of a row, if something is."""
    text, column = row
    found = len(symbols(column, len(text)))
    return "" if found == len(text) else f"{len(text):,} characters have {found:,} tags"


def symbols(column: str, length: int) -> list[str]:
    """Return the tags in a column: separated by spaces or, where it has none, a letter each."""
    return column.split() if " " in column or length == 1 else list(column)


def of_lines(lines: Sequence[str], kind: str) -> tuple[Row, ...]:
    """Return lines of text with the tags that are made of them, if any are."""
    if kind not in tags.PAIRS:
        return tuple(Row(line, (), "") for line in lines)
    return tuple(Row(*tags.PAIRS[kind].strip(line), "") for line in lines)


def pieces(row: Row, kind: str) -> list[str]:
    """Return what each character of a text comes from: it, with what its tag puts back."""
    if kind not in tags.PAIRS:
        return list(row.text)
    apply = tags.PAIRS[kind].apply
    return [apply(one, [tag]) for one, tag in zip(row.text, row.tags, strict=True)]


def common(rows: Sequence[Row], least: int) -> list[str]:
    """Return the tags that stand at a number of characters at least, in order."""
    counts = Counter(tag for row in rows for tag in row.tags)
    return sorted(tag for tag, count in counts.items() if count >= least)


@dataclass(frozen=True)
class TaggedTexts(Texts):
    """Texts as ids, one after another, and the numbers of their characters' tags, labels (C,).

    PADDING is the number of a mark, and of a tag that has none. A text longer than WINDOW is cut
    into windows of equal length, each read with CONTEXT more characters on either side, whose tags
    do not count there. `batch` windows of about one length are read side by side.
    """

    window: ClassVar[int] = WINDOW
    context: ClassVar[int] = CONTEXT

    @property
    def ends(self) -> Integers:
        """Where texts end (R,): where the next begins."""
        return np.append(self.starts, len(self.ids))[1:]

    @cached_property
    def windows(self) -> Integers:
        """Of each window (W, 4): where it is read from and to, and where its tags count."""
        found = []
        for start, end in zip(self.starts.tolist(), self.ends.tolist(), strict=True):
            pieces = -(-(end - start) // self.window)
            edges = np.linspace(start, end, pieces + 1).astype(int).tolist()
            for first, last in pairwise(edges):
                around = max(start, first - self.context), min(end, last + self.context)
                found.append((*around, first, last))
        return np.array(found, np.int64).reshape(-1, 4)

    @cached_property
    def lengths(self) -> Integers:
        """How many characters are read in each window (W,)."""
        return self.windows[:, 1] - self.windows[:, 0]

    def first(self, count: int) -> Self:
        """Return the first texts."""
        stop = self.starts[count] if count < len(self.starts) else len(self.ids)
        return replace(
            self, ids=self.ids[:stop], starts=self.starts[:count], labels=self.labels[:stop]
        )

    def read(self, texts: Integers) -> Batch:
        """Return some windows, by their numbers, as a batch; its targets (T, N) are tags."""
        start, stop, first, last = self.windows[texts].T
        places = start + np.arange((stop - start).max())[:, None]  # (T, N)
        counted = (places >= first) & (places < last)
        places = np.minimum(places, len(self.ids) - 1)
        targets = np.where(counted, self.labels[places], PADDING)
        return Batch(self.ids[places].astype(np.int64), stop - start, targets)

    def together(self) -> Iterator[Integers]:
        """Yield the numbers of all windows, those of about one length that are read at once."""
        order = np.argsort(self.lengths, kind="stable")[::-1]
        while len(order):
            most = max(1, TOGETHER // int(self.lengths[order[0]]))
            yield order[:most]
            order = order[most:]

    def target_counts(self, classes: int) -> Integers:
        """Return how often each tag occurs (classes,)."""
        return np.bincount(self.labels[self.labels != PADDING], minlength=classes)

    @property
    def stored_labels(self) -> Ids:
        """The numbers of the tags (C,) as a checkpoint has them."""
        return np.where(self.labels == PADDING, NO_TAG, self.labels).astype(np.uint16)


def encoded(
    rows: Sequence[Row],
    vocabulary: Vocabulary,
    known: Sequence[str],
    mark: str,
    batch: int = 1,
    seed: int = 0,
) -> TaggedTexts:
    """Return texts as ids, each after the mark of its beginning. known: the tags that are learned.

    A character that the alphabet lacks is read as unknown.
    """
    parts = [vocabulary.encode(mark + row.text) for row in rows]
    lengths = np.array([len(part) for part in parts], np.int64)
    numbers = {tag: number for number, tag in enumerate(known)}
    labels = np.full(int(lengths.sum()), PADDING, np.int64)
    starts = np.cumsum(lengths) - lengths
    for start, row in zip(starts.tolist(), rows, strict=True):
        if row.tags:
            labels[start + 1 : start + 1 + len(row.tags)] = [
                numbers.get(one, PADDING) for one in row.tags
            ]
    ids = np.concatenate(parts) if parts else vocabulary.encode("")
    return TaggedTexts(ids, starts, labels, batch, seed)


def from_stored(ids: Ids, starts: Integers, labels: Ids, batch: int = 1) -> TaggedTexts:
    """Return texts that begin at starts (R,) in ids (C,), with the tags (C,) of a checkpoint."""
    numbers = labels.astype(np.int64)
    return TaggedTexts(ids, starts, np.where(numbers == NO_TAG, PADDING, numbers), batch)
