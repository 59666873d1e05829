"""A line of text with what the network held likeliest under each of its characters."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style

from charrnn.predictions import Predictions
from charrnn.show import ramp
from charrnn.show.console import is_light
from charrnn.show.glyphs import marked
from charrnn.show.heatmap import usable_colors
from charrnn.show.streams import is_unicode

TRUE = Style(bold=True, underline=True)


@dataclass(frozen=True)
class Column:
    """A character, its own style, and the likeliest ones with their probabilities, best first."""

    glyph: str
    style: Style
    likeliest: Sequence[tuple[str, float]]

    @property
    def width(self) -> int:
        """How many columns of the terminal it takes."""
        return max(cell_len(glyph) for glyph in (self.glyph, *(one for one, _ in self.likeliest)))


@dataclass(frozen=True)
class Alternatives:
    """A rich renderable: rows of a text, each with its k likeliest characters below it.

    characters: the text. expected: what was likely at each. alphabet: the character of each id.
    values: by which the text itself is shaded, if it is.
    """

    characters: str
    expected: Predictions
    alphabet: str
    values: Sequence[float] | None = None
    low: float = -1
    high: float = 1

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        colors = usable_colors(console)
        columns = self._columns(colors, is_unicode(options.encoding))
        for row in _rows(columns, self.characters, options.max_width):
            for column in row:
                yield Segment(_padded(column.glyph, column.width), column.style)
            yield Segment.line()
            for place in range(self.expected.ids.shape[1]):
                yield from self._candidates(row, place, colors)
                yield Segment.line()

    def _columns(self, colors: str | None, unicode: bool) -> list[Column]:
        columns = []
        for place, character in enumerate(self.characters):
            style = Style.null()
            if colors and self.values is not None:
                value = self.values[place]
                style = ramp.style(value, self.low, self.high, colors, is_light())
            likeliest = [
                (marked(self.alphabet[one], unicode), float(share))
                for one, share in zip(
                    self.expected.ids[place], self.expected.probabilities[place], strict=True
                )
                if not np.isnan(share)
            ]
            columns.append(Column(marked(character, unicode), style, likeliest))
        return columns

    def _candidates(self, row: list[Column], place: int, colors: str | None) -> Iterator[Segment]:
        for column in row:
            glyph, probability = ("", 0.0)
            if place < len(column.likeliest):
                glyph, probability = column.likeliest[place]
            style = ramp.style(probability, 0, 1, colors, is_light()) if colors else Style.null()
            yield Segment(
                _padded(glyph, column.width), style + TRUE if glyph == column.glyph else style
            )


def _rows(columns: list[Column], characters: str, width: int) -> Iterator[list[Column]]:
    """Yield rows of columns: a new one after each line end and where the width is full."""
    row: list[Column] = []
    for column, character in zip(columns, characters, strict=True):
        if row and sum(one.width for one in row) + column.width > width:
            yield row
            row = []
        row.append(column)
        if character == "\n":
            yield row
            row = []
    if row:
        yield row


def _padded(glyph: str, width: int) -> str:
    return glyph + " " * (width - cell_len(glyph))
