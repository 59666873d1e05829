"""A training in Python: an iterator of its events, which can be stopped and gone on with."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from charrnn import config as configuration
from charrnn import curves, runs
from charrnn.arguments import documented, expect_alone, expect_known, in_python, names_of
from charrnn.curves import Course
from charrnn.errors import UsageError
from charrnn.notebook import Shown
from charrnn.settings import TrainConfig
from charrnn.settled import resumed, settle
from charrnn.torchrun import rank
from charrnn.training import events

DEFAULT_CORPUS = ("python",)


class Training(Iterator[events.Event], Shown):
    """A run: an iterator of its events, from the Plan to Finished.

    folder: where it is kept, once it has begun. In a notebook it shows its losses so far.
    """

    def __init__(self, following: Callable[[Callable[[], bool]], Iterator[events.Event]]) -> None:
        self.folder: Path | None = None
        self._stopped = False
        self._following = following(lambda: self._stopped)

    def __next__(self) -> events.Event:
        with in_python():
            event = next(self._following)
        if isinstance(event, events.Plan):
            self.folder = event.folder
        return event

    def stop(self) -> None:
        """End it after the next step: it is saved, Finished comes, and `resume` goes on with it."""
        self._stopped = True

    @property
    def course(self) -> Course:
        """Its losses so far. Raises UsageError where it has not begun."""
        if self.folder is None:
            raise UsageError("this training has not begun; `for event in training:` trains")
        return curves.read(self.folder)

    def _repr_html_(self) -> str | None:  # type: ignore[override]
        if self.folder is None or not (self.folder / runs.METRICS).exists():
            return None
        course = self.course
        return course._repr_html_() if course.training.nats else None


@documented(TrainConfig, ("corpus",))
@in_python()
def train(
    corpus: str | Path | Iterable[str | Path] | None = None,
    *,
    preset: str | None = None,
    config: str | Path | None = None,
    out: str | Path | None = None,
    force: bool = False,
    resume: str | Path | bool = False,
    **settings: Any,
) -> Training:
    """Train a network on a text, and return an iterator of the events of the run.

    It trains while the events are taken; its best and last models stay in a run folder. corpus:
    files, folders or names, as on the command line; by default "python". preset, or minutes: how
    much to spend. config: a YAML file of settings. out: the run folder, by default
    checkpoints/CORPUS-BACKBONE or the next one that is free. force: write into a folder that is
    not empty. Settings are those of `charrnn train`; the others suit the text. resume: the folder
    of a stopped run, to go on with it and its settings; True is the most recent one; corpus then
    names its text, if it has moved. The events are in `charrnn.events`.
    Raises UsageError, CorpusError, CheckpointError or TrainingError.
    """
    names = names_of(corpus)
    asked = settings | {"preset": preset}
    if resume:
        expect_alone("resume", asked | {"config": config, "out": out, "force": force or None})
        stopped = resumed(None if resume is True else Path(resume), names)
        return Training(lambda stop: _going_on(*stopped, stop))
    expect_known(list(settings), TrainConfig, ("corpus",))
    asked |= {"corpus": names or DEFAULT_CORPUS}
    file = Path(config) if config else None
    resolved, text = settle(asked, file, {})
    effort = configuration.effort(asked, file, {})
    over = f"{file}, over " if file else ""
    what = f"{over}preset {effort.preset}: {configuration.describe_preset(effort.preset)}"
    notes = () if resolved.minutes and effort.compute else (what,)
    name = f"{text.name}-{resolved.backbone}"
    said = ", ".join([repr(asked["corpus"]), *(f"{key}={one!r}" for key, one in settings.items())])
    command = f"charrnn.train({said})"

    def following(stop: Callable[[], bool]) -> Iterator[events.Event]:
        from charrnn.training.trainer import train as learn

        claimed = runs.claimed(Path(out) if out else None, name, force)
        with claimed if rank() == 0 else nullcontext(Path()) as folder:
            yield from learn(
                resolved, text, folder, command=command, notes=notes, effort=effort, stop=stop
            )

    return Training(following)


def _going_on(
    folder: Path, settings: TrainConfig, text: Any, stop: Callable[[], bool]
) -> Iterator[events.Event]:
    """Go on with a stopped run; see `train`."""
    from charrnn.training.trainer import train as learn

    with runs.locked(folder) if rank() == 0 else nullcontext():
        yield from learn(settings, text, folder, resume=True, stop=stop)
