"""Two models on one text, and the models of one run, one after the other."""

from dataclasses import asdict
from typing import Any

import numpy as np
from rich.console import Console
from rich.text import Text

from charrnn.neurons.comparison import STRETCH, Comparison, Difference, Followed, Paired
from charrnn.neurons.evidence import ENCODES, Finding
from charrnn.show.console import is_picture, say, say_names, without_folders
from charrnn.show.findings import address
from charrnn.show.glyphs import marked, safe
from charrnn.show.report import Report
from charrnn.show.stdio import is_unicode
from charrnn.show.units import change, count, loss_of

MATCHES = 6  # of neurons, shown
_PLACE = "  0.123  at 123,456  "


def of_two(found: Comparison) -> Report:
    """Return the view of two models."""
    models, nats, characters = found.models, found.nats, found.characters
    where, paired = (found.a_better, found.b_better), found.paired
    counted = f"{len(characters):,} characters predicted"
    counted = count(paired.texts, "text") if paired else counted
    scored = "text" if paired else "character"
    over = f"by nats per {scored}" + f" over {STRETCH} characters" * (not paired)

    def show(console: Console) -> None:
        unicode = is_unicode(console.encoding)
        say_names(console, "two models", f"{found.text}, {counted}")
        shown = max(10, min(60, console.width - len(_PLACE)))
        for letter, model, cost in zip("AB", models, nats, strict=True):
            name = without_folders(model) if is_picture(console) else model
            say(console, safe(f"{letter}  {name}"))
            say(console, f"   {loss_of(cost, scored)}")
        if paired:
            _show_paired(console, paired)
        for letter, better in zip("AB", where, strict=True):
            console.print()
            say(console, f"where {letter} is better, {over}")
            for one in better:
                part = characters[one.start : one.start + one.length]
                line = Text("".join(marked(character, unicode) for character in part))
                line.truncate(shown)
                place = f"  {abs(one.gain):.3f}  at {one.start + 1:>7,}  "
                console.print(Text.assemble(place, line), soft_wrap=True)
        console.print()
        r = np.abs([match.r for match in found.matches])
        say(console, f"each neuron of A and the most similar of B: median |r| {np.median(r):.2f}")
        for match in found.matches[:MATCHES]:
            a, b = address(match.of_a), address(match.of_b)
            say(console, f"  {a:12} {b:12} r {_change(match.r, unicode)}")

    rows = [
        {
            "neuron_of_a": match.of_a.neuron.number,
            "neuron_of_b": match.of_b.neuron.number,
            "r": match.r,
        }
        for match in found.matches
    ]
    data: dict[str, Any] = {"text": found.text, "models": list(models), "nats": list(nats)}
    for letter, better in zip("ab", where, strict=True):
        data[f"{letter}_is_better"] = [{"start": 1 + s.start, "nats": abs(s.gain)} for s in better]
    if paired:
        data["paired"] = asdict(paired)
    return Report(show, data, rows)


def _show_paired(console: Console, paired: Paired) -> None:
    """Print by how much A differs from B on the same texts, and how often each alone is right."""
    unicode = is_unicode(console.encoding)

    def shown(one: Difference, scale: float, digits: int) -> str:
        mean, low, high = (
            change(scale * value, digits, unicode) for value in (one.mean, one.low, one.high)
        )
        return f"{mean} (95% {low} to {high})"

    a, b = paired.accuracy
    neither = paired.texts - paired.both - paired.only_a - paired.only_b
    say(console, f"accuracy A {a:.1%}, B {b:.1%}")
    say(console, f"A minus B: loss {shown(paired.loss, 1, 3)} nats per text")
    say(console, f"           accuracy {shown(paired.right, 100, 1)} points")
    say(
        console,
        f"right: both {paired.both:,}, A alone {paired.only_a:,}, B alone {paired.only_b:,}, "
        f"neither {neither:,}",
    )


def of_run(followed: Followed) -> Report:
    """Return the view of a concept's best neuron in each kept model of a run."""
    found = [(one.step, one.validation_nats, one.finding) for one in followed.kept]

    def show(console: Console) -> None:
        say_names(console, followed.run, followed.concept)
        console.print()
        unicode = is_unicode(console.encoding)
        _row(console, f"{'step':>9} {'loss':>6}  {'neuron':14} {'score':>6} {'gain':>7}", "verdict")
        for step, nats, finding in found:
            begins = f"{step:9,} {'–' if nats is None else f'{nats:.3f}':>6}"
            if not finding.evidence:
                _row(console, begins, finding.refused)
                continue
            one = finding.evidence[0]
            figures = f"{one.score:6.3f} {_change(one.over_lexical, unicode):>7}"
            neuron = f"{one.signal.name} {address(one.signal)}"
            _row(console, f"{begins}  {neuron:14} {figures}", finding.verdict(one))
        console.print()
        say(
            console,
            f"loss: validation, nats per {followed.scored}; gain: over the lexical baseline",
        )
        encoded = [step for step, _, one in found if _encodes(one)]
        none = "encoded by no model of the run"
        say(console, f"first encoded at step {encoded[0]:,}" if encoded else none)

    rows = [
        {
            "step": step,
            "validation_nats": float("nan") if nats is None else nats,
            "neuron": one.signal.neuron.number,
            "signal": one.signal.name,
            "score": one.score,
            "over_lexical": one.over_lexical,
            "verdict": finding.verdict(one),
        }
        for step, nats, finding in found
        for one in finding.evidence[:1]
    ]
    return Report(show, {"run": followed.run, "concept": followed.concept}, rows)


def _change(value: float, unicode: bool) -> str:
    """Show a difference or a correlation with its sign: −0.123."""
    number = f"{value:+.3f}"
    return number.replace("-", "−") if unicode else number


def _row(console: Console, figures: str, verdict: str) -> None:
    """Print a row, with its verdict on a line of its own where the window is narrow."""
    if len(figures) + len(verdict) + 2 <= console.width:
        console.print(f"{figures}  {verdict}", soft_wrap=True)
    else:
        console.print(figures, soft_wrap=True)
        say(console, f"          {verdict}")


def _encodes(finding: Finding) -> bool:
    return bool(finding.evidence) and finding.verdict(finding.evidence[0]) == ENCODES
