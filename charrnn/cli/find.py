"""`charrnn inspect find`: the neurons for a concept, with the evidence."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from charrnn.cli import completion
from charrnn.cli.help import helped
from charrnn.cli.options import view
from charrnn.cli.reading import Given, Opened, Text
from charrnn.errors import UsageError

if TYPE_CHECKING:
    from charrnn.neurons.concepts import Concept, Labels
    from charrnn.neurons.evidence import Finding
    from charrnn.show.findings import Transfer


MOST = 26_000_000  # values of signals that are read for a line per concept
LEAST = 20_000  # characters, however many signals there are


@helped(
    "charrnn inspect find                      every concept, a line each",
    "charrnn inspect find brackets -m demo     one concept, with all the evidence",
    "charrnn inspect find --regex 'https?://\\S+' -t notes.txt",
)
@view
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
) -> None:
    """Find the neurons that stand for a concept, and say how good the evidence is.

    Half A of the text chooses the neurons and half B tests them, and the other way round: AUROC
    (Spearman's r for a concept of degree) with its 95% interval, compared with shifted labels, with
    the last characters and with untrained networks; and the loss with the unit held at its mean.

    A second -t FILE shows whether the neurons that were found hold there, too.
    """
    from charrnn.neurons import known

    opened, texts = _read(given)
    summary = not (names or every or pattern or labels)
    whole = len(texts[0].ids)
    if summary:
        texts[0] = _beginning(texts[0], opened, _searched(opened, signals))
    text = texts[0]
    concepts, made = _concepts(opened, text, names or [], summary or every, pattern or [], labels)
    found = _search(
        opened,
        text,
        concepts,
        signals=_searched(opened, signals),
        labels=made,
        top=top,
        ablating=not summary if ablation is None else ablation and not summary,
        seed=seed,
    )
    if summary and ablation:
        from charrnn.neurons.survey import with_uses

        found = with_uses(opened.checkpoint, text.ids, found, seed)
    known.keep(opened.path, opened.checkpoint, found, text.name)
    _deliver(given, opened, texts, found, whole if summary else 0)


def _read(given: Given) -> tuple[Opened, list[Text]]:
    """Return the model and the texts: one, and a second one beside it if it was given."""
    import dataclasses

    files = given.text or []
    if len(files) > 2:
        raise UsageError(f"-t was given {len(files)} times; one text, or a second beside it")
    opened = given.opened()
    first = dataclasses.replace(given, text=files[:1])
    second = [dataclasses.replace(given, text=files[1:], prompt=None)] * (len(files) > 1)
    return opened, [one.read(opened.checkpoint) for one in (first, *second)]


def _beginning(text: Text, opened: Opened, signals: Sequence[str]) -> Text:
    """Return as much of a text as is searched for every concept in some seconds."""
    values = len(signals) * opened.checkpoint.architecture.neurons
    most = max(LEAST, MOST // values)
    return Text(text.ids[:most], text.characters[:most], text.name)


def _searched(opened: Opened, signals: str) -> Sequence[str]:
    cell = opened.checkpoint.architecture.cell
    which = {"state": cell.STATES, "gates": cell.GATES, "all": tuple(cell.SIGNALS)}
    if signals not in which:
        raise UsageError(f"--signals is {signals!r}, but can be state, gates or all")
    return which[signals]


def _search(
    opened: Opened, text: Text, concepts: Sequence["Concept"], **how: Any
) -> list["Finding"]:
    from charrnn.neurons.survey import survey
    from charrnn.show.console import talk

    found: list[Finding] = []
    with talk().status(f"reading {len(text.ids):,} characters") as status:
        for one in survey(opened.path, opened.checkpoint, text.ids, concepts, **how):
            found.append(one)
            status.update(f"{len(found)} of {len(concepts)}: {one.concept.name}")
    return found


def _deliver(
    given: Given, opened: Opened, texts: Sequence[Text], found: list["Finding"], whole: int
) -> None:
    """Show what was found. whole: of how many characters, where every concept gets a line."""
    from charrnn.show import concepts
    from charrnn.show import findings as show
    from charrnn.show.commands import Command

    command = Command(opened.checkpoint.architecture.cell.DEFAULT_SIGNAL, given.options)
    names = [text.name for text in texts]
    transfer = _transfer(found, opened, texts[1]) if len(texts) > 1 else {}
    report = show.report(found, opened.name, names, transfer, command)
    if whole:
        report = concepts.summary(report, found, whole, command)
    given.deliver(report, opened)


def _concepts(
    opened: Opened,
    text: Text,
    names: Sequence[str],
    every: bool,
    patterns: Sequence[str],
    labels: Path | None,
) -> tuple[list["Concept"], list["Labels"]]:
    """Return the concepts that are asked for and their labels on the text."""
    from charrnn.neurons.concepts import built_in, from_file, matches, named

    known = built_in(text.characters)
    wanted = [part for name in names for part in name.split(",")]
    chosen = [named(name, text.characters) for name in (known if every else dict.fromkeys(wanted))]
    in_bytes = opened.checkpoint.vocabulary.kind == "bytes"
    for pattern in patterns:
        strange = [one for one in pattern if not one.isascii()]
        if in_bytes and strange:
            raise UsageError(
                f"--regex {pattern!r}: {strange[0]} is several bytes, and this model reads bytes",
                "a pattern of ASCII works",
            )
    chosen += [matches(pattern) for pattern in patterns]
    end = opened.checkpoint.record_end
    made = [concept.labels(text.characters, end) for concept in chosen]
    if labels:
        concept, values = from_file(labels, len(text.ids))
        chosen.append(concept)
        made.append(values)
    return chosen, made


def _transfer(found: Sequence["Finding"], opened: Opened, text: Text) -> "Transfer":
    """Return how the neurons that were found score on a second text, oriented as on the first."""
    from charrnn.neurons.activations import Activations
    from charrnn.neurons.find import moved

    model = opened.checkpoint
    searched = dict.fromkeys(
        each.signal.name for one in found for each in (*one.evidence, *one.backward.evidence)
    )
    names = tuple(searched) or model.architecture.cell.STATES
    other = Activations(model.network(), text.ids, names)
    return {
        (finding.concept.name, signal.neuron.number, signal.name): score
        for finding in found
        if not finding.concept.given
        for signal, score in moved(finding, other, text.characters).items()
    }
