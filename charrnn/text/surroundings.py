"""Texts whose characters are each predicted from what stands before them and after them."""

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from charrnn.text.batches import PADDING, Chunk, Streams, places
from charrnn.text.records import Records
from charrnn.text.tagged import TaggedTexts
from charrnn.text.texts import Integers
from charrnn.text.vocabulary import Ids

AHEAD = 32  # characters after a chunk that are read backwards, on average; uncounted


@dataclass(frozen=True)
class SurroundedStreams(Streams):
    """A text as streams, whose chunks hold some of what follows them: inputs (T + A, N), targets.

    Forwards a state is carried from chunk to chunk. Backwards one begins A characters after the
    chunk, from 0 to 2 · AHEAD, drawn anew: so a network learns what to expect with much text behind
    a character, and with little.
    """

    def chunk(self, step: int) -> Chunk:
        """Return the chunk of a training step."""
        epoch, index = divmod(step, self.epoch_steps)
        part = self.part(epoch)
        found = places(len(part), self.batch, self.sequence, index)[:-1]  # (T, N)
        drawn = int(np.random.default_rng((self.seed, step)).integers(2 * AHEAD + 1))
        last = found[-1]
        ahead = np.arange(1, 1 + min(drawn, len(part) - 1 - int(last[-1])))[:, None]
        inputs = part[np.concatenate([found, last + ahead])].astype(np.int64)
        return Chunk(inputs, inputs[: len(found)], fresh=index == 0)


@dataclass(frozen=True)
class SurroundedRecords(Records):
    """Records, whose chunks hold what follows them: inputs (T + A, N), targets (T, N).

    The marks of ends are read, and not predicted. Behind the second one of a record is padding.
    """

    def _read(self, records: Integers, place: int) -> Chunk:
        first = place * self.sequence
        left = self.lengths[records] - first  # (N,), to the mark
        counted = min(self.sequence, int(left.max()))
        steps = np.arange(min(counted + 2 * AHEAD, int(left.max()) + 1))[:, None]
        inside = np.minimum(self.starts[records] + first + steps, len(self.ids) - 1)
        inputs = self.ids[inside].astype(np.int64)
        targets = np.where(inputs == self.ids[0], PADDING, inputs)
        for part in (inputs, targets):
            part[steps[:, 0, None] > left] = PADDING
        return Chunk(inputs, targets[:counted], fresh=place == 0)


@dataclass(frozen=True)
class Surroundings(TaggedTexts):
    """Texts as ids whose characters are all predicted: a character's label is its own id.

    A record is read with the mark that ends it, and no mark counts. A long text is read in windows
    side by side, each with `context` more characters on either side.
    """

    window: ClassVar[int] = 1024
    context: ClassVar[int] = 256

    @classmethod
    def of(cls, ids: Ids, end: int | None = None, batch: int = 1) -> Self:
        """Return ids as one text, or as records between marks. end: the id of these."""
        labels = ids.astype(np.int64)
        if end is None:
            return cls(ids, np.zeros(min(1, len(ids)), np.int64), labels, batch)
        marks = np.flatnonzero(ids == end)
        labels[marks] = PADDING
        return cls(ids, np.union1d(np.zeros(min(1, len(ids)), np.int64), marks), labels, batch)

    @property
    def ends(self) -> Integers:
        """Where texts end: behind the mark that begins the next."""
        ends: Integers = np.minimum(super().ends + 1, len(self.ids))
        return ends

    def part(self, most: int) -> Self:
        """Return the first characters, `most` of them at most."""
        stop = min(most, len(self.ids))
        starts = self.starts[self.starts < stop]
        return replace(self, ids=self.ids[:stop], starts=starts, labels=self.labels[:stop])
