"""Charts: axes with round ticks, and lines and points as SVG, for pages, slides and papers."""

import math
from collections.abc import Sequence
from html import escape
from itertools import pairwise
from typing import NamedTuple

from charrnn.show.glyphs import safe

Point = tuple[float, float]

LEFT, RIGHT, BOTTOM = 62, 18, 52  # pixels around a panel's axes: tick labels, and axes' names
LINE = 22  # pixels of a line of text
LETTER = 7.5  # pixels of a letter, about, and on the wide side
LEAST_X, LEAST_Y = 54, 44  # pixels between two ticks, at least
SIZE = 3.5  # pixels from a mark's centre to its rim
# Six colours, dark enough for a light ground and light enough for a dark one, for any eye.
LIGHT = ("#0b5cad", "#c2410c", "#15803d", "#7e22ce", "#a16207", "#0f766e")
DARK = ("#6cb6ff", "#ff9e64", "#7ee2a8", "#d2a8ff", "#f2cc60", "#5eead4")
MARKS = ("circle", "triangle", "square", "diamond", "plus")
DASHES = ("", "7 4", "2 3", "9 3 2 3", "4 2")
STYLE = """
.chart text{fill:#1f2328;font-family:system-ui,sans-serif;font-size:13px}
.chart .title{font-size:17px;font-weight:600}
.chart .ground{fill:#fff}.chart .grid{stroke:#e4e7eb}.chart .axis{stroke:#6b7280}
.chart .line{fill:none;stroke-width:2;stroke-linejoin:round}
.chart .mark{stroke:none;fill-opacity:.8}
"""
STYLE_DARK = """
.chart text{fill:#e6e8eb}.chart .ground{fill:#15181d}
.chart .grid{stroke:#2b3038}.chart .axis{stroke:#8b949e}
"""


class Axis(NamedTuple):
    """An axis of so many cells: its ticks, a whole number of cells apart, and where it ends."""

    ticks: tuple[float, ...]
    end: float
    decimals: int

    @property
    def labels(self) -> list[str]:
        """The ticks as text: 0.5, 1,000, −2."""
        return [f"{tick:,.{self.decimals}f}".replace("-", "−") for tick in self.ticks]

    def place(self, value: float) -> float:
        """Return where on the axis a value is: 0 at its first tick, 1 at its end."""
        return (value - self.ticks[0]) / (self.end - self.ticks[0])


def axis(low: float, high: float, cells: int, least: int) -> Axis:
    """Return an axis over some values whose ticks are round numbers at even distances.

    A step is 1, 2 or 5 times a power of ten, the smallest that is `least` cells or more, or half
    of the cells, of which there are three at least.
    """
    high = high if high > low else low + 1
    exponent = math.floor(math.log10((high - low) / cells))
    while True:
        for factor in (1, 2, 5):
            step = factor * 10.0**exponent
            first = math.floor(low / step + 1e-9)
            apart = math.floor((cells - 1) / (high / step - first) + 1e-9)
            if apart >= min(least, (cells - 1) // 2):
                count = (cells - 1) // apart
                ticks = tuple((first + n) * step for n in range(count + 1))
                return Axis(ticks, (first + (cells - 1) / apart) * step, max(0, -exponent))
        exponent += 1


class Series(NamedTuple):
    """Points under a name, joined by a line, marked, or both."""

    name: str
    points: Sequence[Point]
    line: bool = True
    marked: bool = True


class Panel(NamedTuple):
    """A pair of axes and what is drawn on them. x, y: their names, with units.

    x_range, y_range: what the axes cover. limit: a thin line, such as a bound of the points.
    """

    title: str
    x: str
    y: str
    series: Sequence[Series]
    x_range: Point
    y_range: Point
    limit: Sequence[Point] = ()


def svg(title: str, lines: Sequence[str], panels: Sequence[Panel], size: tuple[int, int]) -> str:
    """Return a chart: a title, lines under it, a legend, and panels side by side.

    All panels have series of the same names; size: width and height of a panel's axes, in pixels.
    The ground is light, or dark where the reader's device is. Nothing is fetched.
    """
    width = len(panels) * (LEFT + size[0] + RIGHT)
    parts = [_text(LEFT / 3, 28, title, 'class="title"')]
    parts += [_text(LEFT / 3, 28 + LINE * n, line) for n, line in enumerate(lines, start=1)]
    top = 28 + LINE * len(lines)
    legend, rows = _legend(panels[0].series, width)
    parts.append(f'<g transform="translate({LEFT / 3:.0f} {top + LINE})">{legend}</g>')
    top += LINE * (rows + 2 + any(panel.title for panel in panels))
    for number, panel in enumerate(panels):
        left = LEFT + number * (LEFT + size[0] + RIGHT)
        parts.append(f'<g transform="translate({left} {top})">{_panel(panel, *size)}</g>')
    height = top + size[1] + BOTTOM
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}" style="max-width:100%;height:auto" '
        f'aria-label="{_escaped(title)}">\n<style>{STYLE}{_colors(LIGHT)}'
        f"@media (prefers-color-scheme:dark){{{STYLE_DARK}{_colors(DARK)}}}\n</style>\n"
        f'<rect class="ground" width="{width}" height="{height}"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _colors(colors: Sequence[str]) -> str:
    return "".join(f".chart .s{n}{{stroke:{one};fill:{one}}}" for n, one in enumerate(colors))


