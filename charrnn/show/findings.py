"""The table of the neurons that were found for a concept."""

import math
from typing import Any, NamedTuple

from rich.console import Console

from charrnn.neurons.activations import Signal
from charrnn.neurons.evidence import ENCODES, ENCODES_AND_USED, Evidence, Finding, Side
from charrnn.show.console import say
from charrnn.show.glyphs import safe
from charrnn.show.report import Report
from charrnn.show.streams import is_unicode
from charrnn.show.units import count

Transfer = dict[tuple[str, int, str], float]
"""The score on a second text, by concept, neuron's number and signal."""

HEAD = """\
                                             over      over
neuron       signal score  95%          p lexical untrained     Δ on    Δ off Δ at end"""


class Command(NamedTuple):
    """What a command that draws a neuron needs beside its number.

    signal: what is drawn when none is named. options: that name the model and the text.
    """

    signal: str = "c"
    options: str = ""


def report(
    findings: list[Finding],
    model: str,
    texts: list[str],
    transfer: Transfer,
    command: Command,
) -> Report:
    """Return the view of what was found. texts: the name of the one read, and of a second."""

    def show(console: Console) -> None:
        say(console, safe(f"{model} · {texts[0]}"))
        for finding in findings:
            console.print()
            _show(console, finding, transfer, texts, command)

    rows = [
        _row(finding, side, half, one, transfer)
        for finding in findings
        for half, side in (("B", finding.forward), ("A", finding.backward))
        for one in side.evidence
    ]
    concepts = [
        {
            "concept": one.concept.name,
            "refused": one.refused,
            "prevalence": one.forward.prevalence,
            "spans": one.forward.spans,
        }
        for one in findings
    ]
    return Report(show, {"model": model, "texts": texts, "concepts": concepts}, rows)


def _show(
    console: Console, finding: Finding, transfer: Transfer, texts: list[str], command: Command
) -> None:
    dash = "–" if is_unicode(console.encoding) else "-"
    concept = finding.concept
    kind = "" if concept.meaning == "" else f": {concept.meaning}"
    say(console, safe(f"{concept.name} ({concept.kind}{kind})"))
    say(console, _halves(finding))
    if finding.refused:
        say(console, f"no verdict: {finding.refused}")
    if not finding.evidence:
        return
    score = "|r|" if concept.graded else "AUROC"
    say(console, HEAD.replace("score", f"{score:5}").rstrip())
    for one in finding.evidence:
        say(console, _line(one, dash))
        say(console, f"             {_words(finding, one, transfer, texts[1:])}")
    for line in (*_reverse(finding, dash), *_baselines(finding)):
        say(console, line)
    if any(one.use for one in finding.evidence):
        say(console, "Δ in nats a character, the unit held at its mean, on eight parts of the text")
    else:
        say(console, "nothing was held at its mean, so that use was not looked at")
    say(console, _drawn(finding, command))


def _halves(finding: Finding) -> str:
    """Say how much text chooses and reports, and how much of the concept is in each half."""
    line = f"{finding.characters // 2:,} characters choose (A), as many report (B)"
    if not finding.concept.graded:
        a, b = finding.backward, finding.forward
        spans = count(b.spans, "span")
        line += f" · {a.prevalence:.1%} of A and {b.prevalence:.1%} of B on, {spans}"
        line += ", unevenly spread" if finding.uneven else ""
    return f"{line} · {finding.searched:,} signals"


def _line(one: Evidence, dash: str) -> str:
    low, high = one.interval
    gains = f"{one.over_lexical:+8.3f}{one.over_untrained:+10.3f}"
    deltas = [one.use.on, one.use.off, one.use.resolving] if one.use else []
    shown = "".join(" " * 9 if math.isnan(delta) else f"{delta:+9.3f}" for delta in deltas)
    where = f"{address(one.signal):12} {one.signal.name:6}"
    return f"{where} {one.score:.3f}  {low:.3f}{dash}{high:.3f} {_p(one.p)}{gains}{shown}".rstrip()


def _p(value: float) -> str:
    return f"{value:.4f}" if value < 0.1 else f"{value:.3f} "


def address(signal: Signal) -> str:
    """Name the neuron of a signal both ways: 42 (1:42)."""
    return f"{signal.neuron.number} ({signal.neuron.layer}:{signal.neuron.unit})"


