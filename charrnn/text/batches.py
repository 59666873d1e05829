"""A text as N streams side by side, cut into chunks of at most T steps."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from charrnn.errors import CorpusError
from charrnn.text.vocabulary import Ids
from charrnn.torchrun import size as processes

PADDING = -100  # no target, and nothing that counts
NO_TAG = np.iinfo(np.uint16).max  # stored of what has no tag: a mark, or a tag never learned
LEAST = 2  # characters: one that is read, and one that is predicted
SPARED = 20  # sequences in a text, of which random offsets may leave out one
COUNTED = 1 << 24  # ids at once: a large text is never in memory as a whole

Counts = npt.NDArray[np.int64]


class Chunk(NamedTuple):
    """What a training step reads.

    inputs, targets (T, N); a target of -100 does not count. fresh: the streams begin here.
    """

    inputs: npt.NDArray[np.int64]
    targets: npt.NDArray[np.int64]
    fresh: bool

    @property
    def characters(self) -> int:
        """How many characters are learned from."""
        return int((self.targets != PADDING).sum())


class Source(Protocol):
    """A text made ready to be learned, chunk by chunk."""

    @property
    def batch(self) -> int:
        """How many streams are read side by side, at most."""

    @property
    def epoch_steps(self) -> int:
        """How many chunks an epoch has."""

    def chunk(self, step: int) -> Chunk:
        """Return what a training step, counted from 0 through all epochs, reads."""

    def target_counts(self, vocabulary: int) -> Counts:
        """Return how often each id (V,) is to be predicted."""


@dataclass(frozen=True)
class Streams:
    """A text (C,) as N streams, each epoch from another of some offsets on."""

    ids: Ids
    batch: int
    sequence: int
    offsets: int = 1
    seed: int = 0

    @cached_property
    def epoch_steps(self) -> int:
        """How many chunks an epoch has."""
        return chunks_per_epoch(len(self.ids) - self.offsets + 1, self.batch, self.sequence)

    def chunk(self, step: int) -> Chunk:
        """Return the chunk of a training step."""
        epoch, index = divmod(step, self.epoch_steps)
        return Chunk(*chunk(self.part(epoch), self.batch, self.sequence, index), fresh=index == 0)

    def part(self, epoch: int) -> Ids:
        """Return what is read in an epoch."""
        offset = 0
        if self.offsets > 1:
            offset = int(np.random.default_rng((self.seed, epoch)).integers(self.offsets))
        return self.ids[offset : len(self.ids) - self.offsets + 1 + offset]

    def target_counts(self, vocabulary: int) -> Counts:
        """Return how often each id (V,) is to be predicted."""
        return counts_after_first(self.ids, vocabulary)


def counts_after_first(ids: Ids, vocabulary: int) -> Counts:
    """Return how often each id (V,) stands in ids (C,) after the first, which nothing predicts."""
    counts = np.zeros(vocabulary, np.int64)
    for first in range(1, len(ids), COUNTED):
        counts += np.bincount(ids[first : first + COUNTED], minlength=vocabulary)
    return counts


def streams(ids: Ids, batch: int, sequence: int, random_offsets: bool, seed: int) -> Streams:
    """Return a text as streams, fewer than asked for where it is short."""
    enough = len(ids) > SPARED * sequence  # to do without some of it
    offsets = sequence if random_offsets and enough else 1
    length = len(ids) - offsets + 1
    fitting = fitting_streams(length, batch, sequence, processes())
    return Streams(ids, fitting, sequence, offsets, seed)


def split(ids: Ids, share: float) -> tuple[Ids, Ids]:
    """Cut ids (C,) into a training part and, at the end, the part that validates.

    Each has two characters at least: one that is read and one that is predicted. Where the text has
    too few for both, nothing validates. Raises CorpusError for less than two.
    """
    if len(ids) < LEAST:
        raise CorpusError(
            f"the corpus has {len(ids):,} characters; training needs at least {LEAST}",
            "give more text",
        )
    training = training_part(len(ids), share)
    return ids[:training], ids[training:]


def training_part(length: int, share: float) -> int:
    """Return how many characters of a text are learned, if a share of them is to validate."""
    training = int(length * (1 - share))
    return training if training >= LEAST and length - training >= LEAST else length


def fitting_streams(characters: int, batch: int, sequence: int, processes: int = 1) -> int:
    """Return how many streams, at most batch, are each a sequence long or longer.

    processes: which share them evenly where there are fewer than wanted.
    """
    fitting = max(1, (characters - 1) // sequence)
    return batch if fitting >= batch else fitting - fitting % processes or fitting


def chunks_per_epoch(characters: int, batch: int, sequence: int) -> int:
    """Return into how many chunks of at most `sequence` steps each stream is cut."""
    return -(-_stream_length(characters, batch) // sequence)


def chunk(
    ids: Ids, batch: int, sequence: int, index: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the inputs and targets (T, N) of chunk number `index` of every stream.

    The N streams are contiguous and of equal length, the chunks of all but equal length,
    so that no character is left out but the last few that no stream holds.
    """
    both = ids[places(len(ids), batch, sequence, index)].astype(np.int64)
    return both[:-1], both[1:]


def places(length: int, batch: int, sequence: int, index: int) -> npt.NDArray[np.intp]:
    """Return the places (T + 1, N) of a chunk's inputs, and of its last target."""
    each = _stream_length(length, batch)
    count = chunks_per_epoch(length, batch, sequence)
    start, stop = index * each // count, (index + 1) * each // count
    found: npt.NDArray[np.intp] = np.arange(start, stop + 1)[:, None] + each * np.arange(batch)
    return found


def _stream_length(characters: int, batch: int) -> int:
    return (characters - 1) // batch
