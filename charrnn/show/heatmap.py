"""A text with a value for each character, drawn as coloured cells or as marks under it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, repeat

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from charrnn.show import ramp
from charrnn.show.console import is_light, say
from charrnn.show.glyphs import GAP, key, marked
from charrnn.show.stdio import is_unicode
from charrnn.show.units import signed

TAB = 8
FIXED = 800  # characters drawn where no window limits them
NOTE = 68  # columns of the note above a view that says which model was taken
FEWEST = 2  # lines of text, in however small a window
BASE = "◌"  # carries a combining mark that has no character before it


@dataclass(frozen=True)
class Cell:
    """What is drawn for one character, and marks on it: its glyph and how many columns it takes."""

    glyph: str
    width: int
    value: float
    character: str


@dataclass(frozen=True)
class Heatmap:
    """A rich renderable: the characters of a text, shaded by values from low to high.

    ends: whether a line of the text ends a line of the drawing.
    """

    characters: str
    values: Iterable[float]
    low: float
    high: float
    ends: bool = True

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        unicode = is_unicode(options.encoding)
        for row in self.rows(options.max_width, unicode):
            for cell in row:
                yield Segment(cell.glyph, shade(console, cell.value, self.low, self.high))
            yield Segment.line()
            if not usable_colors(console):
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
                glyph, held = row[-1].glyph + cell.glyph, row[-1].character + character
                row[-1] = replace(row[-1], glyph=glyph, character=held)
                continue
            if not cell.width:
                cell = replace(cell, glyph=BASE + cell.glyph, width=1)
            if row and column + cell.width > width:
                cut = fits("".join(one.character for one in row))
                cut = len(row) if character.isspace() else cut
                yield row[:cut]
                row = row[cut:]
                column = sum(one.width for one in row)
                cell = _cell(character, float(value), column, unicode)
            row.append(cell)
            column += cell.width
            if character == "\n" and self.ends:
                yield row
                row, column = [], 0
        if row:
            yield row


def fits(full: str) -> int:
    """Return how many characters of a full line stay on it, so that no word is broken.

    A word moves to the next line if that leaves this one half full.
    """
    last = max(full.rfind(" "), full.rfind("\t")) + 1
    return last if last > len(full) // 2 else len(full)


def _cell(character: str, value: float, column: int, unicode: bool) -> Cell:
    glyph = marked(character, unicode)
    width = cell_len(glyph)
    if character == "\t":
        padding = TAB - (column + width) % TAB if (column + width) % TAB else 0
        glyph, width = glyph + " " * padding, width + padding
    return Cell(glyph, width, value, character)


def shade(console: Console, value: float, low: float, high: float) -> Style:
    """Return the colours of a value on a console, none where it has none."""
    colors = usable_colors(console)
    return ramp.style(value, low, high, colors, is_light(console)) if colors else Style.null()


def usable_colors(console: Console) -> str | None:
    """Return the colour system that drawings may use, or None."""
    return None if console.no_color else console.color_system


def legend(console: Console, low: float, high: float) -> Text:
    """Return the domain with its colours, or its marks: −1 ▁▂▃▄▅▆▇█ +1."""
    unicode = is_unicode(console.encoding)
    text = Text(signed(low, unicode) + " ")
    if usable_colors(console):
        for step in range(11):
            value = low + (high - low) * step / 10
            text.append("0" if low < value == 0 else " ", shade(console, value, low, high))
    else:
        text.append(ramp.marks(unicode))
    return text.append(f" {signed(high, unicode) if low else f'{high:g}'}")


def say_legend(console: Console, scale: Text, text: str, *more: str) -> None:
    """Print a scale, the marks of a text's white space, and more; a part is broken by no line."""
    parts = [scale, Text(key(text, is_unicode(console.encoding))), *map(Text, more)]
    line = Text()
    for part in filter(None, parts):
        if line and console.is_terminal and line.cell_len + 3 + part.cell_len > console.width:
            say(console, line)
            line = Text()
        line = line + GAP + part if line else part
    say(console, line)


def fitting(console: Console, text: str, rows: int, others: Sequence[int], margin: int = 0) -> int:
    """Return how many characters of a text a terminal's window shows, FIXED where there is none.

    rows: drawn for each line of the text, margin: columns left of it. others: the lengths of the
    lines beside them, in columns, of which each wraps.
    """
    if not console.is_terminal:
        return FIXED
    taken = sum(max(1, -(-columns // console.width)) for columns in others)
    lines = max(FEWEST, (console.height - taken) // rows)
    width = max(1, console.width - margin)
    drawn = Heatmap(text, repeat(0.0, len(text)), 0, 1).rows(width, is_unicode(console.encoding))
    return sum(len(cell.character) for row in islice(drawn, lines) for cell in row)
