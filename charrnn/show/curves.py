"""Loss curves in characters, drawn by plotext."""

from collections.abc import Sequence
from dataclasses import asdict

import plotext
from rich.console import Console
from rich.text import Text

from charrnn.curves import Course, Curve
from charrnn.show.glyphs import safe
from charrnn.show.report import Report
from charrnn.show.streams import is_unicode
from charrnn.show.units import duration, loss

HEIGHT = 18  # rows
WIDEST = 100  # columns
POINTS = 60  # of a training curve, which is noisy
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


def report(courses: Sequence[Course], minutes: bool) -> Report:
    """Return the view of the losses of runs, over their steps or `minutes`."""

    def show(console: Console) -> None:
        show_courses(console, courses, minutes, is_unicode(console.encoding))

    rows = [
        {"run": course.name, "loss": kind, "step": step, "seconds": seconds, "nats": nats}
        for course in courses
        for kind, curve in (("training", course.training), ("validation", course.validation))
        for step, seconds, nats in zip(curve.steps, curve.seconds, curve.nats, strict=True)
    ]
    return Report(show, {"runs": [asdict(course) for course in courses]}, rows, tabular=False)


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
