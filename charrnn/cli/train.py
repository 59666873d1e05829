"""`charrnn train`: learn a text."""

import dataclasses
import shlex
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from charrnn import config as configuration
from charrnn.cli.options import with_settings
from charrnn.config import TrainConfig
from charrnn.errors import UsageError
from charrnn.show import streams

if TYPE_CHECKING:
    from charrnn.text.corpus import Corpus
    from charrnn.training.events import Finished


@with_settings
def train(
    corpus: Annotated[
        list[str] | None,
        typer.Argument(
            help="Text files (.gz, .bz2, .xz too), folders, '-' for stdin, or names: python, "
            "nested, shakespeare, names, enwik8, text8.",
            show_default="python",
        ),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(help=f"Start from a preset: {', '.join(configuration.presets())}."),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="Read settings from a YAML file.", metavar="FILE")
    ] = None,
    print_config: Annotated[
        bool,
        typer.Option("--print-config", metavar="", help="Print the resolved settings and stop."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the run.",
            metavar="FOLDER",
            show_default="checkpoints/CORPUS-BACKBONE",
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            metavar="",
            help="Go on with a stopped run: the newest, or the run folder given instead of a "
            "corpus.",
        ),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", metavar="", help="Write into a folder that holds something.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", metavar="", help="Say nothing but errors.")
    ] = False,
    json: Annotated[
        bool,
        typer.Option(
            "--json", metavar="", help="Print one event a line on stdout, and no progress."
        ),
    ] = False,
    **settings: Any,
) -> None:
    """Train a network on a text, keeping the best and the last model in a run folder.

    Settings come from the defaults, a preset, a YAML file, the environment (CHARRNN_HIDDEN=256)
    and the flags, later ones winning. Ctrl-C stops after the step and saves.
    """
    flags = settings | {"preset": preset}
    if resume:
        given = [name for name, value in flags.items() if value is not None]
        _refuse_with_resume([*given, *["config"] * bool(config), *["out"] * bool(out)], corpus)
        _resume(Path(corpus[0]) if corpus else None, quiet, json)
        return
    resolved = configuration.resolve(flags | {"corpus": tuple(corpus) if corpus else None}, config)
    if out == Path():
        raise UsageError("--out is empty; name a folder")
    from charrnn.text import corpus as corpora

    repeatable = dataclasses.replace(resolved, corpus=corpora.absolute(resolved.corpus))
    if print_config:
        streams.raw_stdout()
        print(configuration.to_yaml(repeatable), end="")
        return
    from charrnn import runs

    text = _read(resolved)
    with runs.claimed(out, f"{text.name}-{resolved.backbone}", force) as folder:
        _watch(repeatable, text, folder, quiet, json)


def _refuse_with_resume(given: list[str], corpus: list[str] | None) -> None:
    """Raise UsageError for what a resumed run already has."""
    if given:
        flag = "--" + given[0].replace("_", "-")
        raise UsageError(
            f"--resume goes on with the settings of the run; {flag} cannot be given with it",
            f"without --resume, {flag} starts a new run",
        )
    if corpus and len(corpus) > 1:
        raise UsageError("--resume takes one run folder")


def _resume(given: Path | None, quiet: bool, json: bool) -> None:
    """Go on with the run in a folder, or with the newest one that was stopped."""
    from charrnn import runs

    folder = runs.resumable(given)
    settings = configuration.resolve({}, folder / runs.CONFIG, {})
    if "-" in settings.corpus:
        raise UsageError(
            f"{folder} learned a text from stdin, which cannot be read again",
            "train from a file, and the run can be resumed",
        )
    _watch(settings, _read(settings), folder, quiet, json, resume=True)


def _read(settings: TrainConfig) -> "Corpus":
    from charrnn.text import corpus as corpora

    return corpora.read(
        settings.corpus,
        encoding=settings.encoding,
        as_bytes=settings.bytes,
        newlines=settings.newlines,
    )


def _watch(
    settings: TrainConfig,
    corpus: "Corpus",
    folder: Path,
    quiet: bool,
    json: bool,
    resume: bool = False,
) -> None:
    """Train, showing the events as they come, and say what to type next."""
    end = _events(settings, corpus, folder, quiet, json, resume)
    if not (quiet or json):
        _say_what_next(end, settings)
    if end.interrupted:
        raise typer.Exit(128 + signal.SIGINT)


def _events(
    settings: TrainConfig,
    corpus: "Corpus",
    folder: Path,
    quiet: bool,
    json: bool,
    resume: bool,
) -> "Finished":
    """Train, showing the events as they come; return the last one."""
    from charrnn.show import training as show
    from charrnn.show.console import talk
    from charrnn.training.events import Finished

    console = talk()
    view = show.View()
    if json:
        view = show.JsonView()
    elif not quiet:
        # FORCE_COLOR makes a pipe a terminal to rich, but nothing can be redrawn in one.
        live = sys.stderr.isatty() and not console.is_dumb_terminal
        view = show.LiveView(console) if live else show.LineView(console)
        if live:
            console.print("starting …", end="\r")
    from charrnn.training.trainer import train as learn

    command = shlex.join(["charrnn", *sys.argv[1:]])
    with _one_more_step_on_signals() as stop, view:
        for event in learn(
            settings, corpus, folder, command=command, stop=stop.is_set, resume=resume
        ):
            try:
                view.update(event)
            except BrokenPipeError:
                streams.lead_nowhere(1 if json else 2)
                view = show.View()
                if json:  # nobody reads the events, which are data: save and end
                    stop.set()
    assert isinstance(event, Finished)
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


def _say_what_next(end: "Finished", settings: TrainConfig) -> None:
    """Print the commands to type next; none where nothing was saved."""
    from charrnn import runs
    from charrnn.show.console import talk
    from charrnn.show.training import show_commands

    if not end.step:
        return
    newest = runs.newest()
    named = newest is not None and newest.parent.resolve() == end.folder.resolve()
    folder = "" if named else shlex.quote(str(end.folder))
    commands = [f"charrnn sample --temp 0.8 {folder}"]
    if settings.heldout and settings.validation:
        neuron = min(42, settings.layers * settings.hidden - 1)
        commands += [f"charrnn inspect neuron {neuron}" + f" --checkpoint {folder}" * (not named)]
    else:
        commands += [f"charrnn inspect checkpoint {folder}"]
    if end.interrupted and "-" not in settings.corpus:
        commands.insert(0, f"charrnn train --resume {shlex.quote(str(end.folder))}")
    show_commands(talk(), [command.rstrip() for command in commands])
