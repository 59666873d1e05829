"""What a text has in common with the corpus that its model was trained on, word for word."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from charrnn.errors import UsageError
from charrnn.text.ngrams import Hashes, among, hash_of, hashes


@dataclass(frozen=True)
class Copies:
    """A rule: no more than `longest` characters in a row stand in the corpus.

    known: the sorted hashes, of 64 bits, of all stretches of one character more.
    """

    known: Hashes
    longest: int
    ends: ClassVar[bool] = False

    @classmethod
    def of(cls, text: str, longest: int) -> "Copies":
        """Read the corpus that is not to be copied. Raises UsageError for one that is too short."""
        if len(text) <= longest:
            raise UsageError(f"the corpus has only {len(text):,} characters")
        return cls(np.unique(hashes(text, longest + 1)), longest)

    def permits(self, text: str, left: int) -> bool:
        """Return whether the last characters of a text are no copy."""
        if len(text) <= self.longest:
            return True
        tail = hash_of(text[-self.longest - 1 :])
        place = self.known.searchsorted(tail)
        return not (place < len(self.known) and self.known[place] == tail)

    def complete(self, text: str) -> bool:
        """Return that the text may end: it was watched as it grew."""
        return True

    def covered(self, text: str) -> npt.NDArray[np.bool_]:
        """Return, for each character (C,), whether it is in a copy of more than `longest`."""
        covered = np.zeros(len(text), bool)
        for start in np.flatnonzero(among(hashes(text, self.longest + 1), self.known)):
            covered[start : start + self.longest + 1] = True
        return covered
