"""The course of a run, read back from the events that it wrote."""

import json
import math
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from charrnn import runs, strict_yaml
from charrnn.errors import CharrnnError, CheckpointError
from charrnn.notebook import Shown
from charrnn.settings.tasks import TASKS

LOSSES = {"progress": "loss_nats", "validation": "validation_nats"}  # of the events
MANY_STEPS = 10**15
DAMAGE = (ValueError, KeyError, TypeError, OverflowError, RecursionError)  # what it raises


@dataclass(frozen=True)
class Curve:
    """A loss over a run: at each of its points the step, the seconds passed and the nats."""

    steps: tuple[int, ...]
    seconds: tuple[float, ...]
    nats: tuple[float, ...]

    def smoothed(self, points: int) -> "Curve":
        """Return a curve of at most a number of points, each the mean of those up to it."""
        size = -(-len(self.nats) // points)
        if size < 2:
            return self
        ends = range(size, len(self.nats) + 1, size)
        return Curve(
            tuple(self.steps[end - 1] for end in ends),
            tuple(self.seconds[end - 1] for end in ends),
            tuple(statistics.fmean(self.nats[end - size : end]) for end in ends),
        )


@dataclass(frozen=True)
class Course(Shown):
    """What a run wrote down. training, validation: the losses; either may have no points.

    scored: what its losses are means over. damaged: how many lines of it cannot be read. steps:
    those of the whole run, as planned last. seconds: those that had passed at the last event.
    """

    name: str
    training: Curve
    validation: Curve
    damaged: int = 0
    steps: int = 0
    seconds: float = 0.0
    scored: str = "character"

    @property
    def best(self) -> tuple[int, float] | None:
        """The step and the nats of the best validation; None where nothing was validated."""
        steps, nats = self.validation.steps, self.validation.nats
        return min(zip(steps, nats, strict=True), key=lambda point: point[1], default=None)


def read(folder: Path) -> Course:
    """Read the course of the run in a folder. Raises CheckpointError where there is none."""
    path = folder / runs.METRICS
    try:
        written = path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        raise CheckpointError(
            f"{folder} has no run: {runs.METRICS} is missing",
            "name the folder of a run; charrnn train makes one",
        ) from None
    except NotADirectoryError:
        raise CheckpointError(f"{folder} is a file", "name the folder of a run") from None
    except OSError as error:
        raise CheckpointError(f"{path}: {error.strerror or error}") from error
    lines = written.split("\n")[:-1]  # the last one may be under way
    curves: dict[str, list[tuple[int, float, float]]] = {kind: [] for kind in LOSSES}
    damaged, steps, seconds = 0, 0, 0.0
    for line in lines:
        try:
            event = json.loads(line)
            kind = event["event"]
            if kind in LOSSES and event[LOSSES[kind]] is not None:
                curves[kind].append(_point(event, LOSSES[kind]))
            steps = int(event.get("steps", steps))
            seconds = float(event.get("elapsed_seconds", seconds))
        except DAMAGE:
            damaged += 1
    if lines and damaged == len(lines):
        raise CheckpointError(f"{path} does not hold the events of a run")
    training, validation = (
        Curve(*zip(*points, strict=True)) if points else Curve((), (), ())
        for points in curves.values()
    )
    last = max([steps, *training.steps[-1:], *validation.steps[-1:]])
    return Course(str(folder), training, validation, damaged, last, seconds, _scored(folder))


def _scored(folder: Path) -> str:
    """Return what the losses of a run are means over: characters, where nobody says otherwise."""
    try:
        task = TASKS[strict_yaml.read(folder / runs.CONFIG)["task"]]
    except (CharrnnError, KeyError, TypeError):
        return "character"
    return task.scored


def _point(event: dict[str, Any], loss: str) -> tuple[int, float, float]:
    """Return a step, the seconds passed and the nats. Raises ValueError for what is no number."""
    step, seconds, nats = int(event["step"]), float(event["elapsed_seconds"]), float(event[loss])
    if not (math.isfinite(seconds) and math.isfinite(nats) and 0 <= step < MANY_STEPS):
        raise ValueError(event)
    return step, seconds, nats
