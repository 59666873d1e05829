"""`charrnn train`: learn a text."""

import dataclasses
import json
import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from charrnn import config as configuration
from charrnn.cli import completion
from charrnn.cli.help import helped
from charrnn.cli.options import QuietOption, with_settings
from charrnn.cli.watch import watch
from charrnn.errors import UsageError
from charrnn.sampling.settings import SampleConfig
from charrnn.settings import TrainConfig
from charrnn.show import stdio
from charrnn.show.glyphs import running
from charrnn.torchrun import rank

if TYPE_CHECKING:
    from charrnn.text.corpus import Corpus
    from charrnn.text.mapped import LargeCorpus


PRESETS = ("race", "tiny", "small", "medium", "quality", "large")  # by what they spend
USUAL = (
    "preset",
    "minutes",
    "backbone",
    "layers",
    "hidden",
    "steps",
    "learning_rate",
    "dropout",
    "records",
    "seed",
    "config",
    "out",
    "resume",
    "init_from",
    "quiet",
)


@helped(
    "charrnn train book.txt --minutes 10",
    "charrnn train poems/ notes.txt.gz --preset medium --backbone gru",
    "charrnn train --resume                      go on with a stopped run",
    usual=USUAL,
)
@with_settings(TrainConfig, leave_out="corpus")
def train(
    corpus: Annotated[
        list[str] | None,
        typer.Argument(
            help="Text files (.gz, .bz2, .xz too), folders, '-' for standard input, or names: "
            f"{', '.join(completion.CORPORA)}.",
            show_default="python",
            metavar="CORPUS",
            autocompletion=completion.corpora,
        ),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            help=f"How much to spend: {', '.join(PRESETS)}; list explains them.",
            show_default="small",
            metavar="TEXT",
            autocompletion=completion.presets,
        ),
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
            "-o",
            "--out",
            "--output",
            help="Folder of the run.",
            metavar="FOLDER",
            show_default="checkpoints/CORPUS-BACKBONE",
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on with a stopped run: the most recent, or the run folder given instead of a "
            "corpus.",
        ),
    ] = False,
    moved: Annotated[
        list[str] | None,
        typer.Option(
            "--corpus",
            help="With --resume: the corpus, if it has moved; may be repeated.",
            metavar="FILE",
            show_default="that of the run",
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("-f", "--force", help="Allow writing into a non-empty folder.")
    ] = False,
    quiet: QuietOption = False,
    json: Annotated[
        bool,
        typer.Option("--json", help="Print one event per line on stdout, and no progress."),
    ] = False,
    **settings: Any,
) -> None:
    """Train a network on a text; its best and last models stay in a run folder.

    A preset, or --minutes, says how much to spend. The network and how it learns are chosen to suit
    that and the text; what a YAML file, the environment (CHARRNN_HIDDEN=256) or a flag says stands,
    later ones winning. Ctrl-C stops after the step and saves. The run folder is printed on stdout.
    """
    flags = settings | {"preset": preset}
    if resume:
        validate_on = flags.pop("validate_on")
        given = [name for name, value in flags.items() if value is not None]
        _refuse_with_resume([*given, *["config"] * bool(config), *["out"] * bool(out)], corpus)
        _resume(Path(corpus[0]) if corpus else None, moved or [], validate_on or "", quiet, json)
        return
    if moved:
        raise UsageError("--corpus is for --resume", "name the text itself: charrnn train FILE")
    if preset == "list":
        _list_presets(json)
        return
    flags["corpus"] = tuple(corpus) if corpus else None
    if out == Path():
        raise UsageError("--out is empty; name a folder")
    from charrnn.settled import settle

    resolved, text = settle(flags, config, _environment())
    effort = configuration.effort(flags, config, _environment())
    if print_config:
        _print_config(resolved, text, effort, json)
        return
    from charrnn import runs

    over = f"{config}, over " if config else ""
    note = f"{over}preset {effort.preset}: {configuration.describe_preset(effort.preset)}"
    name = f"{text.name}-{resolved.backbone}"
    with runs.claimed(out, name, force) if rank() == 0 else nullcontext(Path()) as folder:
        notes = () if resolved.minutes and effort.compute else (note,)
        watch(resolved, text, folder, quiet, json, notes, effort=effort)


def _environment() -> dict[str, str]:
    """Return the environment without the settings that are of `sample` alone."""
    here, there = (
        {item.name for item in dataclasses.fields(one)} for one in (TrainConfig, SampleConfig)
    )
    others = {configuration.ENVIRONMENT_PREFIX + name.upper() for name in there - here}
    return {name: value for name, value in os.environ.items() if name not in others}


def _print_config(
    resolved: TrainConfig,
    text: "Corpus | LargeCorpus",
    effort: configuration.Effort,
    as_json: bool,
) -> None:
    """Print the settings as YAML, with the reasons of those that were chosen to suit the text.

    as_json: print an object of settings and reasons instead.
    """
    from charrnn import tasks
    from charrnn.hyperparameters import USUAL_SPEED

    task = tasks.of(resolved.task)
    shortened, _ = task.shortened(resolved, text)
    settings, choices = task.fitted(shortened, text, effort, USUAL_SPEED)
    reasons = {name: choice.reason for choice in choices for name in choice.values}
    stdio.raw_stdout()
    if as_json:
        about = {"settings": dataclasses.asdict(settings), "reasons": reasons}
        print(json.dumps({"version": 1} | about))
        return
    written = configuration.with_reasons(configuration.to_yaml(settings), reasons)
    print("".join(map(running, written)) if sys.stdout.isatty() else written, end="")


def _list_presets(as_json: bool) -> None:
    """Print each preset's name and what it is for."""
    stdio.end_with_the_reader()
    names = [*PRESETS, *sorted(set(configuration.presets()).difference(PRESETS))]
    described = {name: configuration.describe_preset(name) for name in names}
    if as_json:
        print(json.dumps({"version": 1, "presets": described}))
        return
    for name, what in described.items():
        print(f"{name:<9} {what}")


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


def _resume(
    given: Path | None, moved: list[str], validate_on: str, quiet: bool, json: bool
) -> None:
    """Go on with the run in a folder, or with the newest one that was stopped.

    moved, validate_on: where its corpus, and that on which it validates, are now, if not where they
    were; their hashes are compared.
    """
    from charrnn import runs
    from charrnn.settled import resumed

    folder, settings, text = resumed(given, moved, validate_on)
    with runs.locked(folder) if rank() == 0 else nullcontext():
        watch(settings, text, folder, quiet, json, resume=True)
