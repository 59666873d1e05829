"""Samples that are shown once they are whole: beside each other, underlined, ranked, as JSON."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.table import Table
from rich.text import Text

from charrnn.sampling.fill import Filled, Fillings
from charrnn.show.glyphs import marked, running
from charrnn.show.report import Report
from charrnn.show.stdio import is_unicode

VERSION = 1  # of the JSON; it rises when a name in it changes its meaning or goes
FILLINGS = 10  # shown, unless --samples says how many
TAB = 8  # columns, to the next multiple of which it goes
COPIED = Style(underline=True)


def show_copies(console: Console, text: str, covered: npt.NDArray[np.bool_]) -> None:
    """Print a text with what stands in the corpus underlined; by ^ where nothing can be."""
    unicode = is_unicode(console.encoding)
    if console.is_terminal and console.color_system:
        shown = Text()
        for character, copied in zip(text, covered, strict=True):
            shown.append(running(character, unicode), COPIED if copied else None)
        console.print(shown, soft_wrap=True)
        return
    start = 0
    for line in text.splitlines(keepends=True):
        shown_line, marks = "", ""
        for one, copied in zip(line.rstrip("\n"), covered[start:], strict=False):
            glyph = running(one, unicode)
            width = TAB - len(marks) % TAB if one == "\t" else cell_len(glyph)
            shown_line += " " * width if one == "\t" else glyph
            marks += " ^"[int(copied)] * width  # under each of the columns that it takes
        console.print(shown_line, soft_wrap=True)
        console.print(marks.rstrip(), soft_wrap=True)
        start += len(line)


def show_beside(console: Console, titles: Sequence[str], texts: Sequence[str]) -> None:
    """Print texts in columns, each under its title."""
    table = Table(box=None, padding=(0, 2, 0, 0), expand=True)
    for title in titles:
        table.add_column(title, ratio=1, overflow="fold")
    unicode = is_unicode(console.encoding)
    table.add_row(*(Text("".join(running(one, unicode) for one in text)) for text in texts))
    console.print(table)


def show_fillings(console: Console, fillings: Iterable[Filled]) -> None:
    """Print what may fill a gap, with its probability among all that was tried."""
    unicode = is_unicode(console.encoding)
    for one in fillings:
        shown = "".join(marked(c, unicode) if c < " " else running(c, unicode) for c in one.text)
        console.print(f"{one.probability:6.1%}  {shown}  {one.nats:.3f} nats", soft_wrap=True)


def report(found: Fillings) -> Report:
    """Return the view of what may fill a gap."""
    rows = [one._asdict() for one in found]
    return Report(lambda console: show_fillings(console, found.found[:FILLINGS]), {}, rows)


def to_json(text: str, settings: dict[str, Any], **figures: Any) -> str:
    """Return a sample as one line of JSON."""
    return json.dumps({"version": VERSION, "text": text, **figures, "settings": settings})
