"""`charrnn inspect compare`: two models on one text, or one run's models after another."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from charrnn.cli import completion
from charrnn.cli.help import helped
from charrnn.cli.options import ConceptOption, view
from charrnn.cli.reading import Given
from charrnn.errors import UsageError

if TYPE_CHECKING:
    from charrnn.reading import Opened
    from charrnn.show.report import Report


@helped(
    "charrnn inspect compare checkpoints/book-lstm checkpoints/book-gru",
    "charrnn inspect compare checkpoints/book-lstm --concept quotes",
)
@view
def compare(
    given: Given,
    models: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Two checkpoints or run folders; one run folder with --concept.",
            metavar="MODEL",
            show_default="",
            autocompletion=completion.models,
        ),
    ] = None,
    concept: ConceptOption = "",
) -> None:
    """Compare two models on one text: losses, where each is better, similar neurons.

    Two models that label texts are compared on the same ones: loss per text and accuracy.
    With --concept, follow one concept's neuron through the models that a run has kept
    (train --keep N).
    """
    named = [*(models or []), *([given.model] if given.model else [])]
    if concept and len(named) == 1:
        given.deliver(_through(named[0], concept, given))
    elif concept or len(named) != 2:
        raise UsageError("two models are compared, or one run with --concept")
    else:
        both = [given.opened(one) for one in named]
        given.deliver(_two(both, given), *both)


def _two(both: Sequence["Opened"], given: Given) -> "Report":
    """Return the view of two models on the same characters."""
    from charrnn.neurons.comparison import comparison, pair_text
    from charrnn.show import compared
    from charrnn.show.console import note, talk

    text, other = pair_text(both, given.read(both[0].checkpoint), given.unknown)
    if not given.text and _learned_by_one(both):
        note("the second model may have learned these texts: -t FILE names texts new to both")
    with talk().status(f"reading {len(text.ids):,} characters"):
        found = comparison(both, text, other)
    return compared.of_two(found)


def _learned_by_one(both: Sequence["Opened"]) -> bool:
    """Return whether models that label texts have set other texts aside."""
    first, second = (
        one.checkpoint.vocabulary.characters_of(one.checkpoint.heldout) for one in both
    )
    return bool(both[0].checkpoint.labels) and first != second


def _through(folder: Path, concept: str, given: Given) -> "Report":
    """Return the view of a concept's neuron through the models that a run has kept."""
    from charrnn.neurons.comparison import Kept, follow, followed
    from charrnn.show import compared
    from charrnn.show.console import talk

    found: list[Kept] = []
    with talk().status("searching") as status:
        for one in follow(folder, concept, given.read):
            found.append(one)
            status.update(f"searching after step {one.step:,}")
    return compared.of_run(followed(folder, concept, found))