def _panel(panel: Panel, width: int, height: int) -> str:
    """Draw axes, ticks and series; (0, 0) is the upper left corner inside the axes."""
    x, y = (axis(*panel.x_range, width, LEAST_X), axis(*panel.y_range, height, LEAST_Y))
    parts = []
    for tick, label in zip(x.ticks, x.labels, strict=True):
        at = x.place(tick) * width
        parts += [_line("grid", (at, 0), (at, height)), _text(at, height + 18, label, _MIDDLE)]
    for tick, label in zip(y.ticks, y.labels, strict=True):
        at = height - y.place(tick) * height
        parts += [_line("grid", (0, at), (width, at)), _text(-8, at + 4.5, label, _END)]
    parts += [_line("axis", (0, 0), (0, height)), _line("axis", (0, height), (width, height))]
    parts.append(_text(width / 2, height + 40, panel.x, _MIDDLE))
    turned = f'{_MIDDLE} transform="rotate(-90)"'
    parts.append(_text(-height / 2, 16 - LEFT, panel.y, turned))
    parts.append(_text(width / 2, -9, panel.title, _MIDDLE) if panel.title else "")

    def placed(points: Sequence[Point]) -> list[Point]:
        return [(x.place(one) * width, height - y.place(other) * height) for one, other in points]

    parts += [_line("axis", *ends, dash="3 3") for ends in pairwise(placed(panel.limit))]
    drawn = enumerate(panel.series)
    return "".join(parts + [_series(n, one, placed(one.points)) for n, one in drawn])


_MIDDLE, _END = 'text-anchor="middle"', 'text-anchor="end"'


def _series(number: int, series: Series, points: Sequence[Point]) -> str:
    """Draw a series in its colour, with its dash and its mark."""
    drawn = ""
    if series.line:
        dash = DASHES[number % len(DASHES)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        drawn += f'<polyline class="line"{_dashed(dash)} points="{path}"/>'
    if series.marked:
        kind = MARKS[number % len(MARKS)]
        drawn += "".join(_mark(kind, x, y) for x, y in points)
    return f'<g class="s{number % len(LIGHT)}">{drawn}</g>'


def _mark(kind: str, x: float, y: float) -> str:
    """Return a mark around a point."""
    if kind == "circle":
        return f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="{SIZE:g}"/>'
    a, b = SIZE, SIZE / 3
    corners = {
        "triangle": [(0, -1.2 * a), (1.1 * a, 0.8 * a), (-1.1 * a, 0.8 * a)],
        "square": [(-a, -a), (a, -a), (a, a), (-a, a)],
        "diamond": [(0, -1.3 * a), (1.3 * a, 0), (0, 1.3 * a), (-1.3 * a, 0)],
        "plus": [
            (-b, -a), (b, -a), (b, -b), (a, -b), (a, b), (b, b),
            (b, a), (-b, a), (-b, b), (-a, b), (-a, -b), (-b, -b),
        ],
    }[kind]  # fmt: skip
    path = "L".join(f"{x + dx:.1f} {y + dy:.1f}" for dx, dy in corners)
    return f'<path class="mark" d="M{path}z"/>'


def _legend(series: Sequence[Series], width: int) -> tuple[str, int]:
    """Return a sample of each series beside its name, in as many rows as they need."""
    parts, left, row = [], 0.0, 0
    for number, one in enumerate(series):
        needed = 38 + LETTER * len(one.name) + 18
        if left and left + needed > width - LEFT:
            left, row = 0.0, row + 1
        y = LINE * row
        ends = [(left, y - 4.5), (left + 30, y - 4.5)]
        sample = _series(number, one._replace(marked=False), ends)
        sample += _series(number, one._replace(line=False), [(left + 15, y - 4.5)])
        parts.append(sample + _text(left + 38, y, one.name))
        left += needed
    return "".join(parts), row


def _line(kind: str, start: Point, end: Point, dash: str = "") -> str:
    (x1, y1), (x2, y2) = start, end
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line class="{kind}"{_dashed(dash)} {ends}/>'


def _dashed(dash: str) -> str:
    return f' stroke-dasharray="{dash}"' if dash else ""


def _text(x: float, y: float, text: str, attributes: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {attributes}>{_escaped(text)}</text>'


def _escaped(text: str) -> str:
    return escape(safe(text))
