"""What a notebook shows of a result: the view that the command of its name prints."""

from dataclasses import replace
from functools import singledispatch
from html import escape

from rich.console import Console

from charrnn.attention import Alignment
from charrnn.between import Surrounded
from charrnn.curves import Course
from charrnn.generative import Generated
from charrnn.labelling import Labelled
from charrnn.listing import Runs
from charrnn.loaded import Model
from charrnn.neurons.card import Card
from charrnn.neurons.comparison import Comparison, Followed
from charrnn.neurons.decisions import Decisions
from charrnn.neurons.findings import Findings
from charrnn.neurons.gates import Gates
from charrnn.neurons.label_units import LabelUnits
from charrnn.neurons.mislabelled import Mislabelled
from charrnn.neurons.mistakes import Mistakes
from charrnn.neurons.page import Page
from charrnn.neurons.paired import PairedScores
from charrnn.neurons.proofreading import Proofread
from charrnn.neurons.record import Recording
from charrnn.neurons.surprise import Surprise
from charrnn.neurons.tags import Mistagged, TaggedText
from charrnn.neurons.use import Ablations
from charrnn.notebook import Browsable, Shown
from charrnn.sampling.fill import Fillings
from charrnn.show import (
    ablated,
    attention,
    card,
    compared,
    concepts,
    curves,
    decisions,
    findings,
    gates,
    label_units,
    labels,
    listing,
    mislabelled,
    mistakes,
    model,
    neuron,
    proofreading,
    sampled,
    score,
    surprise,
    tags,
    typeset,
)
from charrnn.show import page as pages
from charrnn.show import paired as paired_scores
from charrnn.show.commands import Command
from charrnn.show.console import say
from charrnn.show.glyphs import safe
from charrnn.show.report import Report
from charrnn.tagging import Tagged

FRAME = '<iframe srcdoc="{}" style="width:100%;height:40em;border:0"></iframe>\n'


def html(result: Shown) -> str:
    """Return a result as HTML that needs no other file, for a light and for a dark ground."""
    if isinstance(result, Page):
        return FRAME.format(escape(page(result)))
    view = report(result)
    picture = view.picture() if view.picture else ""
    return typeset.fragment(view.show, picture)


def titled(title: str, view: Report) -> Report:
    """Return a view under a title, where what the command prints has none."""

    def show(console: Console) -> None:
        say(console, f"{safe(title)}\n")
        view.show(console)

    return replace(view, show=show)


def page(seen: Browsable) -> str:
    """Return a result that is a page of its own."""
    assert isinstance(seen, Page)
    return pages.html(seen, *seen.titles)


@singledispatch
def report(result: Shown) -> Report:
    """Return the view of a result."""
    raise TypeError(f"{type(result).__name__} has no view")


@report.register
def _(found: Findings) -> Report:
    view = concepts.report if found.whole else findings.report
    return view(found, Command(found.signal))


@report.register
def _(found: LabelUnits) -> Report:
    return label_units.report(found, Command(found.signal))


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


@report.register
def _(found: Surprise) -> Report:
    return surprise.report_of(found, top=False)


@report.register
def _(found: Mistakes) -> Report:
    return mistakes.report(found, found.characters, found.model, found.text)


@report.register
def _(found: Page) -> Report:
    return Report(lambda console: None, pages.content(found, *found.titles))


@report.register
def _(found: Model) -> Report:
    return titled(found.opened.name, model.report(found.opened.path, found.checkpoint))


@report.register
def _(found: Runs) -> Report:
    return titled(f"runs under {found.folder}", listing.report(found.found, found.folder))


@report.register
def _(found: Labelled) -> Report:
    return labels.report(found)


@report.register
def _(found: PairedScores) -> Report:
    return paired_scores.report(found)


@report.register
def _(found: Generated) -> Report:
    return labels.report_of(found)


@report.register
def _(found: Proofread) -> Report:
    return proofreading.report(found)


@report.register
def _(found: Surrounded) -> Report:
    return score.of_both_sides(found)


@report.register
def _(found: Fillings) -> Report:
    return titled("what fits the gap, the likeliest first", sampled.report(found))


@report.register
def _(found: Decisions) -> Report:
    return decisions.report(found)


@report.register
def _(found: Mislabelled) -> Report:
    return mislabelled.report(found)


@report.register
def _(found: Tagged) -> Report:
    return tags.report(found)


@report.register
def _(found: TaggedText) -> Report:
    return tags.shaded(found)


@report.register
def _(found: Mistagged) -> Report:
    return tags.mistagged(found)


@report.register
def _(found: Alignment) -> Report:
    return attention.report([found])
