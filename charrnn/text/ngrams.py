"""Every n-gram of a text, as a hash: to look up long ones in long texts."""

import numpy as np
import numpy.typing as npt

from charrnn.text.vocabulary import code_points

MULTIPLIER = 0x9E3779B97F4A7C15  # odd, so that no character's share of a hash is lost

Hashes = npt.NDArray[np.uint64]


def hashes(text: str, length: int) -> Hashes:
    """Return the hash of each n-gram: a polynomial modulo 2^64."""
    points = code_points(text).astype(np.uint64) + np.uint64(1)
    count = max(len(points) - length + 1, 0)
    found = np.zeros(count, np.uint64)
    for place in range(length):
        found *= np.uint64(MULTIPLIER)
        found += points[place : place + count]
    return found


def hash_of(stretch: str) -> np.uint64:
    """Return the hash of one stretch, without arrays, which cost more than they save on few."""
    found = 0
    for character in stretch:
        found = found * MULTIPLIER + ord(character) + 1 & (1 << 64) - 1
    return np.uint64(found)


def among(wanted: Hashes, known: Hashes) -> npt.NDArray[np.bool_]:
    """Return which of the wanted hashes are among known ones, which are sorted and not none."""
    places = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    found: npt.NDArray[np.bool_] = known[places] == wanted
    return found
