"""The corpus that a checkpoint was trained on, found again and checked."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from charrnn import runs, strict_yaml
from charrnn.checkpoint import Checkpoint
from charrnn.errors import CharrnnError, CorpusError
from charrnn.text import corpus, labelled, records, spread
from charrnn.text.vocabulary import Ids

SAMPLE = 400_000  # characters of training text, for what its last characters tell
LARGEST = 30_000_000  # characters of a corpus from which such a sample is taken
PROBE = 100  # characters by which a text is known to be among what was learned


def training_text(
    checkpoint: Path, provenance: dict[str, Any], given: Sequence[str], as_bytes: bool
) -> str:
    """Return the corpus of a checkpoint, checked against the sha256 that it records.

    given: files or named corpora to read; by default those in the run's settings, else the
    recorded name. Raises CorpusError for a text that is not the one.
    """
    names, settings = _where(checkpoint, provenance, given)
    read = corpus.read(
        names,
        encoding=settings.get("encoding", "utf-8"),
        as_bytes=as_bytes,
        newlines=settings.get("newlines", "keep"),
    )
    _expect(names, read.sha256, provenance)
    if as_bytes:  # as `characters_of` shows them
        return read.text.encode("latin-1").decode("ascii", "surrogateescape")
    return read.text


def _where(
    checkpoint: Path, provenance: dict[str, Any], given: Sequence[str]
) -> tuple[list[str], dict[str, Any]]:
    """Return where the corpus should be, and the settings of the run."""
    settings: dict[str, Any] = {}
    if (checkpoint.parent / runs.CONFIG).exists():
        settings = strict_yaml.read(checkpoint.parent / runs.CONFIG)
    return list(given or settings.get("corpus") or [provenance["corpus"]]), settings


def _expect(names: Sequence[str], sha256: str, provenance: dict[str, Any]) -> None:
    """Raise CorpusError for a text that is not the one that was learned."""
    if sha256 != provenance.get("sha256"):
        raise CorpusError(
            f"{', '.join(names)} is not the text that this model was trained on: its sha256 is "
            f"{sha256[:12]}…, that of the corpus {str(provenance.get('sha256'))[:12]}…",
            "--corpus FILE names the right one",
        )


def learned_text(checkpoint: Path, loaded: Checkpoint, given: Sequence[str]) -> str:
    """Return what `training_text` does; of labelled texts all but those that are held out.

    Each then stands between two marks.
    """
    if not loaded.labels:
        as_bytes = loaded.vocabulary.kind == "bytes"
        return training_text(checkpoint, loaded.provenance, given, as_bytes)
    names, settings = _where(checkpoint, loaded.provenance, given)
    columns, encoding = settings.get("columns", ""), settings.get("encoding", "utf-8")
    how: dict[str, Any] = {"columns": columns, "encoding": encoding, "skip_bad": True}
    read = labelled.read(names, form=settings.get("read", "auto"), **how)
    _expect(names, read.sha256, loaded.provenance)
    aside = set(loaded.vocabulary.characters_of(loaded.heldout).split(loaded.record_end))
    return records.join([text for text in read.texts if text not in aside], loaded.record_end)


def trained_part(whole: str, loaded: Checkpoint) -> str:
    """Return the part of a corpus before its validation text, where that can be found in it."""
    begin = loaded.vocabulary.characters_of(loaded.heldout[:1000])
    place = whole.rfind(begin) if begin else -1
    return whole[:place] if place > 0 else whole


def sample(checkpoint: Path, loaded: Checkpoint, read: Ids) -> Ids:
    """Return training text of a checkpoint, from several places, to compare a text (C,) with.

    It is empty where the corpus cannot be had, is too large, or holds the text that is read; and
    for labelled texts, and pairs of texts.
    """
    nothing = loaded.heldout[:0]
    vocabulary, end = loaded.vocabulary, loaded.record_end
    large = loaded.provenance.get("characters", 0) > LARGEST
    if large or loaded.labels or loaded.stack or not loaded.provenance.get("corpus"):
        return nothing
    try:
        whole = training_text(checkpoint, loaded.provenance, [], vocabulary.kind == "bytes")
    except CharrnnError:
        return nothing
    if end:
        whole = records.join(records.cut(whole, loaded.records), end)
    learned = trained_part(whole, loaded)
    probes = (read[len(read) * part // 4 :][:PROBE] for part in range(4))
    if not learned or any(vocabulary.characters_of(probe) in learned for probe in probes):
        return nothing
    return vocabulary.encode(_parts(learned, end), "skip")


def _parts(text: str, end: str) -> str:
    """Return parts of a text from several places, of whole records or, where it can be, lines."""
    if len(text) <= SAMPLE:
        return text
    edge, size, parts = end or "\n", SAMPLE // spread.PLACES, []
    for number in range(spread.PLACES):
        place = len(text) * number // spread.PLACES
        first = text.find(edge, place, place + size) + 1
        parts.append(text[first or place : text.rfind(edge, place, place + size) + 1])
    return end + "".join(parts)
