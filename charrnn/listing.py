"""The runs in a folder, each in a few figures."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from charrnn import checkpoint, runs
from charrnn.errors import CharrnnError, CheckpointError
from charrnn.notebook import Shown


@dataclass(frozen=True)
class Run:
    """A run as far as its best model tells. written: seconds since 1970. default: see `runs.find`.

    scored: what the loss is a mean over. problem: why its model cannot be read, or "".
    """

    folder: str
    default: bool
    written: float
    cell: str = ""
    layers: int = 0
    hidden: int = 0
    corpus: str = ""
    step: int = 0
    validation_nats: float | None = None
    scored: str = "character"
    stopped: bool = False
    problem: str = ""


@dataclass(frozen=True)
class Runs(Shown):
    """The runs in a folder: a sequence of `Run`, the most recent first."""

    folder: str
    found: tuple[Run, ...]

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[Run]:
        return iter(self.found)

    def __getitem__(self, place: int) -> Run:
        return self.found[place]


def list_runs(folder: Path) -> list[Run]:
    """Return the runs in a folder that have saved a model, the most recent first.

    Raises CheckpointError for a folder that is not there, if it is not the usual one.
    """
    if not folder.is_dir() and folder != runs.FOLDER:
        raise CheckpointError(f"{folder}: there is no such folder")
    paths = sorted(folder.glob(f"*/{runs.BEST}"), key=lambda path: -path.stat().st_mtime)
    newest = runs.newest(folder)
    return [_read(path, path == newest) for path in paths]


def _read(path: Path, default: bool) -> Run:
    known: dict[str, Any] = {
        "folder": str(path.parent),
        "default": default,
        "written": path.stat().st_mtime,
        "stopped": (path.parent / runs.RESUME).exists(),
    }
    try:
        read = checkpoint.load(path)
    except CharrnnError as error:
        return Run(**known, problem=error.message)
    shape, made = read.architecture, read.provenance
    return Run(
        **known,
        cell=shape.backbone,
        layers=shape.layers,
        hidden=shape.hidden,
        corpus=str(made.get("corpus", "")),
        step=int(made.get("steps", 0)),
        validation_nats=made.get("validation_nats"),
        scored=shape.scored,
    )
