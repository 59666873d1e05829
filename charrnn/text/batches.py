"""A text as N streams side by side, cut into chunks of at most T steps."""

import numpy as np
import numpy.typing as npt

from charrnn.errors import CorpusError
from charrnn.text.vocabulary import Ids


def split(ids: Ids, share: float, sequence: int) -> tuple[Ids, Ids]:
    """Cut ids (C,) into a training part and, at the end, the part that validates.

    Raises CorpusError, naming the length needed, when a part is too short to learn from:
    the first must hold one sequence and the character after it, the second two characters.
    """
    training = _training_part(len(ids), share)
    if not _is_enough(len(ids), share, sequence):
        raise CorpusError(
            f"the corpus has {len(ids):,} characters, but a sequence of {sequence} needs "
            f"at least {_smallest(share, sequence):,} of them",
            f"give more text, or a shorter --sequence{' or --validation 0' if share else ''}",
        )
    return ids[:training], ids[training:]


def _training_part(length: int, share: float) -> int:
    return int(length * (1 - share))


def _is_enough(length: int, share: float, sequence: int) -> bool:
    training = _training_part(length, share)
    return training > sequence and (not share or length - training >= 2)


def _smallest(share: float, sequence: int) -> int:
    """Return the smallest length that is enough."""
    length = sequence + 1
    while not _is_enough(length, share, sequence):
        length += 1
    return length


def fitting_streams(characters: int, batch: int, sequence: int) -> int:
    """Return how many streams, at most batch, are each a sequence long or longer."""
    return max(1, min(batch, (characters - 1) // sequence))


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
    length = _stream_length(len(ids), batch)
    count = chunks_per_epoch(len(ids), batch, sequence)
    start, stop = index * length // count, (index + 1) * length // count
    steps = np.arange(start, stop + 1)[:, None]  # (T + 1, 1)
    both = ids[steps + length * np.arange(batch)].astype(np.int64)  # (T + 1, N)
    return both[:-1], both[1:]


def _stream_length(characters: int, batch: int) -> int:
    return (characters - 1) // batch
