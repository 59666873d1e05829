"""`charrnn inspect neuron`: a text shaded by what neurons do."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from charrnn.cli import completion, units
from charrnn.cli.help import helped
from charrnn.cli.options import OffsetOption, SignalOption, view_of_units
from charrnn.cli.reading import Given
from charrnn.errors import UsageError

if TYPE_CHECKING:
    from charrnn.neurons.address import Neuron
    from charrnn.neurons.known import Known
    from charrnn.neurons.record import Recording
    from charrnn.reading import Opened, Text
    from charrnn.show.report import Report


@helped(
    "charrnn inspect neuron                        the best-known neuron",
    "charrnn inspect neuron 42 -m demo",
    "charrnn inspect neuron brackets -t code.py -o brackets.svg",
)
@view_of_units
def neuron(
    given: Given,
    addresses: Annotated[
        list[str] | None,
        typer.Argument(
            help=f"{units.HELP}; several are drawn under each other",
            metavar="NEURON",
            show_default=units.CHOSEN,
            autocompletion=completion.concepts,
        ),
    ] = None,
    signal: SignalOption = None,
    length: Annotated[
        int,
        typer.Option(
            "-n", "--length", help="Characters to show.", min=0, show_default="fits the window"
        ),
    ] = 0,
    offset: OffsetOption = 0,
    raw: Annotated[
        bool,
        typer.Option("--raw", help="Show c itself, not tanh(c), clipped at ± its 99th percentile."),
    ] = False,
    top: Annotated[
        int,
        typer.Option("--top", "--top-k", help="Print the N likeliest under each character.", min=0),
    ] = 0,
    concept: Annotated[
        str | None,
        typer.Option(
            help="Draw where it is present, as a row of its own; none draws no such row.",
            metavar="CONCEPT",
            show_default="what find has found, if not exported",
            autocompletion=completion.concepts,
        ),
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Type, and watch the neuron as the model reads.")
    ] = False,
) -> None:
    """Shade a text by what a neuron does after each character."""
    from charrnn.neurons.address import is_address
    from charrnn.neurons.record import record

    if top and concept:
        raise UsageError("--top is for one neuron without a concept")
    given, opened, text = given.units(addresses or [])
    if live:
        _watch(addresses or [], opened, text, signal, given)
        return
    chosen = units.chosen(addresses or [], opened, text, given)
    if top and len(chosen) > 1:
        raise UsageError("--top is for one neuron without a concept")
    known = None
    if len(chosen) == 1 and not top:
        known = _known(opened, chosen[0], signal, addresses or [])
    if known and not (addresses and all(map(is_address, addresses))):  # not by its number
        signal, raw = signal or known.signal, raw or (known.raw and signal is None)
    drawn = concept
    if concept is None:
        drawn = known.concept if known and not (given.output or given.json) else ""
    wanted = "" if drawn in (None, "none") else drawn
    network = opened.checkpoint.network()
    length = length or _fitting(given, text.characters[offset:], chosen, wanted, top)
    recordings = [
        record(network, text.ids, unit, signal=signal, offset=offset, length=length, raw=raw)
        for unit in chosen
    ]
    known = known if concept is None and wanted else None
    given.deliver(_report(opened, text, recordings, wanted, top, known, given.options), opened)


def _fitting(given: Given, text: str, neurons: Sequence["Neuron"], concept: str, top: int) -> int:
    """Return how many characters are shown where nobody says: in a terminal as fit the window."""
    from charrnn.show.console import data
    from charrnn.show.heatmap import FIXED
    from charrnn.show.neuron import fitting

    if given.output or given.json:
        return FIXED
    return fitting(data(), text, [str(one.number) for one in neurons], concept, top)


def _watch(
    addresses: Sequence[str], opened: "Opened", text: "Text", signal: str | None, given: Given
) -> None:
    from charrnn.cli.live import watch

    cell = opened.checkpoint.architecture.cell
    state = signal or cell.DEFAULT_SIGNAL
    if state not in cell.STATES:
        raise UsageError(f"--live shows a state, {' or '.join(cell.STATES)}, not {state!r}")
    if opened.checkpoint.stack:
        raise UsageError("--live is for models that go on with a text")
    unit = units.one_of(list(addresses), opened, text, given)
    watch(opened.checkpoint.network(), unit, state)


def _known(
    opened: "Opened", unit: "Neuron", signal: str | None, asked: Sequence[str]
) -> "Known | None":
    """Return what an earlier search has found of a neuron, by the signal that is drawn.

    asked: what was typed, of which a concept comes before the others.
    """
    from charrnn.neurons import known

    found = [
        one
        for one in known.of(opened.path, opened.checkpoint)
        if one.neuron == unit.number and signal in (None, one.signal)
    ]
    return next(iter(sorted(found, key=lambda one: one.concept not in asked)), None)


def _report(
    opened: "Opened",
    text: "Text",
    recordings: list["Recording"],
    concept: str,
    top: int,
    known: "Known | None",
    options: str,
) -> "Report":
    """Return the view: with what it needs beside the recordings themselves."""
    from charrnn.show import neuron as show

    model, first = opened.checkpoint, recordings[0]
    vocabulary = model.vocabulary
    shown = text.characters[first.offset :][: len(first.ids)]
    labels, expected = None, None
    if concept:
        from charrnn.neurons.concepts import named

        wanted = named(concept, text.characters)
        whole = wanted.labels(text.characters, model.record_end)
        labels = whole[first.offset :][: len(first.ids)]
        labels = labels if wanted.graded else (labels > 0).astype(float)
    if top:
        from charrnn.neurons.record import predicted

        expected = predicted(model.network(), text.ids, first.offset, len(first.ids), top)
    alphabet = vocabulary.characters_of(range(len(vocabulary)))
    return show.report(
        show.Drawn(
            shown,
            recordings,
            opened.name,
            text.name,
            concept,
            labels,
            expected,
            alphabet,
            known,
            options,
        )
    )
