"""`charrnn inspect`: see what a network and its neurons do."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from charrnn.cli import views
from charrnn.cli.compare import compare
from charrnn.cli.explain import explain
from charrnn.cli.find import find
from charrnn.cli.neuron import neuron
from charrnn.cli.options import ForceOption
from charrnn.cli.page import page
from charrnn.cli.reading import text_of
from charrnn.errors import UsageError
from charrnn.show.streams import end_with_the_reader

inspect = typer.Typer(
    help="See what a network and its neurons do.", no_args_is_help=True, add_completion=False
)

for view in (
    neuron,
    find,
    explain,
    views.gates,
    views.ablate,
    views.text,
    views.errors,
    compare,
    page,
):
    inspect.command()(view)

DEFAULT_CHECKPOINT = "the newest run under checkpoints/, else the demonstration model"


@inspect.command()
def score(
    file: Annotated[
        Path | None,
        typer.Argument(help="A text file.", show_default="the validation text in the checkpoint"),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            help="A checkpoint or a run folder.", metavar="PATH", show_default=DEFAULT_CHECKPOINT
        ),
    ] = None,
    cold: Annotated[
        int,
        typer.Option(
            help="Read windows of so many characters, each from a zero state; 0 carries the "
            "state through the whole text.",
            metavar="W",
            min=0,
        ),
    ] = 0,
    encoding: Annotated[str, typer.Option(help="How the file is decoded.")] = "utf-8",
    unknown: Annotated[
        Literal["error", "skip", "nearest"],
        typer.Option(help="Characters of the text that the model has never seen."),
    ] = "error",
    json: Annotated[
        bool,
        typer.Option("--json", metavar="", help="Print JSON, with what each character cost."),
    ] = False,
) -> None:
    """Say what a text costs the model, in nats and bits a character."""
    from charrnn import checkpoint as checkpoints
    from charrnn import runs
    from charrnn.show import score as show
    from charrnn.show.console import data
    from charrnn.show.streams import raw_stdout

    end_with_the_reader()
    path = runs.find(checkpoint)
    loaded = checkpoints.load(path)
    ids, name = text_of(loaded, file, encoding, None, unknown)
    if len(ids) < 2:
        raise UsageError(f"{name} is too short: the first character is not predicted")
    network = loaded.network()
    costs = network.cold_losses(ids, cold) if cold else network.losses(ids)
    how = f"cold, in windows of {cold:,}" if cold else "state carried"
    if json:
        raw_stdout()
        predicted = loaded.vocabulary.characters_of(ids[1 : 1 + len(costs)])
        show.print_json(costs, predicted, how, runs.describe(path), name)
    else:
        show.show_score(data(), costs, how, runs.describe(path), name)


@inspect.command("checkpoint")
def show_checkpoint(
    checkpoint: Annotated[
        Path | None,
        typer.Argument(help="A checkpoint or a run folder.", show_default=DEFAULT_CHECKPOINT),
    ] = None,
) -> None:
    """Show what is in a checkpoint: architecture, tensors, alphabet, losses, provenance."""
    from charrnn import checkpoint as checkpoints
    from charrnn import runs
    from charrnn.show import model
    from charrnn.show.console import data

    end_with_the_reader()
    path = runs.find(checkpoint)
    model.show_checkpoint(data(), path, checkpoints.load(path))


@inspect.command()
def run(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Folders of runs.", metavar="[RUN]...", show_default="the one written to last"
        ),
    ] = None,
    over: Annotated[
        Literal["steps", "minutes"], typer.Option(help="What the curves are drawn over.")
    ] = "steps",
    svg: Annotated[Path | None, typer.Option(help="Write a picture, too.", metavar="FILE")] = None,
    force: ForceOption = False,
    json: Annotated[
        bool, typer.Option("--json", metavar="", help="Print the points, one run a line.")
    ] = False,
) -> None:
    """Draw the loss of one run, in training and validation, or compare the losses of several."""
    from charrnn import curves, runs
    from charrnn.files import expect_free
    from charrnn.show import curves as show
    from charrnn.show.console import data, talk
    from charrnn.show.glyphs import safe
    from charrnn.show.streams import is_unicode

    end_with_the_reader()
    if svg:
        expect_free(svg, force)
    courses = [curves.read(folder) for folder in folders or [runs.latest()]]
    for course in courses:
        if course.damaged:
            talk().print(f"{safe(course.name)}: {course.damaged:,} damaged lines are passed over")
    empty = [course.name for course in courses if not course.training.nats]
    if empty:
        raise UsageError(f"{empty[0]} has not reported a loss yet; wait for its first ten steps")
    if json:
        show.print_json(courses)
    else:
        console = data()
        minutes = over == "minutes"
        show.show_courses(console, courses, minutes, is_unicode(console.encoding))
    if svg:
        show.save_svg(svg, courses, over == "minutes", force)
