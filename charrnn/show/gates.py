"""Gates as a table, and as a triangle in which each unit is a point."""

from typing import Any

import numpy as np
from rich.console import Console

from charrnn.neurons.gates import Gates, Matrix, Saturation
from charrnn.show.console import say
from charrnn.show.glyphs import safe
from charrnn.show.report import Report
from charrnn.show.streams import is_unicode

HEIGHT, WIDTH = 10, 40  # of the triangle
UNITS = 5  # named at either end


def report(gates: Gates, model: str, text: str) -> Report:
    """Return the view of a network's gates on a text."""

    def show(console: Console) -> None:
        say(console, safe(f"{model} · {text}"))
        say(console, _living(gates))
        for saturation in gates.saturations:
            for layer in range(len(saturation.left)):
                console.print()
                _show(console, saturation, layer)
        if gates.time_constants is not None:
            console.print()
            _show_constants(console, gates)

    return Report(show, {"model": model, "text": text, "keeper": gates.keeper}, _rows(gates))


def _living(gates: Gates) -> str:
    """Say how many units are dead, and which, where they are few."""
    dead = np.flatnonzero(gates.dead)
    said = f"{len(dead):,} of {gates.dead.size:,} units dead: constant over the text"
    named = ", ".join(map(str, dead[:UNITS])) + ", …" * (len(dead) > UNITS)
    return f"{said}: {named}" if len(dead) else said


def _show(console: Console, saturation: Saturation, layer: int) -> None:
    left, right = saturation.left[layer], saturation.right[layer]
    say(console, f"layer {layer + 1} · {saturation.gate}, {saturation.meaning}")
    say(
        console,
        f"left-saturated {left.mean():.1%} of the time, right-saturated {right.mean():.1%}, "
        f"mean {saturation.mean[layer].mean():.2f} · "
        f"{(right > 0.9).sum()} of {len(right)} units nearly always right, "
        f"{(left > 0.9).sum()} nearly always left",
    )
    for line in triangle(left, right, is_unicode(console.encoding)):
        console.print(f"  {line}".rstrip(), soft_wrap=True)


def triangle(left: Matrix, right: Matrix, unicode: bool) -> list[str]:
    """Return the lines of a picture: how often a unit is right- (across) and left-saturated (up).

    A cell's mark says how many units are there; nothing can be above the line from corner to
    corner, where the two make up all of the time.
    """
    marks = " ·∘•●" if unicode else " .:*#"
    counts = np.zeros((HEIGHT, WIDTH), int)
    rows = np.minimum((left * HEIGHT).astype(int), HEIGHT - 1)
    columns = np.minimum((right * WIDTH).astype(int), WIDTH - 1)
    np.add.at(counts, (rows, columns), 1)
    edge, bottom, corner = ("╲", "─", "└") if unicode else ("\\", "-", "+")
    lines = []
    for row in reversed(range(HEIGHT)):
        cells = "".join(
            marks[min(len(marks) - 1, int(np.ceil(np.sqrt(one))))] for one in counts[row]
        )
        limit = WIDTH - row * WIDTH // HEIGHT
        if cells[limit - 1 :].strip() == "":
            cells = cells[: limit - 1] + edge
        lines.append(
            f"{'1' if row == HEIGHT - 1 else ' '}│{cells.rstrip()}" if unicode else f" |{cells}"
        )
    return [*lines, f"0{corner}{bottom * WIDTH} 1  right-saturated (up: left-saturated)"]


def _show_constants(console: Console, gates: Gates) -> None:
    constants = gates.time_constants
    assert constants is not None
    flat = constants.reshape(-1)
    order = np.argsort(flat, kind="stable")
    hidden = constants.shape[1]

    def named(units: Any) -> str:
        return ", ".join(
            f"{one} ({one // hidden + 1}:{one % hidden}) {flat[one]:,.3g}" for one in units
        )

    say(console, f"time constants, -1 / mean(ln {gates.keeper}), in characters")
    for layer, row in enumerate(constants):
        say(console, f"  layer {layer + 1}: median {np.median(row):,.3g}, longest {row.max():,.3g}")
    say(console, f"  most integrating: {named(order[::-1][:UNITS])}")
    say(console, f"  most forgetful: {named(order[:UNITS])}")


def _rows(gates: Gates) -> list[dict[str, Any]]:
    """Return a row for each unit and gate."""
    constants = gates.time_constants
    return [
        {
            "gate": one.gate,
            "layer": layer + 1,
            "unit": unit,
            "neuron": layer * one.left.shape[1] + unit,
            "left": float(one.left[layer, unit]),
            "right": float(one.right[layer, unit]),
            "mean": float(one.mean[layer, unit]),
            "time_constant": float("nan") if constants is None else float(constants[layer, unit]),
            "deviation": float(gates.deviations[layer, unit]),
        }
        for one in gates.saturations
        for layer, unit in np.ndindex(*one.left.shape)
    ]
