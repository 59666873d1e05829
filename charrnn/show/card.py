"""A card that explains one neuron."""

from typing import Any

import numpy as np
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from charrnn.neurons.card import Card
from charrnn.neurons.excerpts import QUANTILES
from charrnn.show import ramp
from charrnn.show.console import is_picture, say, say_names
from charrnn.show.glyphs import from_word, marked, safe
from charrnn.show.heatmap import Heatmap, legend, say_legend
from charrnn.show.report import Report
from charrnn.show.stdio import is_unicode
from charrnn.show.tags import named
from charrnn.show.units import change, count, signed

BEFORE, AFTER = 40, 32  # characters around the place that an excerpt is about
BRIEF = ("highest", "lowest")  # kinds of which one excerpt is shown where not all are
BINS = 40
PUSHED, FEW = 10, 4  # characters or labels that are promoted
DEPENDING = 2  # labels
LABEL = 14  # columns
KINDS = {
    "highest": "highest values",
    "random": "at random",
    "quantiles": "at quantiles",
    "lowest": "lowest values",
}


def report(card: Card, model: str, text: str) -> Report:
    """Return the view of a card."""

    def show(console: Console) -> None:
        say(console, f"{card.neuron} · {card.label}")
        say_names(console, model, text)
        console.print()
        _show_concepts(console, card)
        console.print()
        _show_numbers(console, card)
        console.print()
        if card.full or is_picture(console):
            _show_all_excerpts(console, card)
        else:
            for kind in BRIEF:
                for place in card.places.get(kind, [])[:1]:
                    _show_excerpt(console, card, place, f"{kind}: ")
        say_legend(console, legend(console, card.low, card.high), card.characters)

    rows = [
        {"kind": kind, "position": place, "value": float(card.values[place]),
         "text": card.characters[max(0, place - BEFORE) : place + AFTER]}
        for kind, places in card.places.items()
        for place in places
    ]  # fmt: skip
    return Report(show, _data(card, model, text), rows)


def _show_concepts(console: Console, card: Card) -> None:
    """Print a line for each of the best concepts."""
    if not card.findings:
        say(console, "no concept that a verdict could be given on")
        return
    near = "nearest" if card.neuron.direction else "last"
    say(console, f"best concepts: score, 95%, gain over {near} characters, over untrained networks")
    unicode = is_unicode(console.encoding)
    for finding in card.findings:
        one = finding.evidence[0]
        measure = "|r|" if finding.concept.graded else "AUROC"
        low, high = one.interval
        chars, untrained = (
            change(gain, 3, unicode) for gain in (one.over_lexical, one.over_untrained)
        )
        _say_labelled(
            console,
            finding.concept.name,
            f"{one.signal.name:2} {measure:>5} {one.score:.3f}  {low:.3f}–{high:.3f}  {chars}  "
            f"{untrained}  {finding.verdict(one)}",
        )


def _show_numbers(console: Console, card: Card) -> None:
    unicode = is_unicode(console.encoding)
    counted = card.values[card.first :]
    low, high = signed(card.low, unicode), signed(card.high, unicode)
    width = console.width - LABEL - len(f"{low}  {high}") if console.is_terminal else BINS
    counts, _ = np.histogram(counted, max(1, min(BINS, width)), (card.low, card.high))
    bars = "".join(ramp.mark(one, 0, max(1, counts.max()), unicode) for one in counts)
    say(console, f"{'distribution':{LABEL}}{low} {bars} {high}")
    mean, spread = signed(float(counted.mean()), unicode), float(counted.std())
    _say_labelled(console, "", f"mean {mean}, standard deviation {spread:.3f}")
    if card.gates:
        means = ", ".join(f"{name} {value:.2f}" for name, value in card.gates.items())
        memory = card.time_constant
        kept = "" if memory is None else f" · time constant {memory:,.3g} characters"
        _say_labelled(console, "gates", f"mean {means}{kept}")
    what = "character" if isinstance(card.targets, str) else "label"
    if card.pushes is None:
        _say_labelled(console, "output", f"read by another layer, so it promotes no {what}")
    else:
        order = np.argsort(card.pushes, kind="stable")
        _say_labelled(console, "promotes", _shown(card, order[::-1], unicode))
        _say_labelled(console, "suppresses", _shown(card, order, unicode))
    _say_labelled(console, "ablation", _loss_without(card, unicode))
    if card.labels:
        _say_labelled(console, "without it", _labels_without(card, unicode))
    elif card.use.accuracy:
        before, without = card.use.accuracy
        arrow = "→" if unicode else "->"
        _say_labelled(console, "without it", f"exact answers {before:.1%} {arrow} {without:.1%}")


