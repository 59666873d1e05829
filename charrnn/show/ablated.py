"""The loss that a text has more without some neurons."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from rich.console import Console

from charrnn.neurons.address import Neuron
from charrnn.neurons.use import Ablations
from charrnn.show.console import say, say_names
from charrnn.show.glyphs import safe
from charrnn.show.report import Report
from charrnn.show.units import count

COLUMNS = {"overall": "overall", "on": "on", "off": "off", "resolving": "at end"}
NAME, NUMBER = 38, 10  # columns of the window
NARROW = NAME + len(COLUMNS) * NUMBER  # below which figures stand under their name


class Row(NamedTuple):
    """A group of neurons, the loss that ablating it adds, and that `like` control groups add."""

    neurons: str
    costs: dict[str, float]
    like: int
    means: dict[str, float]
    deviations: dict[str, float]


def report_of(found: Ablations) -> Report:
    """Return the view of what was held."""
    names = map(named, found.groups)
    rows = [Row(name, *costs) for name, costs in zip(names, found.costs, strict=True)]
    what = f"{found.counted:,} characters, in eight parts of the text · "
    what += found.concept or "no concept: --concept says where to look"
    return report(rows, found.model, found.text, what)


def report(rows: list[Row], model: str, text: str, what: str) -> Report:
    """Return the view."""

    def show(console: Console) -> None:
        say_names(console, model, text)
        say(console, safe(what))
        console.print()
        _line(console, "ablated (held at the mean)", list(COLUMNS.values()))
        for row in rows:
            _line(console, safe(row.neurons), _figures(row.costs))
            if row.like:
                _line(console, f"  {_controls(row)}, mean", _figures(row.means))
                _line(console, "  their standard deviation", _figures(row.deviations, sign=""))
            else:
                say(console, "  no matched control units: too few units vary as much")
        console.print()
        say(console, "nats per character added to the loss; on, off, at end: where the concept is")
        say(console, "a small value does not prove that a neuron is unused")

    data = {"model": model, "text": text, "concept": what}
    return Report(show, data, [_data(row) for row in rows])


def _controls(row: Row) -> str:
    """Say what a row is compared with: single units, or groups of as many."""
    size = row.neurons.count(",") + 1
    if size == 1:
        return count(row.like, "matched control unit")
    return f"{count(row.like, 'matched control group')} of {size}"


def _figures(values: dict[str, float], sign: str = "+") -> list[str]:
    """Show the value of each column, – where there is none."""
    numbers = [values[column] for column in COLUMNS]
    return ["–" if value != value else f"{value:{sign}.4f}" for value in numbers]


def _line(console: Console, name: str, cells: list[str]) -> None:
    """Print a row of the table, in two lines where the window is narrow or the name long."""
    numbers = "".join(f"{cell:>{NUMBER}}" for cell in cells)
    if console.width < NARROW or len(name) > NAME:
        say(console, name)
        name = ""
    console.print(f"{name:{NAME if console.width >= NARROW else 0}}{numbers}", soft_wrap=True)


def _data(row: Row) -> dict[str, Any]:
    """Return a row with names that say what the figures are."""
    like = {
        f"like_{name}_{column}": values[column]
        for name, values in (("mean", row.means), ("deviation", row.deviations))
        for column in COLUMNS
    }
    return {"neurons": row.neurons} | row.costs | {"like_units": row.like} | like


def named(neurons: Sequence[Neuron]) -> str:
    """Name a group of neurons: 42 (1:42), 170 (2:42)."""
    return ", ".join(one.both_names for one in neurons)
