"""Views of `charrnn inspect` on a whole network or text: gates, ablate, text, errors, score."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from charrnn.cli import completion, labels, special_views, units
from charrnn.cli.help import helped
from charrnn.cli.options import (
    ConceptOption,
    FileArgument,
    OffsetOption,
    view,
    view_of_models,
    view_of_units,
)
from charrnn.cli.reading import Given
from charrnn.errors import UsageError
from charrnn.settings.tasks import TASKS

if TYPE_CHECKING:
    from charrnn.reading import Opened
    from charrnn.show.report import Report


@helped("charrnn inspect gates", "charrnn inspect gates -m demo -o gates.svg")
@view_of_units
def gates(given: Given) -> None:
    """Show how often gates are saturated, and how long units remember."""
    from charrnn.neurons.gates import gates as read
    from charrnn.show import gates as show

    given, opened, text = given.units(drawn=False)
    found = read(opened.checkpoint.network(), text.ids, opened.name, text.described)
    given.deliver(show.report(found, found.model, found.text), opened)


@helped(
    "charrnn inspect ablate                     the best-known neuron",
    "charrnn inspect ablate 42 1:7 -m demo --concept brackets",
    "charrnn inspect ablate brackets quotes --json",
)
@view_of_units
def ablate(
    given: Given,
    addresses: Annotated[
        list[str] | None,
        typer.Argument(
            help=f"{units.HELP}; several are held one by one, and then together",
            metavar="NEURON",
            show_default=units.CHOSEN,
            autocompletion=completion.concepts,
        ),
    ] = None,
    concept: ConceptOption = "",
) -> None:
    """Hold neurons at their means inside the recurrence, and measure the loss.

    With a model that labels texts: the loss per text, and which labels depend on them.
    With --concept: where it is present, where it is not, and where it is resolved.
    """
    from charrnn.neurons.use import ablations
    from charrnn.show import ablated

    given, opened, text = given.units(addresses or [], drawn=bool(concept))
    neurons = units.chosen(addresses or [], opened, text, given)
    found = ablations(opened, text, neurons, concept)
    given.deliver(ablated.report_of(found), opened)


@helped("charrnn inspect text essay.txt", "charrnn inspect text --prompt 'To be or nit to be'")
@view
def text(
    given: Given,
    file: FileArgument = None,
    offset: OffsetOption = 0,
    length: Annotated[
        int,
        typer.Option(
            "-n", "--length", help="Characters to show.", min=0, show_default="fits the window"
        ),
    ] = 0,
    top: Annotated[
        int,
        typer.Option("--top", "--top-k", help="Print the N likeliest under each character.", min=0),
    ] = 0,
) -> None:
    """Shade a text by the surprise of each character, and list the largest surprises.

    With a model that labels texts: by the probability of the label that each gets, as it reads on;
    with one that tags characters: by that of each tag. With one that reads both sides (--task
    cloze): proof-read it: list the characters that both sides find unlikely.
    """
    from charrnn.neurons.surprise import surprises
    from charrnn.show import surprise
    from charrnn.show.console import data
    from charrnn.show.heatmap import FIXED

    opened = given.opened()
    read = given.read(opened.checkpoint, file)
    if own := special_views.of(opened.checkpoint, "text"):
        given.deliver(own.text(opened, read, offset, length, top, given), opened)
        return
    if not length:
        exported = given.output or given.json
        length = FIXED if exported else surprise.fitting(data(), read.characters[offset:], top)
    found = surprises(opened, read, offset=offset, length=length, top=max(top, 1))
    given.deliver(surprise.report_of(found, bool(top)), opened)


@helped(
    "charrnn inspect attention -m checkpoints/names-gru --prompt Nakamura",
    "cat names.txt | charrnn inspect attention - -m checkpoints/names-gru",
)
@view
def attention(
    given: Given,
    file: FileArgument = None,
    offset: OffsetOption = 0,
    length: Annotated[
        int,
        typer.Option(
            "-n", "--length", help="Characters to show.", min=0, show_default="fits the window"
        ),
    ] = 0,
) -> None:
    """Show how much of what is read counts for each thing that comes of it.

    With a model that labels texts, trained with --pool attention: each character, for the label.
    With one that writes a text for a text: each symbol read, for each that is written.
    """
    from charrnn.attention import lacking

    opened = given.opened()
    attend = getattr(special_views.of(opened.checkpoint), "attention", None)
    if not attend:
        raise lacking()
    read = given.read(opened.checkpoint, file)
    given.deliver(attend(opened, read, offset, length, given), opened)


@helped("charrnn inspect errors", "charrnn inspect errors chapter.txt -m checkpoints/book-lstm")
@view
def errors(
    given: Given,
    file: FileArgument = None,
    corpus: Annotated[
        list[str] | None,
        typer.Option(
            help="The training text, if it has moved; may be repeated.",
            metavar="FILE",
            show_default="that of the run",
        ),
    ] = None,
) -> None:
    """Classify a network's mistakes by which simple model would have avoided them.

    With a model of labels or tags: which it takes for which, and the worst mistakes.

    n-grams of the training text, a memory of recent words, rare words, the choice of a word,
    punctuation, and the rest; after Karpathy, Johnson and Li (2015).
    """
    from charrnn.neurons.mistakes import mistakes
    from charrnn.show import mistakes as show
    from charrnn.show.console import talk

    opened = given.opened()
    read = given.read(opened.checkpoint, file)
    if own := special_views.of(opened.checkpoint, "errors"):
        given.deliver(own.errors(opened, read), opened)
        return
    with talk().status("reading the corpus"):
        found = mistakes(opened, read, corpus or [])
    given.deliver(show.report(found, found.characters, found.model, found.text), opened)


@helped(
    "charrnn inspect score essay.txt",
    "cat essay.txt | charrnn inspect score - --json",
    "charrnn inspect score -m demo --per-character -o demo.csv",
    "charrnn inspect score dev.tsv -m checkpoints/a -m checkpoints/b",
)
@view_of_models
def score(
    given: Given,
    file: FileArgument = None,
    cold: Annotated[
        int,
        typer.Option(
            help="Read windows of N characters, each from a zero state; 0 carries the state "
            "through the whole text.",
            metavar="N",
            min=0,
        ),
    ] = 0,
    per_character: Annotated[
        bool, typer.Option("--per-character", help="The loss of each character, too.")
    ] = False,
    columns: Annotated[
        str,
        typer.Option(
            help="Of a table of labelled texts: the columns of text and label, by number or name.",
            metavar="TEXT",
            show_default="1,2",
        ),
    ] = "",
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Count bad rows of a table, and pass over them.")
    ] = False,
    form: Annotated[
        str,
        typer.Option(
            "--read",
            help="Form of labelled texts.",
            metavar="TEXT",
        ),
    ] = "auto",
) -> None:
    """Score a text: nats and bits per character; or labels and tags: accuracy, F1, confusions.

    With a model that writes texts for labels: nats per character with the label and without it, and
    under which label each text is the likeliest.

    With two models: by how much they differ on the same texts, with its 95% interval.
    """
    import numpy as np

    from charrnn import between
    from charrnn.reading import predictable
    from charrnn.show import score as show

    if len(given.models) > 1:
        alone = ["--cold"] * bool(cold) + ["--per-character"] * per_character
        given.deliver(*_paired(given, file, alone, columns, skip_bad, form))
        return
    opened = given.opened()
    model = opened.checkpoint
    if own := special_views.of(model, "score") or (labels if model.needs_label else None):
        files = [one for one in (file, *(given.text or [])) if one]
        given.deliver(own.score(opened, files, columns, skip_bad, form), opened)
        return
    text = predictable(given.read(model, file))
    network = model.network()
    if cold and model.architecture.apart:
        raise UsageError("--cold is for models that carry a state through the text")
    costs = network.cold_losses(text.ids, cold) if cold else between.losses(network, text.ids)
    how = f"cold, in windows of {cold:,}" if cold else "state carried"
    how = "given both sides" if model.architecture.apart else how
    known = ~np.isnan(costs)
    ids, costs = text.ids[1 : 1 + len(costs)][known], costs[known]
    predicted = model.vocabulary.characters_of(ids)
    scored = predicted if per_character else ""
    a_code = not model.architecture.apart
    given.deliver(show.report(costs, scored, how, opened.name, text.name, a_code), opened)


def _paired(
    given: Given, file: Path | None, alone: Sequence[str], *how: Any
) -> "tuple[Report, Opened, Opened]":
    """Return the view of two models on the same texts, and the models.

    alone: options that were given and are for one model. how: a table is read. Raises UsageError.
    """
    from charrnn.neurons import paired
    from charrnn.show import paired as show
    from charrnn.show.console import note

    if len(given.models) > 2:
        raise UsageError(f"-m was given {len(given.models)} times; one model is scored, or two")
    if alone:
        raise UsageError(f"{alone[0]} is for one model, and two were given")
    first, second = both = [given.opened(one) for one in given.models]
    for one in both:
        declared, model = TASKS[one.checkpoint.task], one.checkpoint
        if not (declared.writes or model.labels or model.targets):
            raise UsageError(
                f"{one.name} {declared.does}: two such models are not compared",
                "charrnn inspect score reads them one by one",
            )
    made = first.checkpoint
    if made.targets or (made.labels and not made.mixture):
        files = [str(one) for one in (file, *(given.text or [])) if one]
        found = paired.of_labels(both, files, *how)
    else:
        found = paired.of_language(both, given.read(first.checkpoint, file), given.unknown)
    for line in found.notes:
        note(line)
    return show.report(found), first, second
