"""Texts with one or several texts each that belong to them, such as words and their sounds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple, Self

import numpy as np

from charrnn.text import corpus as corpora
from charrnn.text import readers, table
from charrnn.text.batches import PADDING
from charrnn.text.strings import Strings
from charrnn.text.symbols import Symbols
from charrnn.text.table import Table
from charrnn.text.texts import Integers, Texts, encoded
from charrnn.text.vocabulary import Ids, Vocabulary

FIELDS = ("source", "target")


def read(names: Sequence[str], **how: Any) -> Table:
    """Read sources and targets, as the columns of a table; see `table.read`.

    There may be several columns of targets: columns="1+3,2,4".
    """
    return table.read(names, FIELDS, more=True, **how)


def answers(pairs: Table) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """Yield each source once, in the order of the first time it stands, with its right answers.

    An answer has a text a column of targets; one that stands twice is given once.
    """
    sources, *targets = pairs.columns
    groups = sources.groups()
    order = np.argsort(groups, kind="stable")
    edges = np.flatnonzero(np.diff(groups[order])) + 1
    for rows in np.split(order, edges):
        found = (tuple(column[row] for column in targets) for row in rows.tolist())
        yield sources[int(rows[0])], list(dict.fromkeys(found))


@dataclass(frozen=True)
class Paired:
    """Sources and the targets that are learned for them, a row each.

    validation: what validates, where it was named. name, sha256, notes: as of a `Table`.
    """

    pairs: Table
    validation: "Paired | None" = None
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the table."""
        return self.pairs.name

    @property
    def sha256(self) -> str:
        """The hash of all bytes read."""
        return self.pairs.sha256

    @property
    def characters(self) -> int:
        """How many bytes, about characters, all columns have together."""
        return sum(int((one.stops - one.starts).sum()) for one in self.pairs.columns)

    def halves(self, share: float, seed: int) -> tuple[Table, Table]:
        """Return what is learned, in an order that is drawn, and what validates.

        That is what was named for it, or else a share of the sources with all their targets.
        """
        random = np.random.default_rng(seed)
        groups = self.pairs.columns[0].groups()
        order = random.permutation(len(groups))
        if self.validation:
            return taken(self.pairs, order), self.validation.pairs
        sources = random.permutation(np.unique(groups))
        aside = np.isin(groups[order], sources[: int(np.ceil(len(sources) * share))])
        return taken(self.pairs, order[~aside]), taken(self.pairs, order[aside])


def taken(pairs: Table, rows: Integers) -> Table:
    """Return some rows of a table."""
    return replace(pairs, columns=tuple(column.taken(rows) for column in pairs.columns))


def paired(names: Sequence[str], validate_on: str = "", **how: Any) -> Paired:
    """Read what is learned and what validates; see `read`. Raises CorpusError."""
    learned, validating, notes = readers.parts(names, validate_on)
    found = replace(read(learned, **how), name=corpora.name_of(names))
    whole = Paired(found, None, (*notes, *found.notes))
    if not validating:
        return whole
    aside = Paired(read(validating, **how))
    said = f"{len(aside.pairs.columns[0]):,} pairs of {', '.join(validating)} validate"
    return replace(whole, validation=aside, notes=(*whole.notes, said, *aside.pairs.notes))


class PairBatch(NamedTuple):
    """Pairs side by side, each text to its own end.

    inputs (S, N): ids of the sources, those after a text's end of no meaning. lengths (N,): of the
    sources. targets (T, N): ids of the targets, PADDING after a text's end.
    """

    inputs: Integers
    lengths: Integers
    targets: Integers

    @property
    def fresh(self) -> bool:
        """Whether the texts begin here: always."""
        return True

    @property
    def characters(self) -> int:
        """How many characters are read, and written."""
        return int(self.lengths.sum() + (self.targets[1:] != PADDING).sum())


@dataclass(frozen=True)
class Pairs(Texts):
    """Sources as ids, and a target of each.

    target_ids (D,): each target after the mark of its beginning, and before that of its end;
    target_starts (R,): where. labels: none.
    """

    target_ids: Ids = field(default_factory=lambda: np.zeros(0, np.uint8))
    target_starts: Integers = field(default_factory=lambda: np.zeros(0, np.int64))

    @cached_property
    def target_lengths(self) -> Integers:
        """How many ids each target has (R,), its marks among them."""
        return np.diff(np.append(self.target_starts, len(self.target_ids)))

    @property
    def sorting(self) -> Integers:
        """What texts that are read together have in common (R,): both lengths."""
        return self.lengths * (int(self.target_lengths.max(initial=0)) + 1) + self.target_lengths

    def first(self, count: int) -> Self:
        """Return the first pairs."""
        few = super().first(count)
        stops = np.append(self.target_starts, len(self.target_ids))
        ids, starts = self.target_ids[: stops[count]], self.target_starts[:count]
        return replace(few, target_ids=ids, target_starts=starts)

    def read(self, texts: Integers) -> PairBatch:  # type: ignore[override]  # its own kind of batch
        """Return some pairs, by their numbers, as a batch."""
        inputs, lengths, _ = super().read(texts)
        sizes = self.target_lengths[texts]
        steps = np.arange(sizes.max())[:, None]  # (T, 1)
        places = np.minimum(self.target_starts[texts] + steps, len(self.target_ids) - 1)
        targets = np.where(steps < sizes, self.target_ids[places].astype(np.int64), PADDING)
        return PairBatch(inputs, lengths, targets)

    def target_counts(self, classes: int) -> Integers:
        """Return how often each id (classes,) is to be predicted, marks of ends among them."""
        predicted = np.ones(len(self.target_ids), bool)
        predicted[self.target_starts] = False
        return np.bincount(self.target_ids[predicted], minlength=classes)


class Side(NamedTuple):
    """One side of pairs: its alphabet, and how texts are spelled in it."""

    vocabulary: Vocabulary
    symbols: Symbols

    def encoded(self, texts: Strings | Sequence[str], mark: str, end: str = "") -> tuple[Ids, Any]:
        """Return texts as ids, each after a mark, and where they start; see `texts.encoded`."""
        spelled = (self.symbols.spelled(text) + end for text in texts)
        return encoded(spelled, self.vocabulary, mark)

    def listed(self, ids: Sequence[int]) -> tuple[str, ...]:
        """Return the symbols of ids, marks as they are."""
        return self.symbols.listed(self.vocabulary.decode(ids))