def _words(finding: Finding, one: Evidence, transfer: Transfer, second: list[str]) -> str:
    words = [finding.verdict(one)]
    if one.sign < 0:
        words.append("low values mean more" if finding.concept.graded else "low values mean on")
    if one.use and one.use.like:
        like = f"{one.use.like_mean:+.3f} ± {one.use.like_deviation:.3f}"
        where = "on" if math.isnan(one.use.resolving) else "at end"
        words.append(f"{count(one.use.like, 'like unit')}, Δ {where}: {like}")
    moved = transfer.get((finding.concept.name, one.signal.neuron.number, one.signal.name))
    if moved is not None:
        words.append(f"{moved:.3f} on {safe(second[0])}")
    return " · ".join(words)


def _reverse(finding: Finding, dash: str) -> list[str]:
    """Say what B chooses and A reports."""
    side = finding.backward
    if side.refused:
        return [f"B chooses, A reports: no verdict, {side.refused}"]
    lines = ["B chooses, A reports:"]
    for one in side.evidence:
        low, high = one.interval
        where = f"{address(one.signal):12} {one.signal.name:6}"
        interval = f"{low:.3f}{dash}{high:.3f}"
        verdict = finding.verdict(one, side)
        lines.append(f"{where} {one.score:.3f}  {interval} {_p(one.p)}  {verdict}")
    return lines


def _baselines(finding: Finding) -> list[str]:
    side = finding.forward
    lexical = ", ".join(f"last {n} {value:.3f}" for n, value in side.lexical.items())
    source = f"{finding.learned:,} characters of training text" if finding.learned else "half A"
    low, high = min(side.untrained), max(side.untrained)
    lines = [
        f"lexical, from {source}: {lexical}",
        f"best signals of {len(side.untrained)} untrained networks: {low:.3f} to {high:.3f}",
    ]
    if finding.tried > 1:
        lines[1] += f" · {finding.tried} concepts tried: a verdict multiplies p by that"
    return lines


def _drawn(finding: Finding, command: Command) -> str:
    """Return the command that draws the best neuron, so that what it tells can be seen."""
    known = (ENCODES, ENCODES_AND_USED)
    found = [one for one in finding.evidence if finding.verdict(one) in known]
    one = (found or list(finding.evidence))[0]
    signal = one.signal.name
    line = f"charrnn inspect neuron {one.signal.neuron.number}{command.options}"
    line += f" --signal {signal}" * (signal != command.signal)
    return line + " --raw" * one.hidden_by_tanh


def _row(
    finding: Finding, side: Side, half: str, one: Evidence, transfer: Transfer
) -> dict[str, Any]:
    """Return a piece of evidence with names that say what the figures are."""
    use, cut = one.use, one.thresholded
    nan = float("nan")
    key = (finding.concept.name, one.signal.neuron.number, one.signal.name)
    return {
        "concept": finding.concept.name,
        "kind": finding.concept.kind,
        "graded": finding.concept.graded,
        "reported_on": half,
        "neuron": one.signal.neuron.number,
        "layer": one.signal.neuron.layer,
        "unit": one.signal.neuron.unit,
        "signal": one.signal.name,
        "sign": one.sign,
        "measure": "spearman" if finding.concept.graded else "auroc",
        "score": one.score,
        "score_where_chosen": one.chosen_by,
        "low": one.interval[0],
        "high": one.interval[1],
        "r": one.r,
        "f1": cut.f1 if cut else nan,
        "average_precision": cut.precision if cut else nan,
        "threshold": cut.threshold if cut else nan,
        "null_p": one.p,
        "concepts_tried": finding.tried,
        "over_lexical": one.over_lexical,
        "over_lexical_low": one.over_lexical_interval[0],
        "over_untrained": one.over_untrained,
        "over_untrained_low": one.over_untrained_interval[0],
        **{f"last_{n}": value for n, value in side.lexical.items()},
        "lexical_characters": finding.learned,
        "untrained": max(side.untrained),
        "untrained_lowest": min(side.untrained),
        "prevalence": side.prevalence,
        "spans": side.spans,
        "searched": finding.searched,
        "characters": finding.characters,
        "delta_overall": use.overall if use else nan,
        "delta_on": use.on if use else nan,
        "delta_off": use.off if use else nan,
        "delta_resolving": use.resolving if use else nan,
        "like_units": use.like if use else 0,
        "like_mean": use.like_mean if use else nan,
        "like_deviation": use.like_deviation if use else nan,
        "second_text": transfer.get(key, nan),
        "verdict": finding.verdict(one, side),
    }
