"""Bands of marks or shades for several neurons, beside the same text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style

from charrnn.arrays import Array
from charrnn.show import ramp
from charrnn.show.heatmap import Cell, Heatmap, shade, usable_colors
from charrnn.show.stdio import is_unicode


@dataclass(frozen=True)
class Row:
    """One neuron, or a concept: a label, a value for each character, and their range."""

    label: str
    values: Array
    low: float
    high: float


@dataclass(frozen=True)
class Stacked:
    """A rich renderable: each line of a text, with a band of shades or marks for each row.

    neurons: how many of the rows, from the first, are of neurons; the rest is of concepts. A single
    neuron shades the text itself where there are colours. Of two, the first is above the text.
    """

    characters: str
    rows: Sequence[Row]
    neurons: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        margin = max(len(row.label) for row in self.rows) + 1
        width, unicode = max(1, options.max_width - margin), is_unicode(options.encoding)
        lines = [
            list(Heatmap(self.characters, row.values, row.low, row.high).rows(width, unicode))
            for row in self.rows
        ]
        for parts in zip(*lines, strict=True):
            for label, segments in self._lines(console, parts):
                yield Segment(f"{label:<{margin}}")
                yield from segments
                yield Segment.line()

    def _lines(
        self, console: Console, parts: Sequence[list[Cell]]
    ) -> Iterator[tuple[str, list[Segment]]]:
        """Yield the lines that are drawn for one of the text, with their labels."""
        first, above = self.rows[0], self.neurons == 2
        shaded = self.neurons == 1 and usable_colors(console) is not None
        if above:
            yield first.label, _band(console, first, parts[0], above=True)
        yield (
            first.label if shaded else "",
            [
                Segment(
                    cell.glyph,
                    shade(console, cell.value, first.low, first.high) if shaded else Style.null(),
                )
                for cell in parts[0]
            ],
        )
        for row, cells in list(zip(self.rows, parts, strict=True))[above or shaded :]:
            yield row.label, _band(console, row, cells, above=False)


def _band(console: Console, row: Row, cells: Sequence[Cell], above: bool) -> list[Segment]:
    """Return marks, or half a line of shades at that side of it where the text is."""
    unicode, segments = is_unicode(console.encoding), []
    for cell in cells:
        style = shade(console, cell.value, row.low, row.high)
        if not usable_colors(console):
            text = ramp.mark(cell.value, row.low, row.high, unicode)
        elif unicode and style:
            text, style = ("▄" if above else "▀"), Style(color=style.bgcolor)
        else:
            text = " "
        segments.append(Segment(text * cell.width, style))
    return segments
