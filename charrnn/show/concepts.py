"""Every concept in a line: its best neuron, how well it does, and whether it encodes it."""

import dataclasses
from collections.abc import Sequence

from rich.console import Console

from charrnn.neurons.activations import COLD
from charrnn.neurons.evidence import ENCODES, ENCODES_AND_USED, LEXICAL, NOTHING, Finding
from charrnn.neurons.findings import Findings
from charrnn.show import findings
from charrnn.show.commands import Command
from charrnn.show.console import say, say_names
from charrnn.show.findings import ADDRESS, WIDE, address, dash_of, drawn_by, names_width
from charrnn.show.report import Report

ORDER = (NOTHING, LEXICAL, ENCODES, ENCODES_AND_USED)
SHORT = {ENCODES: "encodes", ENCODES_AND_USED: "used"}
HEAD = f"{'by':3}{'score':>11} {'95%':>12} {'baseline':>9}  verdict"


def report(found: Findings, command: Command) -> Report:
    """Return the view of every concept, a line each, the best first; its data have all evidence."""
    order = sorted(found, key=_rank, reverse=True)

    def show(console: Console) -> None:
        say_names(console, found.model, found.texts[0])
        first = order[0]
        half = first.characters // 2
        say(
            console,
            f"chosen on {half:,} characters, tested on {half:,} others · "
            f"{first.searched:,} signals",
        )
        if first.characters < found.whole - COLD:
            say(console, f"of {found.whole:,} characters; a concept's name searches all of them")
        console.print()
        names = names_width(order)
        wide = console.width >= WIDE + names - ADDRESS or not console.is_terminal
        if wide:
            say(console, f"{'concept':14}{'neuron':{names}}{HEAD}")
        told = [one for one in order if one.evidence and not one.refused]
        for finding in told:
            for line in _summary_lines(finding, console, names if wide else 0):
                say(console, line)
        if rest := [one.concept.name for one in order if one not in told]:
            say(console, f"no verdict: {', '.join(rest)} (name one to see why)")
        console.print()
        near = "last" if names == ADDRESS else "nearest"
        say(console, f"baseline: the {near} characters, or an untrained network if it is better")
        say(console, _next(order, command))

    return dataclasses.replace(findings.report(found, command), show=show)


def _rank(finding: Finding) -> tuple[int, float]:
    """Order findings: what encodes its concept first, then by how much is over the baseline."""
    if not finding.evidence or finding.refused:
        return -1, 0.0
    best = finding.evidence[0]
    return ORDER.index(finding.verdict(best)), best.strength


def _summary_lines(finding: Finding, console: Console, names: int) -> list[str]:
    """Return a concept in one line if its neuron's names have columns there, else in several."""
    name = finding.concept.name
    one, dash = finding.evidence[0], dash_of(console)
    measure = "|r|" if finding.concept.graded else "AUROC"
    interval = f"{one.interval[0]:.3f}{dash}{one.interval[1]:.3f}"
    score, verdict = f"{measure} {one.score:.3f}", SHORT.get(finding.verdict(one), "")
    verdict = verdict or finding.verdict(one)
    if names:
        return [
            f"{name:14}{address(one.signal):{names}}{one.signal.name:3}{score:>11} {interval:>12} "
            f"{one.baseline:9.3f}  {verdict}"
        ]
    return [
        f"{name}: {verdict}",
        f"  {address(one.signal)} by {one.signal.name}",
        f"  {score} ({interval})",
        f"  baseline {one.baseline:.3f}",
    ]


def _next(order: Sequence[Finding], command: Command) -> str:
    """Return the command that draws the best neuron, or say that there is none."""
    best = order[0]
    if _rank(best)[0] >= ORDER.index(ENCODES):
        return drawn_by(best, command)
    return (
        "no neuron encodes a concept beyond its baseline; more training, or a larger network, may "
        "change that"
    )
