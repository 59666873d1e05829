"""A text with a value for each character, drawn as coloured cells or as marks under it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from charrnn.show import ramp
from charrnn.show.console import is_light
from charrnn.show.glyphs import marked
from charrnn.show.streams import is_unicode
from charrnn.show.units import signed

TAB = 8
BASE = "◌"  # carries a combining mark that has no character before it


@dataclass(frozen=True)
class Cell:
    """What is drawn for one character: its glyph and how many columns it takes."""

    glyph: str
    width: int
    value: float


@dataclass(frozen=True)
class Heatmap:
    """A rich renderable: the characters of a text, shaded by values from low to high."""

    characters: str
    values: Iterable[float]
    low: float
    high: float

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        unicode = is_unicode(options.encoding)
        colors = usable_colors(console)
        for row in self.rows(options.max_width, unicode):
            for cell in row:
                style = Style.null()
                if colors:
                    style = ramp.style(cell.value, self.low, self.high, colors, is_light())
                yield Segment(cell.glyph, style)
            yield Segment.line()
            if not colors:
                yield Segment("".join(self._mark(cell, unicode) for cell in row).rstrip())
                yield Segment.line()

    def _mark(self, cell: Cell, unicode: bool) -> str:
        return ramp.mark(cell.value, self.low, self.high, unicode) * cell.width

    def rows(self, width: int, unicode: bool) -> Iterator[list[Cell]]:
        """Yield rows of cells: a new one after each line end and where the width is full."""
        row: list[Cell] = []
        column = 0
        for character, value in zip(self.characters, self.values, strict=True):
            cell = _cell(character, float(value), column, unicode)
            if not cell.width and row:
                row[-1] = Cell(row[-1].glyph + cell.glyph, row[-1].width, row[-1].value)
                continue
            if not cell.width:
                cell = Cell(BASE + cell.glyph, 1, cell.value)
            if row and column + cell.width > width:
                yield row
                row, column = [], 0
            row.append(cell)
            column += cell.width
            if character == "\n":
                yield row
                row, column = [], 0
        if row:
            yield row


def _cell(character: str, value: float, column: int, unicode: bool) -> Cell:
    glyph = marked(character, unicode)
    width = cell_len(glyph)
    if character == "\t":
        padding = TAB - (column + width) % TAB if (column + width) % TAB else 0
        return Cell(glyph + " " * padding, width + padding, value)
    return Cell(glyph, width, value)


def usable_colors(console: Console) -> str | None:
    """Return the colour system that drawings may use, or None."""
    return None if console.no_color else console.color_system


def legend(console: Console, low: float, high: float) -> Text:
    """Return the domain with its colours, or its marks: −1 ▁▂▃▄▅▆▇█ +1."""
    unicode, colors = is_unicode(console.encoding), usable_colors(console)
    text = Text(signed(low, unicode) + " ")
    if colors:
        for step in range(11):
            value = low + (high - low) * step / 10
            text.append(" ", ramp.style(value, low, high, colors, is_light()))
    else:
        text.append(ramp.marks(unicode))
    return text.append(f" {signed(high, unicode)}")