def _loss_without(card: Card, unicode: bool) -> str:
    """Say by how much the loss is larger without the neuron: held at its mean."""
    use = card.use
    line = f"{change(use.costs['overall'], 4, unicode)} nats per {card.per} without it"
    if use.like:
        mean, spread = change(use.means["overall"], 4, unicode), use.deviations["overall"]
        line += f" ({count(use.like, 'matched control unit')}: {mean} ± {spread:.4f})"
    end = use.costs["resolving"]
    if end == end:
        line += f", {change(end, 3, unicode)} where {card.findings[0].concept.name} ends"
    return f"{line}; on {count(card.counted, card.of)}"


def _labels_without(card: Card, unicode: bool) -> str:
    """Say which labels depend on the neuron most: their mean probability on their own texts."""
    arrow = "→" if unicode else "->"
    before, without = card.use.accuracy
    parts = [f"accuracy {before:.1%} {arrow} {without:.1%};"]
    parts += [
        f"{card.targets[one.label]} {one.before:.3f} {arrow} {one.without:.3f},"
        for one in card.use.by_label[:DEPENDING]
    ]
    return " ".join(parts).rstrip(",")


def _say_labelled(console: Console, label: str, text: str) -> None:
    """Print a text beside its label; on a terminal, its further lines begin under its first."""
    width = console.width - LABEL if console.is_terminal else len(text) + 1
    lines = Text(safe(text)).wrap(console, max(1, width))
    for number, line in enumerate(lines):
        line.rstrip()
        say(console, Text(f"{'' if number else safe(label):{LABEL}}") + line)


def _shown(card: Card, order: Any, unicode: bool) -> str:
    if not isinstance(card.targets, str):  # the first half is promoted, the other suppressed
        names = [named(one, unicode) for one in card.targets]
        return ", ".join(names[one] for one in order[: min(FEW, len(order) // 2)])
    return " ".join(marked(card.targets[one], unicode) for one in order[:PUSHED])


def _show_all_excerpts(console: Console, card: Card) -> None:
    for kind, places in card.places.items():
        say(console, KINDS[kind])
        for number, place in enumerate(places):
            prefix = f"{QUANTILES[number]:.0%}: " if kind == "quantiles" else ""
            _show_excerpt(console, card, place, prefix)
        console.print()


def _show_excerpt(console: Console, card: Card, place: int, prefix: str) -> None:
    """Print an excerpt under an arrow, with the value there, to the character it is about."""
    unicode = is_unicode(console.encoding)
    width = min(console.width, BEFORE + AFTER) if console.is_terminal else BEFORE + AFTER
    start = max(0, place - width * BEFORE // (BEFORE + AFTER))
    start = from_word(card.characters, start, place)
    stop = min(start + width, len(card.characters))
    while stop > place + 1 and _columns(card.characters[start:stop], unicode) > width:
        stop -= 1
    indent, arrow = _columns(card.characters[start:place], unicode), "↓" if unicode else "v"
    value = f"{prefix}{signed(float(card.values[place]), unicode)} at {place:,}"
    line = f"{' ' * indent}{arrow} {value}"
    if cell_len(line) > width:
        fits = cell_len(value) < indent
        line = f"{value} {arrow}".rjust(indent + 1) if fits else f"{value}\n{' ' * indent}{arrow}"
    say(console, line)
    text, values = card.characters[start:stop], card.values[start:stop]
    console.print(Heatmap(text, values, card.low, card.high, ends=False), end="")


def _columns(text: str, unicode: bool) -> int:
    return cell_len("".join(marked(one, unicode) for one in text))


def _by_label(card: Card) -> dict[str, Any]:
    by_label = [one._asdict() | {"label": card.targets[one.label]} for one in card.use.by_label]
    return {"accuracy": card.use.accuracy, "labels": by_label}


def _data(card: Card, model: str, text: str) -> dict[str, Any]:
    pushes = (
        {}
        if card.pushes is None
        else dict(zip(card.targets, map(float, card.pushes), strict=False))
    )
    return {
        "model": model,
        "text": text,
        **card.neuron.as_json,
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
        **(_by_label(card) if card.labels else {}),
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
