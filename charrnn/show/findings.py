"""The table of the neurons that were found for a concept."""

from typing import Any

from rich.console import Console

from charrnn.neurons.activations import Signal
from charrnn.neurons.evidence import Evidence, Finding
from charrnn.show.console import say
from charrnn.show.glyphs import safe
from charrnn.show.report import Report
from charrnn.show.streams import is_unicode
from charrnn.show.units import count

Transfer = dict[tuple[str, int, str], float]
"""The score on a second text, by concept, neuron's number and signal."""

HEAD = """\
                                            over      over
neuron       signal score  95%          p   last 3 untrained     Δ on    Δ off Δ at end"""


def report(findings: list[Finding], model: str, texts: list[str], transfer: Transfer) -> Report:
    """Return the view of what was found. texts: the name of the one read, and of a second."""

    def show(console: Console) -> None:
        say(console, safe(f"{model} · {texts[0]}"))
        for finding in findings:
            console.print()
            _show(console, finding, transfer, texts[1:])

    rows = [_row(finding, one, transfer) for finding in findings for one in finding.evidence]
    return Report(show, {"model": model, "texts": texts}, rows)


def _show(console: Console, finding: Finding, transfer: Transfer, second: list[str]) -> None:
    dash = "–" if is_unicode(console.encoding) else "-"
    concept, half = finding.concept, finding.characters // 2
    on = "" if concept.graded else f" · {finding.prevalence:.1%} on, {count(finding.spans, 'span')}"
    kind = "" if concept.meaning == "" else f": {concept.meaning}"
    say(console, safe(f"{concept.name} ({concept.kind}{kind})"))
    say(
        console,
        f"{half:,} characters choose, as many report{on} · {finding.searched:,} signals searched",
    )
    if finding.refused:
        say(console, f"no verdict: {finding.refused}")
    if not finding.evidence:
        return
    score = "|r|" if concept.graded else "AUROC"
    say(console, HEAD.replace("score", f"{score:5}").rstrip())
    for one in finding.evidence:
        say(console, _line(one, dash))
        say(console, f"             {_words(finding, one, transfer, second)}")
    lexical = ", ".join(f"last {n}: {value:.3f}" for n, value in finding.lexical.items())
    say(console, f"baselines: {lexical} · best of 5 untrained networks: {finding.untrained:.3f}")
    used = [one.use for one in finding.evidence if one.use]
    if used:
        like = f"{used[0].like_mean:+.3f} ± {used[0].like_deviation:.3f}"
        say(console, f"Δ in nats a character, the unit held at its mean · 20 like units: {like}")
    elif finding.evidence:
        say(console, "nothing was held at its mean, so that use was not looked at")


def _line(one: Evidence, dash: str) -> str:
    low, high = one.interval
    gains = f"{one.over_lexical:+8.3f}{one.over_untrained:+10.3f}"
    deltas = [one.use.on, one.use.off, one.use.resolving] if one.use else []
    shown = "".join(" " * 9 if delta != delta else f"{delta:+9.3f}" for delta in deltas)
    where = f"{address(one.signal):12} {one.signal.name:6}"
    return (
        f"{where} {one.score:.3f}  {low:.3f}{dash}{high:.3f}  {one.p:6.3f}{gains}{shown}".rstrip()
    )


def address(signal: Signal) -> str:
    """Name the neuron of a signal both ways: 42 (1:42)."""
    return f"{signal.neuron.number} ({signal.neuron.layer}:{signal.neuron.unit})"


def _words(finding: Finding, one: Evidence, transfer: Transfer, second: list[str]) -> str:
    words = [finding.verdict(one)]
    if one.sign < 0:
        words.append("low values mean more" if finding.concept.graded else "low values mean on")
    moved = transfer.get((finding.concept.name, one.signal.neuron.number, one.signal.name))
    if moved is not None:
        words.append(f"{moved:.3f} on {safe(second[0])}")
    return " · ".join(words)


def _row(finding: Finding, one: Evidence, transfer: Transfer) -> dict[str, Any]:
    """Return a piece of evidence with names that say what the figures are."""
    use, cut = one.use, one.thresholded
    nan = float("nan")
    key = (finding.concept.name, one.signal.neuron.number, one.signal.name)
    return {
        "concept": finding.concept.name,
        "kind": finding.concept.kind,
        "graded": finding.concept.graded,
        "neuron": one.signal.neuron.number,
        "layer": one.signal.neuron.layer,
        "unit": one.signal.neuron.unit,
        "signal": one.signal.name,
        "sign": one.sign,
        "measure": "spearman" if finding.concept.graded else "auroc",
        "score": one.score,
        "score_on_a": one.chosen_by,
        "low": one.interval[0],
        "high": one.interval[1],
        "r": one.r,
        "f1": cut.f1 if cut else nan,
        "average_precision": cut.precision if cut else nan,
        "threshold": cut.threshold if cut else nan,
        "null_p": one.p,
        "over_last_3": one.over_lexical,
        "over_last_3_low": one.over_lexical_interval[0],
        "over_untrained": one.over_untrained,
        "over_untrained_low": one.over_untrained_interval[0],
        "last_1": finding.lexical[1],
        "last_3": finding.lexical[3],
        "untrained": finding.untrained,
        "prevalence": finding.prevalence,
        "spans": finding.spans,
        "searched": finding.searched,
        "characters": finding.characters,
        "delta_overall": use.overall if use else nan,
        "delta_on": use.on if use else nan,
        "delta_off": use.off if use else nan,
        "delta_resolving": use.resolving if use else nan,
        "like_mean": use.like_mean if use else nan,
        "like_deviation": use.like_deviation if use else nan,
        "second_text": transfer.get(key, nan),
        "verdict": finding.verdict(one),
    }
