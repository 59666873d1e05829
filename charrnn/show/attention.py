"""Attention as a heatmap: the source across, the target down."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from charrnn.attention import Alignment
from charrnn.show import ramp
from charrnn.show.console import say, say_names
from charrnn.show.glyphs import marked, visible
from charrnn.show.heatmap import BASE, FIXED, NOTE, legend, say_legend, shade, usable_colors
from charrnn.show.report import Report
from charrnn.show.stdio import is_unicode

NAME = 20  # columns of a target's symbol at most, and a third of the width
AROUND = 7  # lines above and below the texts


def report(found: Sequence[Alignment]) -> Report:
    """Return the view of some alignments of one model; its table has a row a weight."""
    high = max(math.ceil(float(one.weights.max(initial=0.01)) * 100) / 100 for one in found)

    def show(console: Console) -> None:
        say(console, "attention: across, what is read; down, what it counts for")
        if found[0].model:
            say_names(console, found[0].model)
        for one in found:
            _show(console, one, high)
        console.print()
        symbols = "".join(symbol for one in found for symbol in one.source + one.target)
        say_legend(console, legend(console, 0, high), symbols, "a row adds up to 1")

    texts = [
        {"source": one.source, "target": one.target, "weights": one.weights.tolist()}
        for one in found
    ]
    data = {"model": found[0].model, "texts": texts}
    rows = [row for number, one in enumerate(found) for row in _rows(number, one)]
    return Report(show, data, rows, tabular=False)


def fitting(console: Console, lengths: Sequence[int]) -> int:
    """Return how many characters a window shows of texts, of these lengths, that get a label."""
    if not console.is_terminal:
        return FIXED
    width = console.width - min(NAME, console.width // 3) - 1
    left, fits = console.height - AROUND - -(-NOTE // console.width), 0
    for length in lengths:
        blocks = -(-(length + 1) // width)  # with the mark before it
        left -= blocks * (3 if blocks == 1 else 4)
        if fits and left < 0:
            break
        fits += length + 1
    return fits


def _rows(number: int, found: Alignment) -> Iterator[dict[str, Any]]:
    """Yield the weights of a text as rows of a table; places count from 0."""
    for (down, across), weight in np.ndenumerate(found.weights):
        yield {
            "text": number,
            "target_position": down,
            "target": found.target[down],
            "source_position": across,
            "source": found.source[across],
            "weight": float(weight),
        }


def _show(console: Console, found: Alignment, high: float) -> None:
    """Print the heatmap of one text, in as many blocks as the width needs."""
    unicode = is_unicode(console.encoding)
    source, target = (
        [_glyph(one, unicode) for one in part] for part in (found.source, found.target)
    )
    apart = any(len(symbol) > 1 for symbol in found.source)  # so that it is seen where one ends
    widths = [cell_len(glyph) + apart for glyph in source]
    margin = min(NAME, console.width // 3, max(map(cell_len, target), default=0))
    blocks = list(_blocks(widths, console.width - margin - 1))
    for block in blocks:
        console.print()
        if len(blocks) > 1:
            to = "–" if unicode else "-"
            say(console, f"{block.start + 1:,}{to}{block.stop:,} of {len(source):,}")
        head = "".join(source[place] + " " * apart for place in block)
        _print(console, Text(" " * (margin + 1) + head.rstrip()))
        for glyph, weights in zip(target, found.weights, strict=True):
            line = Text(glyph)
            line.truncate(margin, overflow="ellipsis" if unicode else "crop", pad=True)
            line.append(" ")
            for place in block:
                _append(line, console, float(weights[place]), high, widths[place] - apart)
                line.append(" " * apart)
            _print(console, line)


def _blocks(widths: Sequence[int], width: int) -> Iterator[range]:
    """Cut columns of these widths into blocks that fit a width, of one column at least."""
    first = taken = 0
    for place, columns in enumerate(widths):
        if place > first and taken + columns > width:
            yield range(first, place)
            first, taken = place, 0
        taken += columns
    yield range(first, len(widths))


def _append(line: Text, console: Console, weight: float, high: float, width: int) -> None:
    """Draw a weight at the end of a line: by a colour, or by a mark where there is none."""
    if usable_colors(console):
        line.append(" " * width, shade(console, weight, 0, high))
    else:
        line.append(ramp.mark(weight, 0, high, is_unicode(console.encoding)) * width)


def _glyph(symbol: str, unicode: bool) -> str:
    """Return a symbol as it is drawn: a character as in every heatmap, a longer one as a name."""
    glyph = marked(symbol, unicode) if len(symbol) == 1 else _name(symbol, unicode)
    return glyph if cell_len(glyph) else BASE + glyph


def _name(symbol: str, unicode: bool) -> str:
    return "".join(visible(character, unicode) for character in symbol)


def _print(console: Console, line: Text) -> None:
    """Print a line that fits, with the spaces at its end, which may be shaded."""
    console.print(line, soft_wrap=True)
