"""`charrnn inspect neuron`: a text shaded by what neurons do."""

from typing import TYPE_CHECKING, Annotated

import typer

from charrnn.cli.options import (
    CheckpointOption,
    EncodingOption,
    ForceOption,
    JsonOption,
    OutputOption,
    SignalOption,
    TextOption,
    UnknownOption,
)
from charrnn.cli.reading import naming, opened, text_of
from charrnn.errors import UsageError
from charrnn.show.streams import end_with_the_reader

if TYPE_CHECKING:
    from charrnn.checkpoint import Checkpoint
    from charrnn.neurons.known import Known
    from charrnn.neurons.record import Recording
    from charrnn.show.report import Report
    from charrnn.text.vocabulary import Ids


def neuron(
    addresses: Annotated[
        list[str],
        typer.Argument(
            help="42, counted from 0 through the layers, or LAYER:UNIT, as in 1:42; several are "
            "drawn under each other.",
            metavar="NEURON...",
        ),
    ],
    checkpoint: CheckpointOption = None,
    text: TextOption = None,
    encoding: EncodingOption = "utf-8",
    prompt: Annotated[str | None, typer.Option(help="Read this text.")] = None,
    signal: SignalOption = None,
    unknown: UnknownOption = "error",
    length: Annotated[int, typer.Option(help="Characters to show.", min=1)] = 800,
    offset: Annotated[int, typer.Option(help="Where in the text to begin.", min=0)] = 0,
    raw: Annotated[
        bool,
        typer.Option(
            "--raw", metavar="", help="Leave c unsquashed, clipped at ± its 99th percentile."
        ),
    ] = False,
    top: Annotated[
        int,
        typer.Option(
            "--top-k", help="Print the N likeliest under each character of one neuron.", min=0
        ),
    ] = 0,
    concept: Annotated[
        str | None,
        typer.Option(
            help="Draw where it is on, as a row of its own; 'none' draws no such row.",
            metavar="CONCEPT",
            show_default="what find has found, if not exported",
        ),
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", metavar="", help="Type, and watch the neuron answer.")
    ] = False,
    output: OutputOption = None,
    force: ForceOption = False,
    json: JsonOption = False,
) -> None:
    """Shade a text by what neurons do once they have read each character."""
    from charrnn.neurons.address import parse
    from charrnn.neurons.record import record
    from charrnn.show.report import check_output, deliver

    end_with_the_reader()
    check_output(output, force)
    if top and (concept or len(addresses) > 1):
        raise UsageError("--top-k is for one neuron without a concept")
    loaded, model = opened(checkpoint)
    units = [parse(one, loaded.architecture) for one in addresses]
    if live:
        from charrnn.cli.live import watch

        cell = loaded.architecture.cell
        chosen = signal or cell.DEFAULT_SIGNAL
        if chosen not in cell.STATES:
            raise UsageError(f"--live shows a state, {' or '.join(cell.STATES)}, not {chosen!r}")
        watch(loaded.network(), units[0], chosen)
        return
    ids, name = text_of(loaded, text, encoding, prompt, unknown)
    network = loaded.network()
    recordings = [
        record(network, ids, unit, signal=signal, offset=offset, length=length, raw=raw)
        for unit in units
    ]
    known = None
    if concept is None and len(units) == 1 and not (top or output or json):
        from charrnn.neurons import known as earlier

        known = earlier.of(loaded, units[0].number)
        known = known if known and signal in (None, known.signal) else None
    concept = known.concept if known else concept
    wanted = "" if concept == "none" else concept or ""
    report = _report(loaded, ids, recordings, wanted, top, model, name, known, naming(checkpoint))
    deliver(report, output, json, force)


def _report(
    loaded: "Checkpoint",
    ids: "Ids",
    recordings: list["Recording"],
    concept: str,
    top: int,
    model: str,
    name: str,
    known: "Known | None",
    options: str,
) -> "Report":
    """Return the view: with what it needs beside the recordings themselves."""
    from charrnn.show import neuron as show

    vocabulary, first = loaded.vocabulary, recordings[0]
    characters = vocabulary.characters_of(first.ids)
    labels, expected = None, None
    if concept:
        from charrnn.neurons.concepts import named

        whole = vocabulary.characters_of(ids)
        wanted = named(concept, whole)
        labels = wanted.labels(whole, loaded.record_end)[first.offset :][: len(first.ids)]
        labels = labels if wanted.graded else (labels > 0).astype(float)
    if top:
        from charrnn.neurons.record import predicted

        expected = predicted(loaded.network(), ids, first.offset, len(first.ids), top)
    alphabet = vocabulary.characters_of(range(len(vocabulary)))
    drawn = show.Drawn(
        characters, recordings, model, name, concept, labels, expected, alphabet, known, options
    )
    return show.report(drawn)
