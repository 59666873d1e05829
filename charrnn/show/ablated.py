"""What a text costs without some neurons."""

from typing import Any

from rich.console import Console

from charrnn.neurons.address import Neuron
from charrnn.show.console import say
from charrnn.show.glyphs import safe
from charrnn.show.report import Report

COLUMNS = ("overall", "on", "off", "resolving")


def report(
    rows: list[dict[str, Any]],
    like: dict[str, tuple[float, float]],
    model: str,
    text: str,
    what: str,
) -> Report:
    """Return the view. rows: a group of neurons each, with `COLUMNS`. like: of units like them."""

    def show(console: Console) -> None:
        say(console, safe(f"{model} · {text}"))
        say(console, safe(what))
        console.print()
        say(
            console, f"{'held at their means':32}{'overall':>10}{'on':>10}{'off':>10}{'at end':>10}"
        )
        for row in rows:
            say(console, _line(safe(row["neurons"]), [row[name] for name in COLUMNS]))
        for place, name in enumerate(("20 like units, mean", "their standard deviation")):
            say(console, _line(name, [like[column][place] for column in COLUMNS]))
        console.print()
        say(
            console,
            "in nats a character more than with nothing held; a small one is no proof of absence",
        )

    data = {"model": model, "text": text, "concept": what}
    return Report(show, data | {"like": {name: list(two) for name, two in like.items()}}, rows)


def _line(name: str, values: list[float]) -> str:
    shown = "".join(" " * 10 if value != value else f"{value:+10.4f}" for value in values)
    return f"{name:32}{shown}".rstrip()


def named(neurons: list[Neuron]) -> str:
    """Name a group of neurons: 42 (1:42), 170 (2:42)."""
    return ", ".join(f"{one.number} ({one.layer}:{one.unit})" for one in neurons)
