"""Loss curves in characters, drawn by plotext."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from io import StringIO
from pathlib import Path

import plotext
from rich.console import Console
from rich.text import Text

from charrnn.curves import Course, Curve
from charrnn.files import making
from charrnn.show.glyphs import safe
from charrnn.show.report import OUTSIDE
from charrnn.show.units import duration, loss

HEIGHT = 18  # rows
WIDEST = 100  # columns
POINTS = 60  # of a training curve, which is noisy
SVG_WIDTH = 80
SKIPPED = 0.05  # of a run, at its start, whose steep fall would flatten all the rest
PLAIN = str.maketrans("┌┐└┘─│┤┬├┴┼", "++++-|++++" + "+")


def curves_of(courses: Sequence[Course]) -> dict[str, Curve]:
    """Return what is drawn: of one run both losses, of several their validation losses."""
    if len(courses) == 1:
        training, validation = courses[0].training.smoothed(POINTS), courses[0].validation
        both = {"training": training, "validation": validation}
        return {name: curve for name, curve in both.items() if curve.nats}
    return {
        course.name: course.validation if course.validation.nats else course.training
        for course in courses
    }


def plot(
    curves: dict[str, Curve],
    width: int,
    height: int,
    *,
    minutes: bool = False,
    unicode: bool = True,
    color: bool = True,
) -> Text:
    """Draw losses in nats over the steps or the minutes of their runs, the first ones left out."""
    plotext.clear_figure()
    plotext.theme("default" if color else "clear")
    if color:
        plotext.canvas_color("default")
        plotext.axes_color("default")
        plotext.ticks_color("default")
    plotext.plotsize(min(width, WIDEST), height)
    for name, curve in curves.items():
        over = [second / 60 for second in curve.seconds] if minutes else list(curve.steps)
        first = next(i for i, at in enumerate(over) if at >= SKIPPED * over[-1])
        marker = "braille" if unicode else "*"
        plotext.plot(over[first:], curve.nats[first:], label=safe(name), marker=marker)
    plotext.xlabel("minutes" if minutes else "step")
    plotext.ylabel("nats a character")
    drawn = plotext.build()
    return Text.from_ansi(drawn if unicode else drawn.translate(PLAIN))


def show_courses(console: Console, courses: Sequence[Course], minutes: bool, unicode: bool) -> None:
    """Print the curves of runs, and below them each one's best loss."""
    color = not console.no_color and console.color_system is not None
    curves = curves_of(courses)
    drawn = plot(curves, console.width, HEIGHT, minutes=minutes, unicode=unicode, color=color)
    console.print(drawn, soft_wrap=True)
    for course in courses:
        console.print(f"{safe(course.name)}: {_best(course)}", soft_wrap=True)


def _best(course: Course) -> str:
    curve = course.validation
    if not curve.nats:
        return f"training {loss(course.training.nats[-1])}, nothing validated"
    best = min(range(len(curve.nats)), key=curve.nats.__getitem__)
    return (
        f"best validation {loss(curve.nats[best])}, at step {curve.steps[best]:,} of "
        f"{curve.steps[-1]:,}, after {duration(curve.seconds[best])}"
    )


def save_svg(path: Path, courses: Sequence[Course], minutes: bool, force: bool) -> None:
    """Write the curves as a picture. Raises FileError where it cannot be written."""
    recorder = Console(record=True, file=StringIO(), width=SVG_WIDTH, force_terminal=True)
    show_courses(recorder, courses, minutes, unicode=True)
    drawn = OUTSIDE.sub("", recorder.export_svg(title="charrnn inspect run"))
    with making(path, force) as temporary:
        temporary.write_text(drawn, encoding="utf-8")


def print_json(courses: Sequence[Course]) -> None:
    """Print one object a line and run: its name, and both losses at each step and second."""
    for course in courses:
        print(json.dumps(asdict(course)))
