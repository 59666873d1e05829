"""What a notebook shows of a result: the view that the command of its name prints."""

from functools import singledispatch

from charrnn.curves import Course
from charrnn.neurons.card import Card
from charrnn.neurons.comparison import Comparison, Followed
from charrnn.neurons.findings import Findings
from charrnn.neurons.gates import Gates
from charrnn.neurons.record import Recording
from charrnn.neurons.use import Ablations
from charrnn.notebook import Shown
from charrnn.show import (
    ablated,
    card,
    compared,
    concepts,
    curves,
    findings,
    gates,
    neuron,
    typeset,
)
from charrnn.show.commands import Command
from charrnn.show.report import Report


def html(result: Shown) -> str:
    """Return a result as HTML that needs no other file, for a light and for a dark ground."""
    view = report(result)
    picture = view.picture() if view.picture else ""
    return typeset.fragment(view.show, picture)


@singledispatch
def report(result: Shown) -> Report:
    """Return the view of a result."""
    raise TypeError(f"{type(result).__name__} has no view")


@report.register
def _(found: Findings) -> Report:
    view = concepts.report if found.whole else findings.report
    return view(found, Command(found.signal))


@report.register
def _(found: Card) -> Report:
    return card.report(found, found.model, found.text)


@report.register
def _(found: Gates) -> Report:
    return gates.report(found, found.model, found.text)


@report.register
def _(found: Ablations) -> Report:
    return ablated.report_of(found)


@report.register
def _(found: Comparison) -> Report:
    return compared.of_two(found)


@report.register
def _(found: Followed) -> Report:
    return compared.of_run(found)


@report.register
def _(found: Recording) -> Report:
    return neuron.report(neuron.Drawn(found.characters, [found], found.model, found.text))


@report.register
def _(found: Course) -> Report:
    return curves.report([found], minutes=False)
