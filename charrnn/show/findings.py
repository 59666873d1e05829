"""The table of the neurons that were found for a concept."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console

from charrnn.neurons.activations import Signal
from charrnn.neurons.evidence import (
    ENCODES,
    ENCODES_AND_USED,
    Evidence,
    Finding,
    Side,
)
from charrnn.neurons.findings import Findings, Transfer
from charrnn.show.commands import Command
from charrnn.show.console import say, say_names
from charrnn.show.glyphs import safe
from charrnn.show.report import Report
from charrnn.show.stdio import is_unicode
from charrnn.show.units import count

WIDE = 80  # columns that the tables need; a narrower terminal gets lines
ADDRESS, LONGER = (
    12,
    8,
)  # columns of a neuron's names, and those more that a direction needs, or a part
HEAD = (
    f"{'over':>9}{'over':>10}{'Δ':>7}{'Δ':>7}{'Δ':>7}",
    f"{'by':3}score {'95%':11} {'p':6}{'lexical':>9}{'untrained':>10}"
    f"{'on':>7}{'off':>7}{'at end':>7}",
)


def report(found: Findings, command: Command) -> Report:
    """Return the view of what was found, with all the evidence."""
    findings, transfer, texts = found.found, found.transfer, list(found.texts)

    def show(console: Console) -> None:
        say_names(console, found.model, texts[0])
        for finding in findings:
            console.print()
            _show(console, finding, found, command)

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
    return Report(show, {"model": found.model, "texts": texts, "concepts": concepts}, rows)


def dash_of(console: Console) -> str:
    """Return what stands between the ends of an interval."""
    return "–" if is_unicode(console.encoding) else "-"


def _show(console: Console, finding: Finding, found: Findings, command: Command) -> None:
    concept = finding.concept
    kind = "" if concept.meaning == "" else f": {concept.meaning}"
    say(console, safe(f"{concept.name} ({concept.kind}{kind})"))
    say(console, _halves(finding))
    if finding.refused:
        say(console, f"no verdict: {finding.refused}")
    if not finding.evidence:
        return
    names = names_width([finding])
    wide = console.width >= WIDE + names - ADDRESS or not console.is_terminal
    if wide:
        score = "|r|" if concept.graded else "AUROC"
        say(console, f"{'':{names + 28}}{HEAD[0]}")
        say(console, f"{'neuron':{names}} {HEAD[1].replace('score', f'{score:5}')}")
    for one in finding.evidence:
        for line in _lines(one, dash_of(console), names if wide else 0):
            say(console, line)
        say(console, f"  {_words(finding, one, found.transfer, found.texts[1:])}")
    for line in (*_reverse(finding, dash_of(console)), *_baselines(finding)):
        say(console, line)
    if any(one.sign < 0 for one in finding.evidence):
        more = "there is more of it" if concept.graded else "the concept is present"
        say(console, f"inverted: the neuron's value is low where {more}")
    if any(one.use for one in finding.evidence):
        per_text = found.scored == "text" or finding.evidence[0].signal.neuron.stack == "encoder"
        where = (
            "on, off: texts with the concept, without" if per_text else "eight parts of the text"
        )
        say(console, f"Δ: nats per {found.scored} with the unit held at its mean ({where})")
    else:
        say(console, "ablation skipped: whether the neuron is used was not tested")
    say(console, drawn_by(finding, command))


def _halves(finding: Finding) -> str:
    """Say how much text chooses and tests, and how much of the concept is in each half."""
    half = finding.characters // 2
    line = f"A chooses: {half:,} characters, B tests: another {half:,}"
    if not finding.concept.graded:
        a, b = finding.backward, finding.forward
        spans = count(b.spans, "span")
        line += f" · present in {a.prevalence:.1%} of A and {b.prevalence:.1%} of B, {spans}"
        line += ", unevenly spread" if finding.uneven else ""
    return f"{line} · {finding.searched:,} signals"


def names_width(found: Iterable[Finding]) -> int:
    """Return how many columns the names of neurons take: more where they have a direction."""
    sides = (side for one in found for side in (one.forward, one.backward))
    neurons = [one.signal.neuron for side in sides for one in side.evidence]
    longer = LONGER * any(one.direction for one in neurons)
    return ADDRESS + longer + LONGER * any(one.stack for one in neurons)


def _lines(one: Evidence, dash: str, names: int) -> list[str]:
    """Return the figures of a neuron, in one line if its names have columns there."""
    low, high = one.interval
    interval = f"{low:.3f}{dash}{high:.3f}"
    deltas = [one.use.on, one.use.off, one.use.resolving] if one.use else []
    if names:
        gains = f"{one.over_lexical:+9.3f}{one.over_untrained:+10.3f}"
        shown = "".join(f"{_delta(delta):>7}" for delta in deltas)
        where = f"{address(one.signal):{names}} {one.signal.name:2}"
        return [f"{where} {one.score:.3f} {interval} {_p(one.p):6}{gains}{shown}".rstrip()]
    lines = [
        f"{address(one.signal)} by {one.signal.name}: {one.score:.3f} ({interval})",
        f"  p {_p(one.p).strip()}",
        f"  over lexical {one.over_lexical:+.3f}",
        f"  over untrained {one.over_untrained:+.3f}",
    ]
    return lines + [
        f"  Δ {name} {_delta(delta)}"
        for name, delta in zip(("on", "off", "at end"), deltas, strict=False)
    ]


def _delta(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:+.3f}"


def _p(value: float) -> str:
    return f"{value:.4f}" if value < 0.1 else f"{value:.3f} "


def address(signal: Signal) -> str:
    """Name the neuron of a signal by number and address: 42 (1:42)."""
    return signal.neuron.both_names


def _words(finding: Finding, one: Evidence, transfer: Transfer, second: Sequence[str]) -> str:
    words = [finding.verdict(one)]
    if one.sign < 0:
        words.append("inverted")
    if one.use and one.use.like:
        like = f"{one.use.like_mean:+.3f} ± {one.use.like_deviation:.3f}"
        where = "on" if math.isnan(one.use.resolving) else "at end"
        words.append(f"{count(one.use.like, 'matched unit')}: Δ {where} {like}")
    moved = transfer.get((finding.concept.name, one.signal.neuron.number, one.signal.name))
    if moved is not None:
        words.append(f"{moved:.3f} on {safe(second[0])}")
    return " · ".join(words)


def _reverse(finding: Finding, dash: str) -> list[str]:
    """Say what B chooses and A tests."""
    side = finding.backward
    if side.refused:
        return [f"B chooses, A tests: no verdict, {side.refused}"]
    lines = ["B chooses, A tests:"]
    names = names_width([finding])
    for one in side.evidence:
        low, high = one.interval
        where = f"{address(one.signal):{names}} {one.signal.name:2}"
        interval = f"{low:.3f}{dash}{high:.3f}"
        lines.append(
            f"{where} {one.score:.3f} {interval} {_p(one.p):6}  {finding.verdict(one, side)}"
        )
    return lines


def _baselines(finding: Finding) -> list[str]:
    side = finding.forward
    lexical = ", ".join(f"{name} {value:.3f}" for name, value in side.lexical.items())
    source = f"{finding.learned:,} characters of training text" if finding.learned else "half A"
    low, high = min(side.untrained), max(side.untrained)
    lines = [
        f"lexical, from {source}: {lexical}",
        f"best signals of {len(side.untrained)} untrained networks: {low:.3f} to {high:.3f}",
    ]
    if finding.tried > 1:
        lines[1] += f" · {finding.tried} concepts tried: a verdict multiplies p by that"
    return lines


def drawn_by(finding: Finding, command: Command) -> str:
    """Return the command that draws the best neuron, so that its concept can be seen."""
    known = (ENCODES, ENCODES_AND_USED)
    found = [one for one in finding.evidence if finding.verdict(one) in known]
    one = (found or list(finding.evidence))[0]
    return command.draws(one.signal.neuron.number, one.signal.name, one.hidden_by_tanh)


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
        **one.signal.neuron.as_json,
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
        **{name.replace(" ", "_"): value for name, value in side.lexical.items()},
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
