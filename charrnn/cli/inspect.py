"""`charrnn inspect`: see what a network and its neurons do."""

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from charrnn.cli import completion, views
from charrnn.cli.compare import compare
from charrnn.cli.explain import explain
from charrnn.cli.find import find
from charrnn.cli.help import SETTINGS, Command, Group, helped
from charrnn.cli.neuron import neuron
from charrnn.cli.options import JsonOption, ModelArgument, ModelOption, view_of_run
from charrnn.cli.page import page
from charrnn.cli.reading import Given
from charrnn.errors import UsageError

if TYPE_CHECKING:
    from charrnn.neurons.known import Known
    from charrnn.reading import Opened
    from charrnn.show.commands import Command as Drawing

inspect = typer.Typer(cls=Group, context_settings=SETTINGS, add_completion=False)


@inspect.callback(invoke_without_command=True)
@helped(
    "charrnn inspect             the model, and what is known of its neurons",
    "charrnn inspect find",
    "charrnn inspect neuron 42 -m demo",
)
def summary(context: typer.Context, model: ModelOption = None, json: JsonOption = False) -> None:
    """See what a network and its neurons do.

    Neurons count from 0 through all layers, or from 0 in a layer as LAYER:UNIT; layers count from
    1. Where a layer reads both ways, backward:LAYER:UNIT is a unit that reads backwards. In a
    model that writes a text for a text encoder: or decoder: stands before. A concept's name stands
    for its best-known neuron.
    """
    if context.invoked_subcommand:
        for given, option in ((model, "-m MODEL"), (json, "--json")):
            if given:
                view = f"charrnn inspect {context.invoked_subcommand}"
                raise UsageError(f"{option} stands before the view", f"{view} … {option}")
        return
    from charrnn import runs
    from charrnn.reading import opened
    from charrnn.show import overview

    asked = Given(model, json=json)
    asked.prepare()
    found = opened(model)._replace(default=False)  # the view itself says which one it is
    views = getattr(context.command, "commands", {})
    others = {
        name: opened(Path(name))
        for name in runs.SHIPPED
        if runs.demo(name) != found.path and runs.demo(name).exists()
    }
    shipped = {name: _known(one, f" -m {name}") for name, one in others.items()}
    mine = _known(found, f" -m {quote(str(model))}" if model else "")
    asked.deliver(
        overview.report((found.name, found.checkpoint), *mine, shipped, views),
        found,
    )


def _known(opened: "Opened", options: str) -> tuple[list["Known"], "Drawing"]:
    """Return what is known of a model's neurons, best first, and what draws them."""
    from charrnn.neurons import known
    from charrnn.show.commands import Command

    ranked = known.ranked(opened.path, opened.checkpoint)
    return ranked, Command(opened.checkpoint.architecture.cell.DEFAULT_SIGNAL, options)


for each in (
    find,
    neuron,
    explain,
    views.ablate,
    views.gates,
    views.text,
    views.attention,
    views.errors,
    views.score,
    compare,
    page,
):
    inspect.command(cls=Command, context_settings=SETTINGS)(each)


@inspect.command("checkpoint", cls=Command, context_settings=SETTINGS)
@helped(
    "charrnn inspect checkpoint demo", "charrnn inspect checkpoint checkpoints/book-lstm --json"
)
@view_of_run
def show_checkpoint(given: Given, model: ModelArgument = None) -> None:
    """Show what is in a checkpoint: architecture, tensors, alphabet, losses, provenance."""
    from charrnn.show import model as show

    opened = given.opened(model)
    given.deliver(show.report(opened.path, opened.checkpoint), opened)


@inspect.command(cls=Command, context_settings=SETTINGS)
@helped("charrnn inspect run", "charrnn inspect run checkpoints/book-lstm checkpoints/book-gru")
@view_of_run
def run(
    given: Given,
    folders: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Folders of runs.",
            metavar="RUN",
            show_default="the most recent",
            autocompletion=completion.runs,
        ),
    ] = None,
    over: Annotated[
        Literal["steps", "minutes"], typer.Option(help="Horizontal axis: steps or minutes.")
    ] = "steps",
    svg: Annotated[
        Path | None, typer.Option(help="Write a picture, too.", metavar="FILE", hidden=True)
    ] = None,
) -> None:
    """Draw the loss of one run, in training and validation, or compare the losses of several."""
    from charrnn import curves, runs
    from charrnn.files import expect_free
    from charrnn.show import curves as show
    from charrnn.show.console import note, talk
    from charrnn.show.glyphs import safe
    from charrnn.show.report import write

    if svg:
        expect_free(svg, given.force)
    if not folders:
        folders = [runs.latest()]
        note(f"run: {folders[0]}, the most recent")
    courses = [curves.read(folder) for folder in folders]
    for course in courses:
        if course.damaged:
            talk().print(f"{safe(course.name)}: {course.damaged:,} damaged lines were skipped")
    empty = [course.name for course in courses if not course.training.nats]
    if empty:
        raise UsageError(f"{empty[0]} has not reported a loss yet; wait for its first ten steps")
    report = show.report(courses, over == "minutes")
    given.deliver(report)
    if svg:
        write(report, svg, given.force)


@inspect.command("runs", cls=Command, context_settings=SETTINGS)
@helped("charrnn inspect runs", "charrnn inspect runs --json")
@view_of_run
def list_runs(
    given: Given,
    folder: Annotated[
        Path, typer.Argument(help="Where the runs are.", metavar="FOLDER", show_default=True)
    ] = Path("checkpoints"),
) -> None:
    """List runs: name, cell and size, corpus, loss, steps, when, and which one is the default."""
    from charrnn import listing
    from charrnn.show import listing as show

    given.deliver(show.report(listing.list_runs(folder), str(folder)))
