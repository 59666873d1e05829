"""Everything that charrnn raises on purpose, on one page.

An error says what is wrong and where in `message`, and what to do next in `hint`.
The command line prints the two and exits with `exit_code`; nothing else catches them.
"""


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
