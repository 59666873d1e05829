"""`charrnn inspect find`: the neurons for a concept, with the evidence."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from charrnn.cli import completion
from charrnn.cli.help import helped
from charrnn.cli.options import view_of_units
from charrnn.cli.reading import Given
from charrnn.errors import UsageError

if TYPE_CHECKING:
    from charrnn.neurons.evidence import Finding
    from charrnn.neurons.findings import Search
    from charrnn.reading import Opened, Text

USUAL = (  # options that --help shows
    *("model", "text", "label", "prompt", "every", "pattern", "labels", "signals", "top"),
    *("ablation", "labelled", "output", "json", "force", "quiet"),
)


@helped(
    "charrnn inspect find                      every concept, a line each",
    "charrnn inspect find brackets -m demo     one concept, with all the evidence",
    "charrnn inspect find --regex 'https?://\\S+' -t notes.txt",
    "charrnn inspect find label --data reviews.tsv",
    usual=USUAL,
)
@view_of_units
def find(
    given: Given,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="brackets, parens, square, curly, quotes, line-position, line-end, indent, "
            "comment, url; word-start, word-end, capital, digit, space, vowel, punctuation",
            metavar="CONCEPT",
            show_default="all",
            autocompletion=completion.concepts,
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every concept, with all the evidence.")
    ] = False,
    pattern: Annotated[
        list[str] | None,
        typer.Option(
            "--regex",
            help="Your own: inside a match, from its second character on; may be repeated.",
            metavar="TEXT",
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(help="Your own: a file with one number per character.", metavar="FILE"),
    ] = None,
    signals: Annotated[
        str, typer.Option(help="Signals to search: state (h and c), gates or all.")
    ] = "state",
    top: Annotated[int, typer.Option(help="Neurons to show for each concept.", min=1)] = 3,
    ablation: Annotated[
        bool | None,
        typer.Option(
            "--ablation/--no-ablation",
            help="Hold each neuron at its mean, to see whether it is used.",
            show_default="where concepts are named",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of shifts, draws and untrained networks.")] = 0,
    labelled: Annotated[
        list[str] | None,
        typer.Option(
            "--data",
            help="Labelled texts, for the concept label: a table or a folder; may be repeated.",
            metavar="FILE",
        ),
    ] = None,
    columns: Annotated[
        str,
        typer.Option(
            help="Of --data: the columns of text and label, by number or name.",
            metavar="TEXT",
            show_default="1,2",
        ),
    ] = "",
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Count bad rows of --data, and pass over them.")
    ] = False,
    form: Annotated[str, typer.Option("--read", help="Form of --data.", metavar="TEXT")] = "auto",
) -> None:
    """Find the neurons that stand for a concept, and say how good the evidence is.

    Half A of the text chooses the neurons and half B tests them, and the other way round: AUROC
    (Spearman's r for a concept of degree) with its 95% interval, compared with shifted labels, with
    the last characters and with untrained networks; and the loss with the unit held at its mean.

    A second -t FILE shows whether the neurons that were found hold there, too.

    The concept label, with --data FILE of labelled texts, is searched in the state at each text's
    end: is there a unit that tells a label, as the sentiment neuron of Radford et al. (2017)?
    """
    from charrnn.neurons.findings import Search
    from charrnn.show import concepts, findings
    from charrnn.show.commands import Command

    if labelled or "label" in (names or []):
        if names != ["label"] or not labelled or every or pattern or labels:
            raise UsageError("the concept label is searched alone: find label --data FILE")
        _label(given, labelled, columns, skip_bad, form, seed)
        return
    given, opened, texts = _read(given)
    search = Search.of(
        opened,
        texts,
        names or [],
        every=every,
        patterns=pattern or [],
        labels=labels,
        signals=signals,
        top=top,
        ablation=ablation,
        seed=seed,
    )
    found = search.finished(_searched(search))
    command = Command(found.signal, given.options)
    report = concepts.report if found.whole else findings.report
    given.deliver(report(found, command), opened)


def _label(
    given: Given, files: list[str], columns: str, skip_bad: bool, form: str, seed: int
) -> None:
    """Deliver the view of the units that tell the label of texts."""
    from charrnn.neurons.label_units import label_units
    from charrnn.show import label_units as show
    from charrnn.show.commands import Command
    from charrnn.show.console import note, talk
    from charrnn.text import labelled

    if given.text or given.prompt is not None:
        raise UsageError("find label reads the texts of --data, and no other")
    opened = given.opened()
    rows = labelled.read(
        files, columns=columns, encoding=given.encoding, skip_bad=skip_bad, form=form
    )
    for line in rows.notes:
        note(line)
    with talk().status(f"reading {rows.characters:,} characters with six networks"):
        found = label_units(opened, rows, unknown=given.unknown, seed=seed)
    given.deliver(show.report(found, Command(found.signal, given.options)), opened)


def _read(given: Given) -> tuple[Given, "Opened", list["Text"]]:
    """Return the model and the texts: one, and a second one beside it if it was given."""
    import dataclasses

    files = given.text or []
    if len(files) > 2:
        raise UsageError(f"-t was given {len(files)} times; one text, or a second beside it")
    if len(files) < 2:
        asked, opened, text = given.units()
        return asked, opened, [text]
    opened = given.opened()
    if opened.checkpoint.targets:
        raise UsageError("with a model that writes a text for a text, one text is searched")
    first = dataclasses.replace(given, text=files[:1])
    second = dataclasses.replace(given, text=files[1:], prompt=None)
    return given, opened, [one.read(opened.checkpoint) for one in (first, second)]


def _searched(search: "Search") -> list["Finding"]:
    """Return what is found for each concept, and say meanwhile how far the search is."""
    from charrnn.show.console import talk

    found: list[Finding] = []
    with talk().status(f"reading {len(search.text.ids):,} characters") as status:
        for one in search.findings():
            found.append(one)
            status.update(f"{len(found)} of {len(search.concepts)}: {one.concept.name}")
    return found
