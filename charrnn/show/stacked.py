"""Rows of marks or shades for several neurons, under the same text."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style

from charrnn.cells.cell import Array
from charrnn.show import ramp
from charrnn.show.console import is_light
from charrnn.show.heatmap import Heatmap, usable_colors
from charrnn.show.streams import is_unicode


@dataclass(frozen=True)
class Row:
    """One neuron, or a concept: a label, a value for each character, and their range."""

    label: str
    values: Array
    low: float
    high: float


@dataclass(frozen=True)
class Stacked:
    """A rich renderable: each line of a text, and under it a row for each neuron.

    With colours the characters themselves are repeated, shaded; without, there are marks.
    """

    characters: str
    rows: Sequence[Row]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        colors, unicode = usable_colors(console), is_unicode(options.encoding)
        margin = max(len(row.label) for row in self.rows) + 1
        width = max(1, options.max_width - margin)
        lines = [
            list(Heatmap(self.characters, row.values, row.low, row.high).rows(width, unicode))
            for row in self.rows
        ]
        for parts in zip(*lines, strict=True):
            if not colors:
                yield Segment(" " * margin + "".join(cell.glyph for cell in parts[0]))
                yield Segment.line()
            for row, cells in zip(self.rows, parts, strict=True):
                yield Segment(f"{row.label:<{margin}}")
                for cell in cells:
                    if colors:
                        style = ramp.style(cell.value, row.low, row.high, colors, is_light(console))
                        yield Segment(cell.glyph, style)
                    else:
                        mark = ramp.mark(cell.value, row.low, row.high, unicode)
                        yield Segment(mark * cell.width, Style.null())
                yield Segment.line()
