"""The corpus that a checkpoint was trained on, found again and checked."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from charrnn import runs, strict_yaml
from charrnn.errors import CorpusError
from charrnn.text import corpus


def training_text(
    checkpoint: Path, provenance: dict[str, Any], given: Sequence[str], as_bytes: bool
) -> str:
    """Return the corpus of a checkpoint, checked against the sha256 that it records.

    given: files or named corpora to read; by default those in the run's settings, else the
    recorded name. Raises CorpusError for a text that is not the one.
    """
    settings: dict[str, Any] = {}
    if (checkpoint.parent / runs.CONFIG).exists():
        settings = strict_yaml.read(checkpoint.parent / runs.CONFIG)
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
