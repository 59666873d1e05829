"""A card that explains one neuron."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console
from rich.text import Text

from charrnn.cells.cell import Array
from charrnn.neurons.address import Neuron
from charrnn.neurons.evidence import Finding
from charrnn.neurons.excerpts import QUANTILES
from charrnn.neurons.use import Compared
from charrnn.show import ramp
from charrnn.show.console import say
from charrnn.show.glyphs import marked, safe
from charrnn.show.heatmap import Heatmap, legend
from charrnn.show.report import Report
from charrnn.show.streams import is_unicode
from charrnn.show.units import signed

BEFORE, AFTER = 40, 20  # characters around the place that an excerpt is about
BINS = 40
PUSHED = 10


@dataclass(frozen=True)
class Card:
    """What is known of one neuron. values (C,): its signal over the text, as it is drawn.

    pushes (V,): by how much its output moves each logit, None if the head does not read it.
    gates: the mean of each; use: what holding it costs, for the best
    concept, on so many characters that are counted.
    """

    neuron: Neuron
    label: str
    low: float
    high: float
    characters: str
    values: Array
    first: int
    places: dict[str, list[int]]
    findings: list[Finding]
    gates: dict[str, float]
    time_constant: float | None
    pushes: Array | None
    alphabet: str
    use: Compared
    counted: int


def report(card: Card, model: str, text: str) -> Report:
    """Return the view of a card."""

    def show(console: Console) -> None:
        title = Text(f"{card.neuron} · {card.label} · ")
        say(console, title + legend(console, card.low, card.high))
        say(console, safe(f"{model} · {text}"))
        console.print()
        _show_concepts(console, card)
        console.print()
        _show_numbers(console, card)
        for kind, places in card.places.items():
            console.print()
            say(console, kind)
            for number, place in enumerate(places):
                prefix = f"{QUANTILES[number]:>5.0%} " if kind == "quantiles" else ""
                _show_excerpt(console, card, place, prefix)

    rows = [
        {"kind": kind, "position": place, "value": float(card.values[place]),
         "text": card.characters[max(0, place - BEFORE) : place + AFTER]}
        for kind, places in card.places.items()
        for place in places
    ]  # fmt: skip
    return Report(show, _data(card, model, text), rows)


def _show_concepts(console: Console, card: Card) -> None:
    say(
        console,
        "what it tells best (chosen on half A, reported on B, beside the last characters)",
    )
    for finding in card.findings:
        one = finding.evidence[0]
        measure = "|r|" if finding.concept.graded else "AUROC"
        low, high = one.interval
        say(
            console,
            safe(
                f"  {finding.concept.name:14} {one.signal.name}  {measure:5} {one.score:.3f} "
                f"({low:.3f} to {high:.3f}), {one.over_lexical:+.3f} over the last characters, "
                f"{one.over_untrained:+.3f} over untrained: {finding.verdict(one)}"
            ),
        )
    if not card.findings:
        say(console, "  nothing that a verdict could be given on")


def _show_numbers(console: Console, card: Card) -> None:
    unicode = is_unicode(console.encoding)
    counted = card.values[card.first :]
    counts, _ = np.histogram(counted, BINS, (card.low, card.high))
    bars = "".join(ramp.mark(one, 0, max(1, counts.max()), unicode) for one in counts)
    low, high = signed(card.low, unicode), signed(card.high, unicode)
    say(console, f"distribution  {low} {bars} {high}")
    mean, spread = signed(float(counted.mean()), unicode), float(counted.std())
    say(console, f"              mean {mean}, standard deviation {spread:.3f}")
    if card.gates:
        means = ", ".join(f"{name} {value:.2f}" for name, value in card.gates.items())
        tau = (
            ""
            if card.time_constant is None
            else f" · time constant {card.time_constant:,.3g} characters"
        )
        say(console, f"gates         {means}{tau}")
    if card.pushes is None:
        say(console, "head          reads another layer, not this unit")
    else:
        order = np.argsort(card.pushes, kind="stable")
        up, down = (_shown(card, order[::-1], unicode), _shown(card, order, unicode))
        say(console, f"head          h pushes up {up} · down {down}")
    use = card.use
    line = f"ablation      {use.costs['overall']:+.4f} nats a character"
    if use.like:
        like = f"{use.means['overall']:+.4f} ± {use.deviations['overall']:.4f}"
        line += f" ({use.like} like units {like})"
    end = use.costs["resolving"]
    if end == end:
        line += f", {end:+.3f} where {card.findings[0].concept.name} ends"
    say(console, f"{line}; on {card.counted:,} characters")


def _shown(card: Card, order: Any, unicode: bool) -> str:
    return " ".join(marked(card.alphabet[one], unicode) for one in order[:PUSHED])


def _show_excerpt(console: Console, card: Card, place: int, prefix: str) -> None:
    start, stop = max(0, place - BEFORE), min(len(card.characters), place + AFTER)
    characters = card.characters[start:stop].replace("\n", " ").replace("\t", " ")
    value = signed(float(card.values[place]), is_unicode(console.encoding))
    say(console, f"{prefix}{value} at {place:,}")
    console.print(Heatmap(characters, card.values[start:stop], card.low, card.high), end="")


def _data(card: Card, model: str, text: str) -> dict[str, Any]:
    pushes = (
        {}
        if card.pushes is None
        else dict(zip(card.alphabet, map(float, card.pushes), strict=False))
    )
    return {
        "model": model,
        "text": text,
        "neuron": card.neuron.number,
        "layer": card.neuron.layer,
        "unit": card.neuron.unit,
        "signal": card.label,
        "mean": float(card.values[card.first :].mean()),
        "deviation": float(card.values[card.first :].std()),
        "time_constant": card.time_constant,
        "gates": card.gates,
        "pushes": pushes,
        "ablation": card.use.costs,
        "ablated_characters": card.counted,
        "like_units": {
            name: [mean, card.use.deviations[name]] for name, mean in card.use.means.items()
        },
        "concepts": [
            {
                "concept": finding.concept.name,
                "signal": finding.evidence[0].signal.name,
                "measure": "spearman" if finding.concept.graded else "auroc",
                "score": finding.evidence[0].score,
                "low": finding.evidence[0].interval[0],
                "high": finding.evidence[0].interval[1],
                "over_lexical": finding.evidence[0].over_lexical,
                "over_untrained": finding.evidence[0].over_untrained,
                "verdict": finding.verdict(finding.evidence[0]),
            }
            for finding in card.findings
        ],
    }  # fmt: skip
