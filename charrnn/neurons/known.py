"""What searches have found out about a model's neurons, kept for the views that come after.

One small file a model, `neurons.json`: in the run's folder, or where that cannot be written, or a
model stands alone or ships with charrnn, in the folder where the system keeps a user's state. It
can be deleted at any time, and where it cannot be written nothing is kept.
"""

import contextlib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import get_type_hints

from charrnn import files, runs
from charrnn.checkpoint import Checkpoint
from charrnn.errors import FileError
from charrnn.neurons.concepts import built_in
from charrnn.neurons.evidence import ENCODES, ENCODES_AND_USED, Finding

NAME = "neurons.json"
HELD_OUT = "held-out text"  # its name in all views


@dataclass(frozen=True)
class Known:
    """A neuron, by its number, and a built-in concept that it encodes, as far as was seen.

    signal: by which it does. low: whether low values mean that the concept is present, or more of
    it. measure: "AUROC" or "|r|". score, low_end, high_end: by it, on `text`, with the 95%
    interval; baseline: the better one of the last characters and untrained networks. strength:
    see `Evidence.strength`. raw: whether only c itself shows it, not tanh(c). place: among the
    neurons that were found for the concept, from 0, the best where they were chosen. characters:
    how many were read.
    """

    neuron: int
    concept: str
    signal: str
    low: bool
    measure: str
    score: float
    low_end: float
    high_end: float
    baseline: float
    strength: float
    raw: bool
    verdict: str
    place: int
    characters: int
    text: str


def keep(path: Path, model: Checkpoint, findings: Sequence[Finding], text: str) -> None:
    """Remember which neurons stand for a concept. text: the name of the text that was read.

    What an earlier search found on the same text for the same concept gives way, unless it read
    more or knows more: whether the neuron is used.
    """
    known = before = of(path, model)
    for finding in findings:
        old = [one for one in known if (one.concept, one.text) == (finding.concept.name, text)]
        if not any(_says_more(one, finding) for one in old):
            known = [one for one in known if one not in old] + known_from(finding, text)
    if known != before:
        _write(path, model, known)


def _says_more(known: Known, finding: Finding) -> bool:
    tested = any(one.use for one in finding.evidence)
    return known.characters > finding.characters or (
        known.verdict == ENCODES_AND_USED and not tested
    )


def known_from(finding: Finding, text: str) -> list[Known]:
    """Return what a finding says of the neurons that encode its concept, if it is built in."""
    if finding.concept.name not in built_in(""):
        return []
    return [
        Known(
            neuron=one.signal.neuron.number,
            concept=finding.concept.name,
            signal=one.signal.name,
            low=one.sign < 0,
            measure="|r|" if finding.concept.graded else "AUROC",
            score=one.score,
            low_end=one.interval[0],
            high_end=one.interval[1],
            baseline=one.baseline,
            strength=one.strength,
            raw=one.hidden_by_tanh,
            verdict=finding.verdict(one) if one.use else "encodes",
            place=place,
            characters=finding.characters,
            text=text,
        )
        for place, one in enumerate(finding.evidence)
        if finding.verdict(one) in (ENCODES, ENCODES_AND_USED)
    ]


def of(path: Path, model: Checkpoint) -> list[Known]:
    """Return what is known of a model's neurons. path: its file.

    What was found on its held-out text comes before what was found on others; then the strongest
    comes first.
    """
    digest = _digest(model)
    places = [_elsewhere(digest), _beside(path, model)]  # each of which holds all that is known
    read = (_read(place, digest) for place in places[:: -1 if _is_run(path) else 1])
    known = next((found for found in read if found), [])
    return sorted(known, key=lambda one: (one.text != HELD_OUT, -one.strength))


def ranked(path: Path, model: Checkpoint) -> list[Known]:
    """Return the neuron that was chosen for each concept that has one, the strongest first."""
    known = of(path, model)
    best: dict[str, Known] = {}
    for one in sorted(known, key=lambda one: (one.text != HELD_OUT, one.place)):
        best.setdefault(one.concept, one)
    return [one for one in known if best[one.concept] == one]


def _digest(model: Checkpoint) -> str:
    digest = hashlib.sha256(model.stack.encode())
    for name, weights in sorted(model.weights.items()):
        digest.update(name.encode() + weights.tobytes())
    return digest.hexdigest()[:16]


def _elsewhere(digest: str) -> Path:
    from charrnn import folders

    return folders.state() / "neurons" / f"{digest}.json"


def _beside(path: Path, model: Checkpoint) -> Path:
    """Return the file in a run's folder; encoder and decoder have their own."""
    return path.with_name(f"{model.stack}-{NAME}" if model.stack else NAME)


def _is_run(path: Path) -> bool:
    """Return whether a model lies in the folder of a run of the user's own."""
    shipped = {runs.demo(name).resolve() for name in runs.SHIPPED}
    return (path.parent / runs.CONFIG).exists() and path.resolve() not in shipped


def _write(path: Path, model: Checkpoint, known: Sequence[Known]) -> None:
    digest = _digest(model)
    content = {"model": digest, "neurons": [asdict(one) for one in known]}
    written = json.dumps(content, indent=1).encode("utf-8")
    for file in [_beside(path, model)] * _is_run(path) + [_elsewhere(digest)]:
        with contextlib.suppress(OSError, FileError):
            file.parent.mkdir(parents=True, exist_ok=True)
            files.write(file, written)
            return


def _read(path: Path, digest: str) -> list[Known]:
    """Return what a file says of the model with these weights; nothing of another one."""
    try:
        found = json.loads(path.read_text("utf-8"))
        if found["model"] != digest:
            return []
        return [_checked(Known(**one)) for one in found["neurons"]]
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return []


def _checked(known: Known) -> Known:
    """Return what was read. Raises TypeError for what could not have been written."""
    for name, kind in get_type_hints(Known).items():
        if type(getattr(known, name)) is not kind:
            raise TypeError(name)
    return known
