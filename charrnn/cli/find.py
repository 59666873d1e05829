"""`charrnn inspect find`: the neurons for a concept, with the evidence."""

from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from charrnn.cli.options import (
    CheckpointOption,
    EncodingOption,
    ForceOption,
    JsonOption,
    OutputOption,
    UnknownOption,
)
from charrnn.cli.reading import naming, opened, text_of
from charrnn.errors import UsageError
from charrnn.show.streams import end_with_the_reader

if TYPE_CHECKING:
    from charrnn.neurons.activations import Activations
    from charrnn.neurons.concepts import Concept, Labels
    from charrnn.neurons.evidence import Finding
    from charrnn.show.findings import Transfer


def find(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Concepts: brackets, parens, square, curly, quotes, line-position, line-end, "
            "indent, comment, url; word-start, word-end, capital, digit, space, vowel, "
            "punctuation.",
            metavar="[CONCEPT]...",
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", metavar="", help="Every one of them.")] = False,
    pattern: Annotated[
        list[str] | None,
        typer.Option(
            "--regex",
            help="Inside a match, from its second character on; may be repeated.",
            metavar="R",
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(help="Your own: a file with one number a character.", metavar="FILE"),
    ] = None,
    checkpoint: CheckpointOption = None,
    text: Annotated[
        list[Path] | None,
        typer.Option(
            help="Read this file; a second one shows whether the neurons hold there, too.",
            metavar="FILE",
            show_default="the validation text in the checkpoint",
        ),
    ] = None,
    encoding: EncodingOption = "utf-8",
    unknown: UnknownOption = "error",
    signals: Annotated[
        str,
        typer.Option(help="Which signals are searched: state (h and c), gates, or all."),
    ] = "state",
    top: Annotated[int, typer.Option(help="Neurons to show for each concept.", min=1)] = 3,
    ablation: Annotated[
        bool, typer.Option(help="Hold the neurons at their means, to see whether they are used.")
    ] = True,
    seed: Annotated[int, typer.Option(help="Of shifts, draws and the untrained network.")] = 0,
    output: OutputOption = None,
    force: ForceOption = False,
    json: JsonOption = False,
) -> None:
    """Find the neurons that stand for a concept, and say how good the evidence is.

    Half A of the text chooses the neurons, half B reports, and the other way round: AUROC
    (Spearman's r for a concept of degree) with its interval, against shifted labels, the last
    characters and untrained networks, and what the text costs with the unit held at its mean.
    """
    from charrnn import runs
    from charrnn.corpus_of import sample
    from charrnn.neurons import baselines, known
    from charrnn.neurons.activations import Activations
    from charrnn.neurons.find import find as search
    from charrnn.show import findings as show
    from charrnn.show.console import talk
    from charrnn.show.report import check_output, deliver

    end_with_the_reader()
    check_output(output, force)
    if text and len(text) > 2:
        raise UsageError(f"--text was given {len(text)} times; one text, or a second beside it")
    loaded, model = opened(checkpoint)
    wanted: list[Path | None] = [*text] if text else [None]
    read = [text_of(loaded, one, encoding, None, unknown) for one in wanted]
    ids = read[0][0]
    characters = loaded.vocabulary.characters_of(ids)
    end = loaded.record_end
    in_bytes = loaded.vocabulary.kind == "bytes"
    concepts, given = _concepts(
        characters, end, in_bytes, names or [], every, pattern or [], labels
    )
    cell = loaded.architecture.cell
    which = {"state": cell.STATES, "gates": cell.GATES, "all": tuple(cell.SIGNALS)}
    if signals not in which:
        raise UsageError(f"--signals is {signals!r}, but can be state, gates or all")
    network = loaded.network()
    trained = Activations(network, ids, which[signals])
    bare = baselines.all_untrained(loaded, ids, which[signals], seed)
    found: list[Finding] = []
    with talk().status(f"reading {len(ids):,} characters") as status:
        for one in search(
            trained,
            bare,
            characters,
            concepts,
            learned=sample(runs.find(checkpoint), loaded, ids),
            labels=given,
            top=top,
            ablating=ablation,
            seed=seed,
        ):
            found.append(one)
            status.update(f"{len(found)} of {len(concepts)}: {one.concept.name}")
        transfer: Transfer = {}
        if len(read) > 1:
            status.update(f"reading {read[1][1]}")
            other = Activations(network, read[1][0], which[signals])
            transfer = _transfer(found, other, loaded.vocabulary.characters_of(read[1][0]))
    known.keep(loaded, found, read[0][1])
    options = naming(checkpoint)
    if wanted[0]:
        options += f" --text {quote(str(wanted[0]))}"
        options += f" --unknown {unknown}" * (unknown != "error")
        options += f" --encoding {quote(encoding)}" * (encoding != "utf-8")
    command = show.Command(cell.DEFAULT_SIGNAL, options)
    names_read = [name for _, name in read]
    deliver(show.report(found, model, names_read, transfer, command), output, json, force)


def _concepts(
    text: str,
    end: str,
    in_bytes: bool,
    names: Sequence[str],
    every: bool,
    patterns: Sequence[str],
    labels: Path | None,
) -> tuple[list["Concept"], list["Labels"]]:
    """Return the concepts that are asked for and their labels on the text."""
    from charrnn.neurons.concepts import built_in, from_file, matches, named

    known = built_in(text)
    chosen = [named(name, text) for name in (known if every else dict.fromkeys(names))]
    for pattern in patterns:
        strange = [one for one in pattern if not one.isascii()]
        if in_bytes and strange:
            raise UsageError(
                f"--regex {pattern!r}: {strange[0]} is several bytes, and this model reads bytes",
                "a pattern of ASCII works",
            )
    chosen += [matches(pattern) for pattern in patterns]
    made = [concept.labels(text, end) for concept in chosen]
    if labels:
        concept, values = from_file(labels, len(text))
        chosen.append(concept)
        made.append(values)
    if not chosen:
        raise UsageError(
            "which concept?", f"--all, --regex R, --labels FILE, or some of: {', '.join(known)}"
        )
    return chosen, made


def _transfer(found: Sequence["Finding"], other: "Activations", text: str) -> "Transfer":
    """Return how the neurons that were found score on a second text, oriented as on the first."""
    from charrnn.neurons.find import moved

    return {
        (finding.concept.name, signal.neuron.number, signal.name): score
        for finding in found
        if not finding.concept.given
        for signal, score in moved(finding, other, text).items()
    }
