"""A line of text with what the network held likeliest under each of its characters."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style

from charrnn.predictions import Predictions
from charrnn.show.glyphs import marked
from charrnn.show.heatmap import fits, shade
from charrnn.show.stdio import is_unicode

LIKELIEST = "likeliest, best first, shaded from 0 to 1 by their probability; right: underlined"
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
        columns = self._columns(console)
        for row in _rows(columns, self.characters, options.max_width):
            for column in row:
                yield Segment(_padded(column.glyph, column.width), column.style)
            yield Segment.line()
            for place in range(self.expected.ids.shape[1]):
                yield from _candidates(row, place, console)
                yield Segment.line()

    def _columns(self, console: Console) -> list[Column]:
        unicode = is_unicode(console.encoding)
        values = [math.nan] * len(self.characters) if self.values is None else self.values
        columns = []
        for place, character in enumerate(self.characters):
            likeliest = [
                (marked(self.alphabet[one], unicode), float(share))
                for one, share in zip(
                    self.expected.ids[place], self.expected.probabilities[place], strict=True
                )
                if not np.isnan(share)
            ]
            style = shade(console, values[place], self.low, self.high)
            columns.append(Column(marked(character, unicode), style, likeliest))
        return columns


def _candidates(row: list[Column], place: int, console: Console) -> Iterator[Segment]:
    for column in row:
        glyph, probability = ("", 0.0)
        if place < len(column.likeliest):
            glyph, probability = column.likeliest[place]
        style = shade(console, probability, 0, 1)
        style = style + TRUE if glyph == column.glyph else style
        yield Segment(_padded(glyph, column.width), style)


def _rows(columns: list[Column], characters: str, width: int) -> Iterator[list[Column]]:
    """Yield rows of columns: a new one after each line end and where the width is full."""
    first = taken = 0
    for place, (column, character) in enumerate(zip(columns, characters, strict=True)):
        if first < place and taken + column.width > width:
            cut = place if character.isspace() else first + fits(characters[first:place])
            yield columns[first:cut]
            first, taken = cut, sum(one.width for one in columns[cut:place])
        taken += column.width
        if character == "\n":
            yield columns[first : place + 1]
            first, taken = place + 1, 0
    if first < len(columns):
        yield columns[first:]


def _padded(glyph: str, width: int) -> str:
    return glyph + " " * (width - cell_len(glyph))
