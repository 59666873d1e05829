"""The two halves of a text: what one chooses, the other reports, and the other way round."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from charrnn.neurons.activations import Activations
from charrnn.neurons.scores import Labels

BLOCKS = 16  # into which a text is cut; every other one belongs to the same half
SHORTEST = 2000  # characters of a block

Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Half:
    """Some blocks of a text: the places (n,) of their characters, in order.

    begins: at which of the n a record begins; empty for running text.
    """

    places: Places
    begins: Places

    @property
    def length(self) -> int:
        """How many characters it has."""
        return len(self.places)

    def of(self, labels: Labels) -> Labels:
        """Return the labels of this half."""
        return labels[self.places]

    @cached_property
    def numbers(self) -> Places:
        """For each place of the text up to the last one here: its number in the half, or -1."""
        numbers = np.full(int(self.places[-1]) + 1, -1)
        numbers[self.places] = np.arange(self.length)
        return numbers

    def inside(self, places: Places) -> tuple[npt.NDArray[np.bool_], Places]:
        """Return which places of the text lie in this half, and the numbers there of those."""
        found = np.full(len(places), -1)
        near = places < len(self.numbers)
        found[near] = self.numbers[places[near]]
        return found >= 0, found[found >= 0]


def halves(activations: Activations) -> tuple[Half, Half]:
    """Return the halves A and B, alternate blocks of the text. A record is never cut."""
    first, last = int(activations.counted[0]), int(activations.counted[-1]) + 1
    count = 2 * max(1, min(BLOCKS // 2, (last - first) // (2 * SHORTEST)))
    edges = np.linspace(first, last, count + 1).astype(np.intp)
    begins = activations.record_begins
    if len(begins):
        edges[1:-1] = begins[np.searchsorted(begins, edges[1:-1]).clip(max=len(begins) - 1)]
    blocks = [np.arange(*two) for two in pairwise(edges.tolist())]
    parts = [np.concatenate(blocks[half::2]) for half in (0, 1)]
    if min(map(len, parts)) < (last - first) // 4:  # a record or two are most of the text
        parts = np.array_split(activations.counted, 2)
    a, b = (Half(part, np.flatnonzero(np.isin(part, begins))) for part in parts)
    return a, b
