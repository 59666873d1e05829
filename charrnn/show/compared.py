"""Two models on one text, and one run's models after another."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from rich.console import Console

from charrnn.neurons.activations import Activations
from charrnn.neurons.evidence import ENCODES, Finding
from charrnn.neurons.matched import STRETCH, Match, Stretch
from charrnn.show.console import say
from charrnn.show.findings import address
from charrnn.show.glyphs import marked, safe
from charrnn.show.report import Report
from charrnn.show.streams import is_unicode
from charrnn.show.units import loss

MATCHES = 10


def of_two(
    models: Sequence[str],
    text_name: str,
    characters: str,
    nats: Sequence[float],
    where: tuple[list[Stretch], list[Stretch]],
    both: tuple[Activations, Activations],
    matches: Sequence[Match],
) -> Report:
    """Return the view of two models. characters: those predicted."""

    def show(console: Console) -> None:
        unicode = is_unicode(console.encoding)
        say(console, safe(f"{text_name}, {len(characters):,} characters predicted"))
        for letter, model, cost in zip("AB", models, nats, strict=True):
            say(console, safe(f"{letter}  {loss(cost)} · {model}"))
        for letter, found in zip("AB", where, strict=True):
            console.print()
            say(console, f"where {letter} is better, in nats a character over {STRETCH}")
            for one in found:
                part = characters[one.start : one.start + STRETCH]
                shown = "".join(marked(character, unicode) for character in part)
                say(console, f"  {abs(one.gain):.3f}  at {one.start + 1:>7,}  {shown[:60]}")
        console.print()
        r = np.abs([match.r for match in matches])
        say(console, f"neurons of A and the most alike of B: median |r| {np.median(r):.2f}")
        for match in matches[:MATCHES]:
            pair = [address(one.signals[n]) for one, n in zip(both, match[:2], strict=True)]
            say(console, f"  {pair[0]:12} {pair[1]:12} r {match.r:+.3f}")

    rows = [
        {
            "neuron_of_a": both[0].signals[match.of_a].neuron.number,
            "neuron_of_b": both[1].signals[match.of_b].neuron.number,
            "r": match.r,
        }
        for match in matches
    ]
    data: dict[str, Any] = {"text": text_name, "models": list(models), "nats": list(nats)}
    for letter, found in zip("ab", where, strict=True):
        data[f"{letter}_is_better"] = [{"start": 1 + s.start, "nats": abs(s.gain)} for s in found]
    return Report(show, data, rows)


def of_run(folder: str, concept: str, found: Sequence[tuple[int, float | None, Finding]]) -> Report:
    """Return the view of a concept's best neuron in each kept model of a run."""

    def show(console: Console) -> None:
        say(console, safe(f"{folder} · {concept}"))
        console.print()
        say(console, "    step  validation  neuron       signal  score  over lexical  verdict")
        for step, nats, finding in found:
            validation = "" if nats is None else f"{nats:.3f}"
            if not finding.evidence:
                say(console, f"{step:8,}  {validation:>10}  {finding.refused}")
                continue
            one = finding.evidence[0]
            say(
                console,
                f"{step:8,}  {validation:>10}  {address(one.signal):12} {one.signal.name:6} "
                f"{one.score:6.3f} {one.over_lexical:+13.3f}  {finding.verdict(one)}",
            )
        console.print()
        encoded = [step for step, _, one in found if _encodes(one)]
        say(console, f"first encoded at step {encoded[0]:,}" if encoded else "encoded by none")

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
    return Report(show, {"run": folder, "concept": concept}, rows)


def _encodes(finding: Finding) -> bool:
    return bool(finding.evidence) and finding.verdict(finding.evidence[0]) == ENCODES
