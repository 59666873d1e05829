"""`charrnn inspect explain`: a card for one neuron."""

from typing import TYPE_CHECKING, Annotated

import typer

from charrnn.cli import completion, units
from charrnn.cli.help import helped
from charrnn.cli.options import view
from charrnn.cli.reading import Given, Opened, Text

if TYPE_CHECKING:
    from charrnn.neurons.address import Neuron
    from charrnn.neurons.evidence import Finding

EXCERPTS = 4  # of each kind


@helped(
    "charrnn inspect explain                    the best-known neuron",
    "charrnn inspect explain 42 -m demo",
    "charrnn inspect explain quotes -m demo:prose -o quotes.html",
)
@view
def explain(
    given: Given,
    address: Annotated[
        list[str] | None,
        typer.Argument(
            help=units.HELP,
            metavar="NEURON",
            show_default=units.CHOSEN,
            autocompletion=completion.concepts,
        ),
    ] = None,
    top: Annotated[int, typer.Option(help="Concepts to show.", min=1)] = 3,
    full: Annotated[
        bool, typer.Option("--full", help="Excerpts of all kinds, four of each, not of two.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Seed of random excerpts, shifts and draws.")] = 0,
) -> None:
    """Explain one neuron: its best concept, excerpts, gates, what it promotes, loss without it."""
    import numpy as np

    from charrnn.neurons.activations import cold
    from charrnn.neurons.excerpts import excerpts
    from charrnn.neurons.gates import means_of
    from charrnn.neurons.record import record
    from charrnn.neurons.use import compared
    from charrnn.show import card as show
    from charrnn.show.console import talk

    opened = given.opened()
    text = given.read(opened.checkpoint)
    neuron = units.one_of(address or [], opened, text, given)
    network, vocabulary = opened.checkpoint.network(), opened.checkpoint.vocabulary
    with talk().status("searching all neurons for every concept"):
        findings = _findings(opened, text, neuron, top, seed)
        concept = findings[0].concept if findings else None
        (use,), counted = compared(network, text.ids, [[neuron]], concept, text.characters)
        recording = record(network, text.ids, neuron)
    first = cold(network)
    card = show.Card(
        neuron=neuron,
        label=recording.label,
        low=recording.low,
        high=recording.high,
        characters=text.characters,
        values=recording.values,
        first=first,
        places=excerpts(recording.values, first, EXCERPTS, np.random.default_rng(seed)),
        findings=findings,
        gates=means_of(network, text.ids, neuron),
        time_constant=recording.time_constant,
        pushes=network.pushes(neuron.layer - 1, neuron.unit),
        alphabet=vocabulary.characters_of(range(len(vocabulary))),
        use=use,
        counted=counted,
        full=full,
    )
    where = f"{text.name}, {len(text.ids):,} characters"
    given.deliver(show.report(card, opened.name, where), opened)


def _findings(opened: Opened, text: Text, neuron: "Neuron", top: int, seed: int) -> list["Finding"]:
    """Return what the neuron stands for, best first, and whether it is used; chance last."""
    from charrnn.neurons.evidence import NOTHING
    from charrnn.neurons.survey import survey, with_uses

    model = opened.checkpoint
    found = [
        one
        for one in survey(opened.path, model, text.ids, seed=seed, only=neuron.number)
        if one.evidence and not one.refused
    ]
    found.sort(key=lambda one: -one.evidence[0].strength)
    telling = [one for one in found if one.verdict(one.evidence[0]) != NOTHING]
    return with_uses(model, text.ids, (telling or found)[: top if telling else 1], seed)
