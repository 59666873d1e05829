"""A text shaded by the surprise of each character."""

import math
from typing import Any

import numpy as np
from rich.cells import cell_len
from rich.console import Console

from charrnn.arrays import Array
from charrnn.neurons.surprise import Surprise
from charrnn.predictions import Predictions
from charrnn.show import heatmap
from charrnn.show.alternatives import LIKELIEST, Alternatives
from charrnn.show.console import say, say_names
from charrnn.show.glyphs import from_word, marked
from charrnn.show.heatmap import NOTE, Heatmap, legend, say_legend, usable_colors
from charrnn.show.report import Report
from charrnn.show.stdio import is_unicode
from charrnn.show.units import loss

MOST = 8.0  # bits, the end of the scale
LARGEST, FEW = 10, 5  # surprises listed, and in a window of fewer lines than TALL
TALL = 40
BEFORE = 30  # characters shown before one
OTHERS = 30  # columns of such a line beside its excerpt and its place
NARROW = 72  # columns; in fewer, places are left out


def report(
    characters: str,
    expected: Predictions,
    alphabet: str,
    offset: int,
    top: bool,
    names: list[str],
) -> Report:
    """Return the view of a text's surprise.

    characters: the text (T,); expected: what was likely at each, one at least. top: whether that is
    shown. names: the model's and the text's.
    """
    bits = expected.nats / math.log(2)
    known = ~np.isnan(bits)
    likeliest = [alphabet[one] for one in expected.ids[:, 0]]
    order = np.argsort(-bits, kind="stable")[: min(LARGEST, int(known.sum()))]

    def show(console: Console) -> None:
        nats = loss(float(bits[known].mean()) * math.log(2)) if known.any() else "unknown"
        say(console, f"surprise in bits per character · loss {nats}")
        say_names(console, *names)
        console.print()
        if top:
            picture = Alternatives(characters, expected, alphabet, bits.tolist(), 0, MOST)
            console.print(picture, end="")
        else:
            console.print(Heatmap(characters, bits, 0, MOST), end="")
        console.print()
        say_legend(console, legend(console, 0, MOST) + " bits or more", characters)
        if top:
            say(console, f"under each character: the {expected.ids.shape[1]} {LIKELIEST}")
        console.print()
        say(console, "largest surprises")
        for place in order[: _listed(console)]:
            say(console, _large(console, characters, int(place), bits, likeliest, offset))

    rows: list[dict[str, Any]] = [
        {
            "position": offset + n,
            "character": one,
            "bits": float(bits[n]),
            "likeliest": likeliest[n],
        }
        for n, one in enumerate(characters)
    ]
    return Report(show, {"model": names[0], "text": names[1]}, rows)


def report_of(found: Surprise, top: bool) -> Report:
    """Return the view of a text's surprise. top: whether the likeliest are shown under it."""
    names = [found.model, found.text]
    return report(found.characters, found.expected, found.alphabet, found.offset, top, names)


def fitting(console: Console, text: str, top: int) -> int:
    """Return how many characters of a text, from its first, the view in a window holds."""
    rows = 1 + top if top or usable_colors(console) else 2
    others = [1, 1, 1, 1, NOTE, 70, 78, 40, *[90] * bool(top), *[1] * (1 + _listed(console))]
    return heatmap.fitting(console, text, rows, others)


def _listed(console: Console) -> int:
    """Return how many surprises are listed: fewer in a low window."""
    return LARGEST if not console.is_terminal or console.height >= TALL else FEW


def _large(
    console: Console, characters: str, place: int, bits: Array, likeliest: list[str], offset: int
) -> str:
    unicode = is_unicode(console.encoding)
    width = console.width if console.is_terminal else NARROW
    at = f"{offset + place:>9,}  " if width >= NARROW else ""
    room = max(0, min(BEFORE, width - OTHERS - len(at)))

    def shown(text: str) -> str:
        return "".join(marked(one, unicode) for one in text)

    before = shown(characters[from_word(characters, max(0, place - room), place) : place])
    here, best = shown(characters[place]), shown(likeliest[place])
    indent = " " * max(0, room - cell_len(before))  # by columns, of which some take two
    return f"{at}{bits[place]:4.1f} bits  {indent}{before}[{here}]  likeliest: {best}"
