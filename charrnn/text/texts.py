"""Whole texts with a label each, in batches of about one length."""

import itertools
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from charrnn.text.spool import Spool
from charrnn.text.vocabulary import (
    POINTS,
    Ids,
    Unknown,
    Vocabulary,
    code_points,
    smallest_unsigned,
)

Integers = npt.NDArray[np.int64]
TOGETHER = 4096  # texts that are encoded at once


class Batch(NamedTuple):
    """Texts side by side, each to its own end.

    inputs (T, N): ids, those after a text's end of no meaning. lengths (N,): of the texts.
    targets (N,): their labels; or (T, N): those of their characters.
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
        """How many characters are read."""
        return int(self.lengths.sum())


def encoded(
    texts: Iterable[str], vocabulary: Vocabulary, begin: str, unknown: Unknown = "error"
) -> tuple[Ids, Integers]:
    """Return texts as ids (C,), each after the mark of its beginning, and where they start (R,).

    Many are encoded at once where each character becomes one id, whatever it is.
    """
    one_each = vocabulary.unknown and unknown == "error" and vocabulary.kind == "characters"
    spool, lengths = Spool(), array("q")
    for part in parts(texts, TOGETHER):
        marked = [begin + text for text in part]
        if one_each:
            spool.write(vocabulary.encode("".join(marked)).tobytes())
            lengths.extend(map(len, marked))
            continue
        for text in marked:
            ids = vocabulary.encode(text, unknown)
            spool.write(ids.tobytes())
            lengths.append(len(ids))
    counted = np.frombuffer(lengths, np.int64)
    whole: Ids = spool.array(smallest_unsigned(len(vocabulary)))
    return whole, np.cumsum(counted) - counted


def counts(texts: Iterable[str], begin: str) -> Integers:
    """Return how often each code point stands in texts, each after the mark of its beginning."""
    found = np.zeros(POINTS, np.int64)
    for part in parts(texts, TOGETHER):
        points, counted = np.unique(
            code_points("".join(begin + text for text in part)), return_counts=True
        )
        found[points] += counted
    return found


def parts(texts: Iterable[str], most: int) -> Iterator[list[str]]:
    """Yield texts, many at a time."""
    left = iter(texts)
    while part := list(itertools.islice(left, most)):
        yield part


@dataclass(frozen=True)
class Texts:
    """Texts as ids, one after another, and their labels (R,).

    ids (C,): each text after the mark of its beginning, starts (R,): where. batch: how many are
    read side by side. Which of the equally long ones come together, and the order of the batches,
    is drawn anew each epoch.
    """

    ids: Ids
    starts: Integers
    labels: Integers
    batch: int
    seed: int = 0
    _drawn: dict[int, tuple[Integers, Integers]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def lengths(self) -> Integers:
        """How many characters each text has (R,), its mark among them."""
        return np.diff(np.append(self.starts, len(self.ids)))

    @property
    def sorting(self) -> Integers:
        """What texts that are read together have in common (R,)."""
        return self.lengths

    @property
    def epoch_steps(self) -> int:
        """How many batches an epoch has."""
        return -(-len(self.lengths) // self.batch)

    def first(self, count: int) -> Self:
        """Return the first texts."""
        stop = self.starts[count] if count < len(self.starts) else len(self.ids)
        return replace(
            self, ids=self.ids[:stop], starts=self.starts[:count], labels=self.labels[:count]
        )

    def chunk(self, step: int) -> Batch:
        """Return the batch of a training step, counted from 0 through all epochs."""
        epoch, index = divmod(step, self.epoch_steps)
        if epoch not in self._drawn:
            self._drawn.clear()
            self._drawn[epoch] = self._draw(epoch)
        order, members = self._drawn[epoch]
        return self.read(members[order[index] * self.batch :][: self.batch])

    def read(self, texts: Integers) -> Batch:
        """Return some texts, by their numbers, as a batch."""
        lengths = self.lengths[texts]
        steps = np.arange(lengths.max())[:, None]  # (T, 1)
        places = np.minimum(self.starts[texts] + steps, len(self.ids) - 1)  # (T, N)
        return Batch(self.ids[places].astype(np.int64), lengths, self.labels[texts])

    def target_counts(self, classes: int) -> Integers:
        """Return how often each label occurs (classes,)."""
        return np.bincount(self.labels, minlength=classes)

    def _draw(self, epoch: int) -> tuple[Integers, Integers]:
        """Return the order of an epoch's batches, and the texts sorted by length."""
        random = np.random.default_rng((self.seed, epoch))
        shuffled = random.permutation(len(self.lengths))
        members = shuffled[np.argsort(self.sorting[shuffled], kind="stable")]
        return random.permutation(self.epoch_steps), members


@dataclass(frozen=True)
class Written(Texts):
    """Texts that are to be written: the mark stands before each, and ends it, too."""

    @classmethod
    def of(cls, texts: Texts) -> Self:
        """Return texts whose ids are so."""
        return cls(texts.ids, texts.starts, texts.labels, texts.batch, texts.seed)

    def target_counts(self, classes: int) -> Integers:
        """Return how often each id (classes,) is to be predicted, marks of ends among them."""
        predicted = np.ones(len(self.ids), bool)
        predicted[self.starts] = False
        return np.bincount(self.ids[predicted], minlength=classes)
