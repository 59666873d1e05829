"""The course of a run, read back from the events that it wrote."""

import json
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from charrnn import runs
from charrnn.errors import CheckpointError


@dataclass(frozen=True)
class Curve:
    """A loss over a run: at each of its points the step, the seconds passed and the nats."""

    steps: tuple[int, ...]
    seconds: tuple[float, ...]
    nats: tuple[float, ...]

    def smoothed(self, points: int) -> "Curve":
        """Return a curve of so many points at most, each the mean of those up to it."""
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
class Course:
    """What a run wrote down. training, validation: the losses; either may have no points."""

    name: str
    training: Curve
    validation: Curve


def read(folder: Path) -> Course:
    """Read the course of the run in a folder. Raises CheckpointError where there is none."""
    path = folder / runs.METRICS
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        events = [json.loads(line) for line in lines if line.endswith("}")]  # one may be cut short
        return Course(
            str(folder),
            _curve(events, "progress", "loss_nats"),
            _curve(events, "validation", "validation_nats"),
        )
    except FileNotFoundError:
        raise CheckpointError(
            f"{folder}: there is no run, for there is no {runs.METRICS} in it",
            "name the folder of a run; charrnn train makes one",
        ) from None
    except NotADirectoryError:
        raise CheckpointError(f"{folder} is a file", "name the folder of a run") from None
    except OSError as error:
        raise CheckpointError(f"{path}: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path} does not hold the events of a run: {error}") from error


def _curve(events: Iterable[dict[str, Any]], kind: str, loss: str) -> Curve:
    points = [event for event in events if event["event"] == kind and event[loss] is not None]
    return Curve(
        tuple(int(point["step"]) for point in points),
        tuple(float(point["elapsed_seconds"]) for point in points),
        tuple(float(point[loss]) for point in points),
    )
