"""Loss curves: in characters, drawn by plotext, and as a chart."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from itertools import cycle
from pathlib import Path
from typing import Any

import plotext
from rich.console import Console
from rich.text import Text

from charrnn.curves import Course, Curve
from charrnn.show.chart import Axis, Panel, Series, axis, svg
from charrnn.show.console import is_picture, say, say_names
from charrnn.show.report import Report
from charrnn.show.stdio import is_unicode
from charrnn.show.units import best, duration, loss_of

HEIGHT = 17  # rows
WIDEST = 100  # columns
POINTS = 60  # of a training curve, which is noisy
SKIPPED = 0.05  # of a run, at its start, whose steep fall would flatten all the rest
PLAIN = str.maketrans("┌┐└┘─│┤┬├┴┼", "++++-|++++" + "+")
MARKS, PLAIN_MARKS = "●▲■◆○", "ox#+%"
APART, ROWS_APART = 9, 2  # columns and rows between two ticks, at least
CHART = (620, 340)  # pixels


def curves_of(courses: Sequence[Course]) -> dict[str, Curve]:
    """Return what is drawn: of one run both losses, of several their validation losses."""
    if len(courses) == 1:
        training, validation = courses[0].training.smoothed(POINTS), courses[0].validation
        both = {"training": training, "validation": validation}
        return {name: curve for name, curve in both.items() if curve.nats}
    return {
        course.name: course.validation
        if course.validation.nats
        else course.training.smoothed(POINTS)
        for course in courses
    }


def report(courses: Sequence[Course], minutes: bool) -> Report:
    """Return the view of one run, or of several."""
    rows = [
        {"run": course.name, "loss": part, "step": step, "seconds": seconds, "nats": nats}
        for course in courses
        for part, curve in (("training", course.training), ("validation", course.validation))
        for step, seconds, nats in zip(curve.steps, curve.seconds, curve.nats, strict=True)
    ]
    return Report(
        lambda console: show_courses(console, courses, minutes, is_unicode(console.encoding)),
        {"runs": [_data(course) for course in courses]},
        rows,
        lambda: picture(courses, minutes),
        tabular=False,
    )


def _data(course: Course) -> dict[str, Any]:
    """Return a course in JSON; what its losses are means over, where that is no character."""
    fields = asdict(course)
    if course.scored == "character":
        del fields["scored"]
    return fields


def _nats(courses: Sequence[Course]) -> str:
    """Name the unit of the losses, or the units."""
    return f"nats per {' or '.join(sorted({course.scored for course in courses}))}"


def show_courses(console: Console, courses: Sequence[Course], minutes: bool, unicode: bool) -> None:
    """Print the curves of runs, and below them each one's best loss."""
    color = not console.no_color and console.color_system is not None
    if is_picture(console):  # whose chart shows it better
        say(console, _title(courses))
    else:
        curves, unit = curves_of(courses), _nats(courses)
        drawn = plot(curves, console.width, HEIGHT, minutes, unicode, color, unit)
        console.print(drawn, soft_wrap=True)
    marks = cycle(MARKS if unicode else PLAIN_MARKS)
    for course in courses:
        mark = "" if len(courses) == 1 or is_picture(console) else f"{next(marks)} "
        say_names(console, mark + course.name)
        for line in _best(course):
            say(console, f"  {line}")


def _best(course: Course) -> tuple[str, str]:
    """Say in two lines how good a run was, and when."""
    if course.best is None:
        return (
            f"training {loss_of(course.training.nats[-1], course.scored)}",
            f"{duration(course.seconds)} of training, nothing validated",
        )
    step, nats = course.best
    return best(nats, step, course.steps, course.seconds, course.scored)


