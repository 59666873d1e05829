"""`charrnn inspect explain`: a card for one neuron."""

from typing import Annotated

import typer

from charrnn.cli import completion, units
from charrnn.cli.help import helped
from charrnn.cli.options import view_of_units
from charrnn.cli.reading import Given


@helped(
    "charrnn inspect explain                    the best-known neuron",
    "charrnn inspect explain 42 -m demo",
    "charrnn inspect explain quotes -m demo:prose -o quotes.html",
)
@view_of_units
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
    from charrnn.neurons.card import card
    from charrnn.show import card as show
    from charrnn.show.console import talk

    given, opened, text = given.units(address or [])
    neuron = units.one_of(address or [], opened, text, given)
    with talk().status("searching all neurons for every concept"):
        found = card(opened, text, neuron, top=top, full=full, seed=seed)
    given.deliver(show.report(found, found.model, found.text), opened)
