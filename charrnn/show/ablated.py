"""What a text costs without some neurons."""

from typing import Any, NamedTuple

from rich.console import Console

from charrnn.neurons.address import Neuron
from charrnn.show.console import say
from charrnn.show.glyphs import safe
from charrnn.show.report import Report
from charrnn.show.units import count

COLUMNS = ("overall", "on", "off", "resolving")


class Row(NamedTuple):
    """A group of neurons, what holding it costs, and so many units like its first one."""

    neurons: str
    costs: dict[str, float]
    like: int
    means: dict[str, float]
    deviations: dict[str, float]


def report(rows: list[Row], model: str, text: str, what: str) -> Report:
    """Return the view."""

    def show(console: Console) -> None:
        say(console, safe(f"{model} · {text}"))
        say(console, safe(what))
        console.print()
        say(
            console, f"{'held at their means':32}{'overall':>10}{'on':>10}{'off':>10}{'at end':>10}"
        )
        for row in rows:
            say(console, _line(safe(row.neurons), row.costs))
            if row.like:
                like = (
                    count(row.like, "like unit") if "," not in row.neurons else "single like units"
                )
                say(console, _line(f"  {like}, mean", row.means))
                say(console, _line("  their standard deviation", row.deviations))
            else:
                say(console, "  no other unit varies as it does")
        console.print()
        say(
            console,
            "in nats a character more than with nothing held; a small one is no proof of absence",
        )

    data = {"model": model, "text": text, "concept": what}
    return Report(show, data, [_data(row) for row in rows])


def _line(name: str, values: dict[str, float]) -> str:
    numbers = [values[column] for column in COLUMNS]
    shown = "".join(" " * 10 if value != value else f"{value:+10.4f}" for value in numbers)
    return f"{name:32}{shown}".rstrip()


def _data(row: Row) -> dict[str, Any]:
    """Return a row with names that say what the figures are."""
    like = {
        f"like_{name}_{column}": values[column]
        for name, values in (("mean", row.means), ("deviation", row.deviations))
        for column in COLUMNS
    }
    return {"neurons": row.neurons} | row.costs | {"like_units": row.like} | like


def named(neurons: list[Neuron]) -> str:
    """Name a group of neurons: 42 (1:42), 170 (2:42)."""
    return ", ".join(f"{one.number} ({one.layer}:{one.unit})" for one in neurons)
