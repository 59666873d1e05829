"""Gates as a table, and as a triangle in which each unit is a point."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console

from charrnn.neurons.gates import Gates, Matrix, Saturation
from charrnn.show.chart import Panel, Series, svg
from charrnn.show.console import is_picture, say, say_names, without_folders
from charrnn.show.report import Report
from charrnn.show.stdio import is_unicode

HEIGHT, WIDTH = 5, 20  # of a triangle, in rows and columns
DEAD, LONGEST = 5, 3  # units named
NEARLY = 0.9  # of the characters, from which a unit is nearly always saturated
PANEL = (275, 275)  # pixels


def report(gates: Gates, model: str, text: str) -> Report:
    """Return the view of a network's gates on a text."""

    def show(console: Console) -> None:
        say_names(console, model, text)
        say(console, _living(gates))
        if not is_picture(console):  # the chart shows it better
            say(console, _HOW.format(_low(gates)))
            for layer in range(len(gates.deviations)):
                _show(console, gates.saturations, layer)
        if gates.time_constants is not None:
            console.print()
            _show_constants(console, gates)

    data = {"model": model, "text": text, "keeper": gates.keeper}
    return Report(show, data, _rows(gates), lambda: picture(gates, model, text))


_HOW = "each point is a unit: across, how often it is above 0.9; up, how often below {}"


def _living(gates: Gates) -> str:
    """Say how many units are dead, and which, where they are few."""
    dead = np.flatnonzero(gates.dead)
    said = f"{len(dead):,} of {gates.dead.size:,} units dead: constant over the text"
    named = ", ".join(map(str, dead[:DEAD])) + ", …" * (len(dead) > DEAD)
    return f"{said}: {named}" if len(dead) else said


def _show(console: Console, saturations: Sequence[Saturation], layer: int) -> None:
    """Print the triangles of a layer side by side, and how many units are at their corners."""
    unicode = is_unicode(console.encoding)
    panels = [_panel(one, layer, unicode) for one in saturations]
    beside = max(1, console.width // (WIDTH + 6))
    for first in range(0, len(panels), beside):
        for parts in zip(*panels[first : first + beside], strict=True):
            console.print(
                "  ".join(f"{part:<{WIDTH + 4}}" for part in parts).rstrip(), soft_wrap=True
            )
    corners = [
        f"{one.gate} {(one.right[layer] > NEARLY).sum()}, {(one.left[layer] > NEARLY).sum()}"
        for one in saturations
    ]
    say(console, f"units nearly always saturated, right and left: {' · '.join(corners)}")


def _panel(saturation: Saturation, layer: int, unicode: bool) -> list[str]:
    """Return the lines of a triangle, named, with its means where no point can be."""
    left, right = saturation.left[layer], saturation.right[layer]
    lines = triangle(left, right, unicode)
    notes = [
        f"right {right.mean():.0%}",
        f"left {left.mean():.0%}",
        f"mean {saturation.mean[layer].mean():.2f}",
    ]
    for row, note in enumerate(notes):
        lines[row] = f"{lines[row]:<{WIDTH + 3 - len(note)}}{note}"
    return [f"layer {layer + 1}, {_name(saturation)}", *lines]


def _name(saturation: Saturation) -> str:
    """Name a gate: forget gate f."""
    return f"{saturation.meaning.partition(';')[0]} {saturation.gate}"


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
    edge, side, bottom, corner = "╲│─└" if unicode else "\\|-+"
    lines = []
    for row in reversed(range(HEIGHT)):
        cells = "".join(
            marks[min(len(marks) - 1, int(np.ceil(np.sqrt(one))))] for one in counts[row]
        )
        limit = WIDTH - row * WIDTH // HEIGHT
        if cells[limit - 1 :].strip() == "":
            cells = cells[: limit - 1] + edge
        lines.append(f"{'1' if row == HEIGHT - 1 else ' '}{side}{cells.rstrip()}")
    return [*lines, f"0{corner}{bottom * WIDTH} 1"]


def _show_constants(console: Console, gates: Gates) -> None:
    """Print how long units remember."""
    constants = gates.time_constants
    assert constants is not None
    flat = constants.reshape(-1)
    order = np.argsort(flat, kind="stable")

    def named(units: npt.NDArray[np.intp]) -> str:
        return " · ".join(
            f"{gates.neurons[one].both_names} {_characters(flat[one])}" for one in units
        )

    medians = [_characters(float(np.median(row))) for row in constants]
    by_layer = [f"layer {layer} {one}" for layer, one in enumerate(medians, start=1)]
    say(
        console,
        f"time constants, -1 / mean(ln {gates.keeper}) characters: median {', '.join(by_layer)}",
    )
    say(console, f"  longest memory: {named(order[::-1][:LONGEST])}")
    say(console, f"  shortest memory: {named(order[:LONGEST])}")


def _characters(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def picture(gates: Gates, model: str, text: str) -> str:
    """Return the scatter of Karpathy, Johnson & Li (2015) as an SVG chart, one panel a gate."""
    panels = [
        Panel(
            _name(saturation),
            "right-saturated: fraction above 0.9",
            f"left-saturated: fraction below {_low(gates)}",
            [
                Series(f"layer {layer}", list(zip(*shares, strict=True)), line=False)
                for layer, shares in enumerate(
                    zip(saturation.right.tolist(), saturation.left.tolist(), strict=True), start=1
                )
            ],
            (0.0, 1.0),
            (0.0, 1.0),
            limit=((0, 1), (1, 0)),
        )
        for saturation in gates.saturations
    ]
    title = f"{'Gate' if gates.keeper else 'Output'} saturation, {without_folders(model)}"
    return svg(title, [f"each point is a unit · {without_folders(text)}"], panels, PANEL)


def _low(gates: Gates) -> str:
    """Return the value below which a signal is left-saturated."""
    return "0.1" if gates.keeper else "−0.9"


def _rows(gates: Gates) -> list[dict[str, Any]]:
    """Return a row for each unit and gate."""
    constants = gates.time_constants
    return [
        {
            "gate": one.gate,
            "layer": neuron.layer,
            "unit": neuron.unit,
            "neuron": neuron.number,
            **({"direction": neuron.direction} if neuron.direction else {}),
            "left": float(one.left[layer, unit]),
            "right": float(one.right[layer, unit]),
            "mean": float(one.mean[layer, unit]),
            "time_constant": float("nan") if constants is None else float(constants[layer, unit]),
            "deviation": float(gates.deviations[layer, unit]),
        }
        for one in gates.saturations
        for (layer, unit), neuron in zip(np.ndindex(*one.left.shape), gates.neurons, strict=True)
    ]
