"""A text that is shaded as it is written, with what else was likely under it if asked for."""

from collections.abc import Iterable

import numpy as np
from rich.console import Console

from charrnn import predictions
from charrnn.sampling.generate import Drawn
from charrnn.show.alternatives import Alternatives
from charrnn.show.glyphs import marked
from charrnn.show.heatmap import Heatmap, shade, usable_colors
from charrnn.show.stdio import is_unicode


def write_shaded(
    console: Console,
    shaded: Iterable[tuple[Drawn, float]],
    alphabet: str,
    low: float,
    high: float,
    top: int = 0,
) -> None:
    """Print characters by their values, from low to high, as they come.

    With `top`, or without colours, a line is printed once it is whole: what stands under it needs
    all of it.
    """
    colors = usable_colors(console)
    row: list[tuple[Drawn, float]] = []
    for one, value in shaded:
        character = alphabet[one.id]
        if colors and not top:
            glyph = marked(character, is_unicode(console.encoding))
            style = shade(console, value, low, high)
            console.print(glyph, style=style, end="\n" if character == "\n" else "")
            console.file.flush()
            continue
        row.append((one, value))
        if character == "\n" or len(row) == console.width:
            _print_row(console, row, alphabet, low, high, top)
            row = []
    if row:
        _print_row(console, row, alphabet, low, high, top)
    elif colors and not top:
        console.print()


def _print_row(
    console: Console,
    row: list[tuple[Drawn, float]],
    alphabet: str,
    low: float,
    high: float,
    top: int,
) -> None:
    characters = "".join(alphabet[one.id] for one, _ in row)
    values = [value for _, value in row]
    if top:
        logits = np.array([one.logits for one, _ in row])
        expected = predictions.of(logits, np.array([one.id for one, _ in row]), top)
        console.print(Alternatives(characters, expected, alphabet, values, low, high), end="")
    else:
        console.print(Heatmap(characters, values, low, high), end="")
