"""`charrnn train`: learn a text."""

import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from charrnn import config as configuration
from charrnn.cli.options import with_settings

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
        bool, typer.Option("--print-config", help="Print the resolved settings and stop.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the run.",
            metavar="FOLDER",
            show_default="checkpoints/CORPUS-BACKBONE",
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write into a folder that holds something.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing but errors.")] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print one event a line on stdout, and no progress.")
    ] = False,
    **settings: Any,
) -> None:
    """Train a network on a text, keeping the best and the last model in a run folder.

    Settings come from the defaults, a preset, a YAML file, the environment (CHARRNN_HIDDEN=256)
    and the flags, later ones winning. Ctrl-C stops after the step and saves.
    """
    flags = settings | {"corpus": tuple(corpus) if corpus else None, "preset": preset}
    resolved = configuration.resolve(flags, config)
    if print_config:
        print(configuration.to_yaml(resolved), end="")
        return
    from charrnn import runs
    from charrnn.text import corpus as corpora

    text = corpora.read(
        resolved.corpus,
        encoding=resolved.encoding,
        as_bytes=resolved.bytes,
        newlines=resolved.newlines,
    )
    folder = runs.claim(out, f"{text.name}-{resolved.backbone}", force)
    try:
        end = _watch(resolved, text, folder, quiet, json)
    finally:
        if not any(folder.iterdir()):
            folder.rmdir()
    if not (quiet or json):
        _say_what_next(end, last_neuron=resolved.layers * resolved.hidden - 1)
    if end.interrupted:
        raise typer.Exit(128 + signal.SIGINT)


def _watch(
    settings: configuration.TrainConfig, corpus: "Corpus", folder: Path, quiet: bool, json: bool
) -> "Finished":
    """Train, showing the events as they come; return the last one."""
    from charrnn.show import training as show
    from charrnn.show.console import talk
    from charrnn.training.events import Finished

    console = talk()
    view = show.View() if quiet else show.JsonView() if json else show.LineView(console)
    if console.is_terminal and not (quiet or json):
        view = show.LiveView(console)
        console.print("starting torch …", end="\r")
    from charrnn.training.trainer import train as learn

    command = shlex.join(["charrnn", *sys.argv[1:]])
    with _one_more_step_on_interrupt() as asked, view:
        for event in learn(settings, corpus, folder, command=command, stop=asked):
            view.update(event)
    assert isinstance(event, Finished)
    return event


@contextmanager
def _one_more_step_on_interrupt() -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl-C only be remembered; a second one interrupts at once."""
    asked = False

    def remember(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, remember)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)


def _say_what_next(end: "Finished", last_neuron: int) -> None:
    from charrnn import runs
    from charrnn.show.console import talk
    from charrnn.show.training import show_commands

    newest = runs.newest()
    named = newest is not None and newest.parent.resolve() == end.folder.resolve()
    folder = shlex.quote(str(end.folder))
    commands = [
        "charrnn sample --temp 0.8" + ("" if named else f" {folder}"),
        f"charrnn inspect neuron {min(42, last_neuron)}"
        + ("" if named else f" --checkpoint {folder}"),
    ]
    if end.interrupted:
        commands.insert(0, f"charrnn train --config {folder}/{runs.CONFIG}")
    show_commands(talk(), commands)
