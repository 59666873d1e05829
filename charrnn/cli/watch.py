"""A run from its first event to its last: shown as it goes, stopped by signals, summed up."""

import shlex
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import typer

from charrnn.errors import FileError
from charrnn.settings import TrainConfig
from charrnn.settings.tasks import TASKS
from charrnn.show import stdio
from charrnn.show.glyphs import safe
from charrnn.torchrun import rank

if TYPE_CHECKING:
    from charrnn.config import Effort
    from charrnn.text.corpus import Corpus
    from charrnn.text.mapped import LargeCorpus
    from charrnn.training.events import Finished

LONG = 30.0  # seconds of a run, from which on its neurons are searched
STARTED = time.perf_counter()  # --minutes counts from here, before torch is imported


def watch(
    settings: TrainConfig,
    corpus: "Corpus | LargeCorpus",
    folder: Path,
    quiet: bool,
    json: bool,
    notes: tuple[str, ...] = (),
    resume: bool = False,
    effort: "Effort | None" = None,
) -> None:
    """Train, showing the events as they come, and say what to type next."""
    quiet = quiet or rank() > 0  # under torchrun the first process speaks for all
    json = json and rank() == 0
    end = _events(settings, corpus, folder, quiet, json, notes, resume, effort)
    if end.step and not (quiet or json):
        _say_what_next(end, settings, bool(corpus.validation))
    if end.step and rank() == 0 and not json:
        _print_folder(end.folder)
    if end.interrupted:
        raise typer.Exit(128 + signal.SIGINT)


def _print_folder(folder: Path) -> None:
    """Print where the run is: the result, exactly as it is in a pipe."""
    if sys.stdout.isatty():
        print(safe(str(folder)))
        return
    stdio.raw_stdout()
    print(folder, flush=True)


def _events(
    settings: TrainConfig,
    corpus: "Corpus | LargeCorpus",
    folder: Path,
    quiet: bool,
    json: bool,
    notes: tuple[str, ...],
    resume: bool,
    effort: "Effort | None",
) -> "Finished":
    """Train, showing the events as they come; return the last one."""
    from charrnn.show import training as show
    from charrnn.show.console import talk
    from charrnn.show.live import LiveView
    from charrnn.training.events import Finished

    console = talk()
    view = show.View()
    if json:
        view = show.JsonView()
    elif not quiet:
        # FORCE_COLOR makes a pipe a terminal to rich, but nothing can be redrawn in one.
        live = sys.stderr.isatty() and not console.is_dumb_terminal
        view = LiveView(console) if live else show.LineView(console)
        if live:
            console.print("starting …", end="\r")
    from charrnn.training.trainer import train as learn

    command = shlex.join(["charrnn", *sys.argv[1:]])
    lost: OSError | None = None
    with _one_more_step_on_signals() as stop, view:
        for event in learn(
            settings,
            corpus,
            folder,
            command=command,
            notes=notes,
            began=STARTED,
            stop=stop.is_set,
            resume=resume,
            effort=effort,
        ):
            try:
                view.update(event)
            except OSError as error:  # nobody reads, or a full disk
                stdio.lead_nowhere(1 if json else 2)
                view = show.View()
                lost = None if isinstance(error, BrokenPipeError) else error
                if json:  # events are data: save and end
                    stop.set()
    assert isinstance(event, Finished)
    if lost and json:
        where = shlex.quote(str(folder))
        raise FileError(
            f"stdout: {lost.strerror or lost}",
            f"no step is lost: charrnn train --resume {where} goes on",
        ) from lost
    return event


@contextmanager
def _one_more_step_on_signals() -> Iterator[threading.Event]:
    """Let the first Ctrl-C or SIGTERM only be remembered; a second one interrupts at once."""
    asked = threading.Event()

    def remember(number: int, frame: FrameType | None) -> None:
        asked.set()
        for each in before:
            signal.signal(each, signal.default_int_handler)

    before = {each: signal.signal(each, remember) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _say_what_next(end: "Finished", settings: TrainConfig, named: bool) -> None:
    """Print which neurons encode a concept, and the commands to type next.

    named: whether a text to validate on was named.
    """
    from charrnn import runs
    from charrnn.cli.found import say_what_was_found
    from charrnn.show.console import talk
    from charrnn.show.training import show_commands

    newest = runs.newest()
    task = TASKS[settings.task]
    taken = newest is not None and newest.parent.resolve() == end.folder.resolve()
    folder = "" if taken and task.writes else f" {shlex.quote(str(end.folder))}"
    option = f" -m{folder}" if folder else ""
    commands = [one.format(run=folder, model=option) for one in task.next]
    inspectable = task.units and settings.heldout and (settings.validation or named)
    if inspectable and not end.interrupted and time.perf_counter() - STARTED >= LONG:
        say_what_was_found(end.folder, option)
    elif inspectable:
        commands.append(f"charrnn inspect find{option}")
    else:
        commands.append(f"charrnn inspect checkpoint{folder}")
    if end.interrupted and "-" not in settings.corpus:
        commands.insert(0, f"charrnn train --resume {shlex.quote(str(end.folder))}")
    show_commands(talk(), commands)
