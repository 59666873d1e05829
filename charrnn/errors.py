"""Everything that charrnn raises on purpose, on one page.

An error says what is wrong and where in `message`, and what to do next in `hint`.
The command line prints the two and exits with `exit_code`; nothing else catches them.
"""

from collections.abc import Iterable
from difflib import get_close_matches

ALIKE = 0.8  # of difflib: one or two letters apart


def near(word: str, known: Iterable[str], all_of_them: str) -> str:
    """Return a hint: the name that is a letter or two from what was typed, then the names."""
    names = list(known)
    listed = f"{all_of_them}: {', '.join(names)}"
    closest = get_close_matches(word, names, n=1, cutoff=ALIKE)
    return f"{closest[0]} is near; {listed}" if closest else listed


class CharrnnError(Exception):
    """The root of every error that the user can fix and that is not a bug of ours."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(CharrnnError):
    """A command, a flag, a key or a value that cannot be taken."""

    exit_code = 2


class CorpusError(CharrnnError):
    """A text that cannot be found, fetched, decoded or learned from."""


class VocabularyError(CharrnnError):
    """A character or an id outside the model's alphabet."""


class CheckpointError(CharrnnError):
    """A file that is not a checkpoint, or a run folder that cannot be used."""


class FileError(CharrnnError):
    """A file that cannot be read or written, or that already exists."""


class TrainingError(CharrnnError):
    """Training that cannot start or cannot go on."""