def plot(
    curves: dict[str, Curve],
    width: int,
    height: int,
    minutes: bool = False,
    unicode: bool = True,
    color: bool = True,
    unit: str = "nats per character",
) -> Text:
    """Draw losses in nats over the steps or the minutes of their runs, the first ones left out.

    Training, beside validation, is a line; all others have each its mark. height: in rows, the
    legend above and the name of the axis below among them. unit: of the losses.
    """
    points = {name: _points(curve, minutes) for name, curve in curves.items()}
    x, y, columns, rows = _axes(list(points.values()), min(width, WIDEST), height - 5)
    _begin(color)
    plotext.plotsize(columns + max(map(len, y.labels)) + 2, rows + 3)
    plotext.xlim(x.ticks[0], x.end)
    plotext.ylim(y.ticks[0], y.end)
    plotext.xticks(x.ticks, x.labels)
    plotext.yticks(y.ticks, y.labels)
    legend, marks = [], cycle(MARKS if unicode else PLAIN_MARKS)
    for name, found in points.items():
        is_line = name == "training" and len(points) > 1
        mark = ("braille" if unicode else "*") if is_line else next(marks)
        draw = plotext.plot if is_line else plotext.scatter
        draw(*zip(*found, strict=True), marker=mark)
        legend.append(f"{'⠒⠒' if mark == 'braille' else mark} {name}")
    drawn = plotext.build().rstrip()
    lines = Text.from_ansi(drawn if unicode else drawn.translate(PLAIN))
    below = f"{'minutes' if minutes else 'step':>{columns + max(map(len, y.labels)) + 1}}"
    named = f"{unit}: {', '.join(legend)}" if set(points) <= {"training", "validation"} else unit
    above = named if len(named) <= width else named.replace(": ", "\n")
    return Text.assemble(above, "\n", lines, "\n", below)


def _begin(color: bool) -> None:
    plotext.clear_figure()
    plotext.limit_size(False, False)  # the console knows its width
    plotext.theme("default" if color else "clear")
    if color:
        plotext.canvas_color("default")
        plotext.axes_color("default")
        plotext.ticks_color("default")


def _points(curve: Curve, minutes: bool) -> list[tuple[float, float]]:
    """Return the points of a curve over steps or minutes, but those of its steep beginning."""
    over = [second / 60 for second in curve.seconds] if minutes else curve.steps
    pairs = zip(over, curve.nats, strict=True)
    return [(at, nats) for at, nats in pairs if at >= SKIPPED * over[-1] and math.isfinite(nats)]


def _ranges(drawn: Sequence[Sequence[tuple[float, float]]]) -> list[tuple[float, float]]:
    """Return what the axes cover: from zero to the last point, and all losses."""
    over, nats = zip(*(point for points in drawn for point in points), strict=True)
    return [(0.0, max(over)), (min(nats), max(nats))]


def _axes(
    drawn: Sequence[Sequence[tuple[float, float]]], width: int, rows: int
) -> tuple[Axis, Axis, int, int]:
    """Return the axes, and how many columns and rows are between them."""
    over, nats = _ranges(drawn)
    y = axis(*nats, rows, ROWS_APART)
    columns = max(8, width - max(map(len, y.labels)) - 2)
    return axis(*over, columns, APART), y, columns, rows


def picture(courses: Sequence[Course], minutes: bool) -> str:
    """Return the curves of runs as an SVG chart."""
    curves = curves_of(courses)
    points = {name: _points(curve, minutes) for name, curve in curves.items()}
    names = dict(zip([course.name for course in courses], _short_names(courses), strict=True))
    series = [
        Series(names.get(name, name), found, marked=name != "training" or len(curves) == 1)
        for name, found in points.items()
    ]
    x = "time in minutes" if minutes else "step"
    over, nats = _ranges(list(points.values()))
    panel = Panel("", x, f"loss in {_nats(courses)}", series, over, nats)
    below = [", ".join(_best(courses[0]))] if len(courses) == 1 else []
    return svg(_title(courses), below, [panel], CHART)


def _title(courses: Sequence[Course]) -> str:
    if len(courses) > 1:
        return f"Validation loss of {len(courses)} runs"
    return f"Training and validation loss of {_short_names(courses)[0]}"


def _short_names(courses: Sequence[Course]) -> list[str]:
    """Return the names of the runs without their path, where that tells them apart."""
    names = [Path(course.name).resolve().name for course in courses]
    return names if len(set(names)) == len(names) else [course.name for course in courses]
