"""What searches have found out about a model's neurons, kept for the views that come after.

One small file a model, in the folder where the system keeps a user's state; it can be deleted at
any time, and where it cannot be written nothing is kept.
"""

import contextlib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import get_type_hints

from charrnn import files
from charrnn.checkpoint import Checkpoint
from charrnn.errors import FileError
from charrnn.neurons.concepts import built_in
from charrnn.neurons.evidence import ENCODES, ENCODES_AND_USED, Finding


@dataclass(frozen=True)
class Known:
    """The built-in concept that a neuron stands for, as far as was seen.

    signal: by which it does. low: whether low values mean "on", or more. score: by its measure,
    "AUROC" or "|r|", on `text`; gain: over the last three characters.
    """

    concept: str
    signal: str
    low: bool
    measure: str
    score: float
    gain: float
    verdict: str
    text: str


def keep(model: Checkpoint, findings: Sequence[Finding], text: str) -> None:
    """Remember which neurons stand for a concept. text: the name of the one that was read."""
    known, names = _read(model), built_in("")
    for finding in findings:
        for one in finding.evidence:
            verdict, number = finding.verdict(one), str(one.signal.neuron.number)
            if finding.concept.name in names and verdict in (ENCODES, ENCODES_AND_USED):
                measure = "|r|" if finding.concept.graded else "AUROC"
                now = Known(
                    concept=finding.concept.name,
                    signal=one.signal.name,
                    low=one.sign < 0,
                    measure=measure,
                    score=one.score,
                    gain=one.over_lexical,
                    verdict=verdict,
                    text=text,
                )
                before = known.get(number, now)
                if before.concept == now.concept or before.gain <= now.gain:
                    known[number] = now
    if known:
        _write(model, known)


def of(model: Checkpoint, neuron: int) -> Known | None:
    """Return what is known of a neuron, by its number."""
    return _read(model).get(str(neuron))


def _path(model: Checkpoint) -> Path:
    from charrnn import folders

    digest = hashlib.sha256()
    for name, weights in sorted(model.weights.items()):
        digest.update(name.encode() + weights.tobytes())
    return folders.state() / "neurons" / f"{digest.hexdigest()[:16]}.json"


def _write(model: Checkpoint, known: dict[str, Known]) -> None:
    path = _path(model)
    with contextlib.suppress(OSError, FileError):
        path.parent.mkdir(parents=True, exist_ok=True)
        plain = {number: asdict(one) for number, one in known.items()}
        files.write(path, json.dumps(plain, indent=1).encode("utf-8"))


def _read(model: Checkpoint) -> dict[str, Known]:
    try:
        found = json.loads(_path(model).read_text("utf-8"))
        return {number: _checked(Known(**one)) for number, one in found.items()}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _checked(known: Known) -> Known:
    """Return what was read. Raises TypeError for what could not have been written."""
    for name, kind in get_type_hints(Known).items():
        if type(getattr(known, name)) is not kind:
            raise TypeError(name)
    return known
