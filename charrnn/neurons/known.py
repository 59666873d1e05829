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


@dataclass(frozen=True)
class Known:
    """The built-in concept that a neuron stands for, as far as was seen.

    signal: by which it does. low: whether low values mean that the concept is present, or more of
    it. measure: "AUROC" or "|r|". score, low_end, high_end: by it, on `text`, with the 95%
    interval; baseline: the better one of the last characters and untrained networks. strength:
    see `Evidence.strength`. raw: whether only c itself shows it, not tanh(c).
    """

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
    text: str


def keep(path: Path, model: Checkpoint, findings: Sequence[Finding], text: str) -> None:
    """Remember which neurons stand for a concept. text: the name of the text that was read."""
    known, names = of(path, model), built_in("")
    before = dict(known)
    for finding in findings:
        if finding.concept.name not in names:
            continue
        for number, now in known_from(finding, text).items():
            old = known.get(number, now)
            if old.concept == now.concept or old.strength <= now.strength:
                known[number] = now
    if known != before:
        _write(path, model, known)


def known_from(finding: Finding, text: str) -> dict[int, Known]:
    """Return what a finding says of each neuron that encodes its concept."""
    return {
        one.signal.neuron.number: Known(
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
            verdict=finding.verdict(one),
            text=text,
        )
        for one in finding.evidence
        if finding.verdict(one) in (ENCODES, ENCODES_AND_USED)
    }


def of(path: Path, model: Checkpoint) -> dict[int, Known]:
    """Return what is known of a model's neurons, by their numbers. path: the checkpoint file."""
    digest = _digest(model)
    return _read(path.with_name(NAME), digest) | _read(_elsewhere(digest), digest)


def ranked(known: dict[int, Known]) -> list[tuple[int, Known]]:
    """Return each concept's strongest neuron, the strongest concept first."""
    best: dict[str, tuple[int, Known]] = {}
    for number, one in sorted(known.items(), key=lambda pair: -pair[1].strength):
        best.setdefault(one.concept, (number, one))
    return list(best.values())


def _digest(model: Checkpoint) -> str:
    digest = hashlib.sha256()
    for name, weights in sorted(model.weights.items()):
        digest.update(name.encode() + weights.tobytes())
    return digest.hexdigest()[:16]


def _elsewhere(digest: str) -> Path:
    from charrnn import folders

    return folders.state() / "neurons" / f"{digest}.json"


def _write(path: Path, model: Checkpoint, known: dict[int, Known]) -> None:
    digest = _digest(model)
    neurons = {str(number): asdict(one) for number, one in known.items()}
    written = json.dumps({"model": digest, "neurons": neurons}, indent=1).encode("utf-8")
    shipped = path.resolve() in {runs.demo(name).resolve() for name in runs.SHIPPED}
    mine = (path.parent / runs.CONFIG).exists() and not shipped
    for file in [path.with_name(NAME)] * mine + [_elsewhere(digest)]:
        with contextlib.suppress(OSError, FileError):
            file.parent.mkdir(parents=True, exist_ok=True)
            files.write(file, written)
            return


def _read(path: Path, digest: str) -> dict[int, Known]:
    """Return what a file says of the model with these weights; nothing of another one."""
    try:
        found = json.loads(path.read_text("utf-8"))
        if found["model"] != digest:
            return {}
        return {int(number): _checked(Known(**one)) for number, one in found["neurons"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def _checked(known: Known) -> Known:
    """Return what was read. Raises TypeError for what could not have been written."""
    for name, kind in get_type_hints(Known).items():
        if type(getattr(known, name)) is not kind:
            raise TypeError(name)
    return known
