"""The unit of a language model that tells a label, with the evidence."""

from typing import Any

from rich.console import Console

from charrnn.intervals import Tallies
from charrnn.neurons.evidence import ENCODES, REFUSED
from charrnn.neurons.label_units import LabelUnit, LabelUnits
from charrnn.show.commands import Command
from charrnn.show.console import say, say_names
from charrnn.show.findings import address, dash_of
from charrnn.show.glyphs import safe
from charrnn.show.labels import in_percent, measure, to_three
from charrnn.show.report import Report
from charrnn.show.units import count

HEAD = f"{'neuron':12} by AUROC {'95%':11} {'p':6}  baseline"


def report(found: LabelUnits, command: Command) -> Report:
    """Return the view; its table has a row a label and half."""

    def show(console: Console) -> None:
        first, dash = found.forward[0], dash_of(console)
        other = found.backward[0].of
        say_names(console, found.model, found.data)
        say(
            console,
            f"the state after each text's last character · {found.searched:,} signals\n"
            f"A chooses: {count(other, 'text')}, B tests: another {first.of:,}; then B chooses",
        )
        for one, back in zip(found.forward, found.backward, strict=True):
            console.print()
            say(console, safe(f"{one.label}: {one.texts:,} texts of B, {back.texts:,} of A"))
            if one.refused or back.refused:
                say(console, f"no verdict: {one.refused or back.refused}")
                continue
            say(console, HEAD)
            for half in (one, back):
                for line in _lines(half, dash):
                    say(console, line)
        console.print()
        say(console, "baseline: the best of length, last 1, 3 and 8 characters, untrained networks")
        for line in _probe(found):
            say(console, line)
        known = [one for one in found.forward if one.verdict == ENCODES]
        for one in known[:1]:
            drawn = command.draws(one.signal.neuron.number, one.signal.name)
            say(console, drawn)

    rows = [_row(one) for both in zip(found.forward, found.backward, strict=True) for one in both]
    both = {"trained": found.probe.trained, "untrained": found.probe.untrained}
    probe: dict[str, Any] = {
        name: {**tallies.values, "intervals": tallies.intervals} for name, tallies in both.items()
    }
    data = {
        "data": found.data,
        "searched": found.searched,
        "probe": probe | {"commonest_label": found.probe.usual},
    }
    return Report(show, data, rows)


def _lines(one: LabelUnit, dash: str) -> list[str]:
    """Return the figures of a unit, its verdict and what it is measured against."""
    low, high = one.interval
    name, best = max(one.baselines.items(), key=lambda item: item[1])
    interval = f"{low:.3f}{dash}{high:.3f}"
    figures = f"{one.score:.3f} {interval} {one.p:.4f}  {best:.3f} ({name})"
    way = "down" if one.sign < 0 else "up"
    words = [one.verdict, *["inverted"] * (one.sign < 0)]
    words.append(f"F1 {one.f1:.3f} from {one.sign * one.threshold:+.3f} {way}")
    words.append(f"{one.reported_on} tests")
    return [f"{address(one.signal):12} {one.signal.name:2} {figures}", "  " + " · ".join(words)]


def _probe(found: LabelUnits) -> list[str]:
    """Return what a probe of all units tells of the label."""

    def told(tallies: Tallies) -> str:
        accuracy = measure(tallies, "accuracy", in_percent)
        return f"accuracy {accuracy}, macro-F1 {measure(tallies, 'macro_f1', to_three)}"

    return [
        "all units by logistic regression, fitted on A, tested on B:",
        f"  {told(found.probe.trained)}",
        f"  untrained network: {told(found.probe.untrained)}",
        f"  always the commonest label: accuracy {found.probe.usual:.1%}",
    ]


def _row(one: LabelUnit) -> dict[str, Any]:
    """Return a unit with names that say what the figures are."""
    missing = one.verdict == REFUSED
    names = {name.replace(" ", "_"): value for name, value in one.baselines.items()}
    over = {f"over_{name.replace(' ', '_')}_low": low for name, (low, _) in one.over.items()}
    return {
        "label": one.label,
        "reported_on": one.reported_on,
        "texts": one.texts,
        "of": one.of,
        **({"neuron": None} if missing else one.signal.neuron.as_json),
        "signal": None if missing else one.signal.name,
        "sign": one.sign,
        "threshold": one.threshold,
        "score": one.score,
        "score_where_chosen": one.chosen_by,
        "low": one.interval[0],
        "high": one.interval[1],
        "f1": one.f1,
        "null_p": one.p,
        "labels_tried": one.tried,
        **names,
        **over,
        "refused": one.refused,
        "verdict": one.verdict,
    }
