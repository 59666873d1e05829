"""What a text has in common with the corpus that its model was trained on, word for word."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import yaml

from charrnn import runs
from charrnn.errors import CorpusError, UsageError
from charrnn.text import corpus
from charrnn.text.vocabulary import code_points

MULTIPLIER = 0x9E3779B97F4A7C15  # odd, so that no character's share of a hash is lost

Hashes = npt.NDArray[np.uint64]


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
        return cls(np.unique(_hashes(text, longest + 1)), longest)

    def permits(self, text: str, last: bool) -> bool:
        """Return whether the last characters of a text are no copy."""
        tail = text[-self.longest - 1 :]
        return len(tail) <= self.longest or not self._copied(tail)[0]

    def complete(self, text: str) -> bool:
        """Return that the text may end: it was watched as it grew."""
        return True

    def covered(self, text: str) -> npt.NDArray[np.bool_]:
        """Return, for each character (C,), whether it is in a copy of more than `longest`."""
        covered = np.zeros(len(text), bool)
        for start in np.flatnonzero(self._copied(text)):
            covered[start : start + self.longest + 1] = True
        return covered

    def _copied(self, text: str) -> npt.NDArray[np.bool_]:
        hashes = _hashes(text, self.longest + 1)
        places = np.minimum(np.searchsorted(self.known, hashes), len(self.known) - 1)
        copied: npt.NDArray[np.bool_] = self.known[places] == hashes
        return copied


def _hashes(text: str, length: int) -> Hashes:
    """Return the hash of each stretch of so many characters: a polynomial modulo 2^64."""
    points = code_points(text).astype(np.uint64) + np.uint64(1)
    count = max(len(points) - length + 1, 0)
    hashes = np.zeros(count, np.uint64)
    for place in range(length):
        hashes *= np.uint64(MULTIPLIER)
        hashes += points[place : place + count]
    return hashes


def training_text(
    checkpoint: Path, provenance: dict[str, Any], given: Sequence[str], as_bytes: bool
) -> str:
    """Return the corpus of a checkpoint, checked against the sha256 that it records.

    given: files or named corpora to read; by default those in the run's settings, else the
    recorded name. Raises CorpusError for a text that is not the one.
    """
    settings: dict[str, Any] = {}
    if (checkpoint.parent / runs.CONFIG).exists():
        settings = yaml.safe_load((checkpoint.parent / runs.CONFIG).read_text(encoding="utf-8"))
    names = list(given or settings.get("corpus") or [provenance["corpus"]])
    read = corpus.read(
        names,
        encoding=settings.get("encoding", "utf-8"),
        as_bytes=as_bytes,
        newlines=settings.get("newlines", "keep"),
    )
    if read.sha256 != provenance.get("sha256"):
        raise CorpusError(
            f"{', '.join(names)} is not the text that this model was trained on: its sha256 is "
            f"{read.sha256[:12]}…, that of the corpus {str(provenance.get('sha256'))[:12]}…",
            "--corpus FILE names it",
        )
    if as_bytes:  # as `characters_of` shows them
        return read.text.encode("latin-1").decode("ascii", "surrogateescape")
    return read.text
