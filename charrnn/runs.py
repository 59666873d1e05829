"""Run folders under `checkpoints/`: which one is meant, and where a new one goes."""

import contextlib
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from charrnn import assets
from charrnn.errors import CheckpointError

FOLDER = Path("checkpoints")
BEST = "best.safetensors"
LAST = "last.safetensors"
CONFIG = "config.yaml"
METRICS = "metrics.jsonl"
STEPS = "step-*.safetensors"
RESUME = "resume.safetensors"
LOCK = ".lock"
SHIPPED = {  # models that come with charrnn: where each lies, and what it is called in prose
    "demo": ("checkpoints/demo", "the demonstration model"),
    "demo:prose": ("checkpoints/prose", "the demonstration model of prose"),
}


def find(given: Path | None) -> Path:
    """Return the checkpoint file that a user means.

    A file is itself, a run folder its best model, a name in SHIPPED that is no path the model
    called so; None is the newest run under `checkpoints/`, else the demonstration model.
    Raises CheckpointError where there is none.
    """
    if given is None:
        return newest() or demo()
    if given.is_dir():
        if not (given / BEST).exists():
            inside = _runs(given)
            raise CheckpointError(
                f"{given}: no {BEST} is in this folder",
                f"runs in it: {', '.join(inside)}"
                if inside
                else "charrnn train writes one at its first validation",
            )
        return given / BEST
    if given.exists():
        return given
    if str(given) in SHIPPED:
        return demo(str(given))
    raise CheckpointError(
        f"{given}: there is no such checkpoint",
        f"runs here: {', '.join(_runs()) or 'none'}; "
        f"models that come with charrnn: {', '.join(SHIPPED)}",
    )


def newest(folder: Path = FOLDER) -> Path | None:
    """Return the best model of the run that was written to last, if there is a run."""
    return _written_last(folder, BEST)


def newest_first(folder: Path = FOLDER) -> list[Path]:
    """Return the best models of all runs, that of the run that was written to last first."""
    return _newest_first(folder, BEST)


def latest(folder: Path = FOLDER) -> Path:
    """Return the folder of the run that was written to last. Raises CheckpointError for none."""
    found = _written_last(folder, METRICS)
    if found is None:
        raise CheckpointError(f"there is no run under {folder}/", "charrnn train makes one")
    return found.parent


def resumable(given: Path | None, folder: Path = FOLDER) -> Path:
    """Return the folder of the run to go on with: the given one, or the one written to last.

    One that was stopped before its state was first saved holds its settings alone.
    Raises CheckpointError where there is none.
    """
    if given is None:
        stopped = _written_last(folder, RESUME)
        if stopped is None:
            raise CheckpointError(
                f"no run under {folder}/ was stopped before its end",
                "charrnn train starts one",
            )
        return stopped.parent
    unlearned = (given / CONFIG).exists() and not (given / LAST).exists()
    if not (unlearned or (given / RESUME).exists()):
        if given.is_file():
            raise CheckpointError(
                f"{given} is a file, and --resume takes the folder of a run",
                "charrnn inspect runs lists the runs",
            )
        if not given.is_dir():
            raise CheckpointError(f"{given}: there is no such folder")
        stopped_runs = sorted(str(path.parent) for path in folder.glob(f"*/{RESUME}"))
        raise CheckpointError(
            f"{given}: this run has ended"
            if (given / LAST).exists()
            else f"{given}: this folder has no run",
            "--init-from starts a new run from its weights; "
            f"runs that can be resumed: {', '.join(stopped_runs) or 'none'}",
        )
    return given


def demo(name: str = "demo") -> Path:
    """Return a model that comes with charrnn, by its name in SHIPPED."""
    return assets.path(SHIPPED[name][0]) / BEST


def absolute(given: str) -> str:
    """Return what names the same model from any folder; that of a shipped one does already."""
    path = Path(given)
    return given if given in SHIPPED and not path.exists() else str(path.absolute())


def describe(path: Path) -> str:
    """Name a checkpoint file as a user knows it."""
    known = {demo(name): called for name, (_, called) in SHIPPED.items()}
    return known.get(path, str(path))


def title(path: Path) -> str:
    """Name a model in a title: by its run, or a file of its own by its name, without folders."""
    if describe(path) != str(path):  # it ships with charrnn
        return describe(path)
    kept = path.name in (BEST, LAST) or path.match(STEPS)
    return path.absolute().parent.name if kept else path.stem


@contextlib.contextmanager
def claimed(out: Path | None, name: str, force: bool) -> Iterator[Path]:
    """Make the folder of a new run; take it away again if nothing was written into it.

    Without `out` it is called after corpus and backbone, with a number where that is taken.
    Raises CheckpointError when the folder holds something and `force` is not given, or when it
    cannot be written.
    """
    made = False
    folder = out or FOLDER / re.sub(r"[^\w.+-]+", "-", name).strip("-.")
    try:
        if out is None and not force:
            folder = _make_first_free(folder)
            made = True
        else:
            made = not folder.exists()
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error
    try:
        with locked(folder):
            if not force and any(path.name != LOCK for path in folder.iterdir()):
                raise CheckpointError(
                    f"{folder} exists and is not empty",
                    "--force writes into it; --out names another folder",
                )
            yield folder
    finally:
        if made:
            with contextlib.suppress(OSError):
                folder.rmdir()  # which fails, as it should, once it holds something


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other runs out of a folder, as long as this process lives.

    Raises CheckpointError where another one is in it, or the folder cannot be written.
    """
    path = folder / LOCK
    try:
        file = path.open("ab")
    except OSError as error:
        raise _unwritable(folder, error) from error
    with file:
        if not _lock(file):
            raise CheckpointError(
                f"{folder}: another run is writing into it",
                "wait for it to end, or name another folder",
            )
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _lock(file: IO[bytes]) -> bool:
    """Lock a file until it is closed; return whether no other process holds it."""
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError) as error:  # Windows and some file systems have no locks
        return not isinstance(error, BlockingIOError)
    return True


def _unwritable(folder: Path, error: OSError) -> CheckpointError:
    return CheckpointError(f"{folder} cannot be written: {error.strerror or error}")


def _make_first_free(folder: Path) -> Path:
    """Make the folder, or the first of folder-2, folder-3, … that is not there yet."""
    for number in itertools.count(2):
        with contextlib.suppress(FileExistsError):
            folder.mkdir(parents=True)
            return folder
        folder = folder.with_name(f"{re.sub(r'-[0-9]+$', '', folder.name)}-{number}")
    raise AssertionError("unreachable")


def _written_last(folder: Path, name: str) -> Path | None:
    """Return the newest file called so in a run folder, those that come with charrnn left out."""
    return next(iter(_newest_first(folder, name)), None)


def _newest_first(folder: Path, name: str) -> list[Path]:
    shipped = {demo(one).parent.resolve() for one in SHIPPED}
    found = [path for path in folder.glob(f"*/{name}") if path.parent.resolve() not in shipped]
    return sorted(found, key=lambda path: -path.stat().st_mtime)


def _runs(folder: Path = FOLDER) -> list[str]:
    return sorted(str(path.parent) for path in folder.glob(f"*/{BEST}"))


def kept(folder: Path) -> list[Path]:
    """Return the checkpoints that a run has kept, the best and the last among them.

    Raises CheckpointError for a folder without a run.
    """
    return [*sorted(folder.glob(STEPS)), find(folder), folder / LAST]
