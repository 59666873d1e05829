"""A text shaded by what each character cost the model."""

import math
from typing import Any

import numpy as np
from rich.cells import cell_len
from rich.console import Console

from charrnn.cells.cell import Array
from charrnn.predictions import Predictions
from charrnn.show.alternatives import Alternatives
from charrnn.show.console import say
from charrnn.show.glyphs import marked, safe
from charrnn.show.heatmap import Heatmap, legend
from charrnn.show.report import Report
from charrnn.show.streams import is_unicode
from charrnn.show.units import loss

MOST = 8.0  # bits, the end of the scale
COSTLIEST = 10
BEFORE = 30  # characters shown before a costly one


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
    order = np.argsort(-bits, kind="stable")[: min(COSTLIEST, int(known.sum()))]

    def show(console: Console) -> None:
        say(console, safe(" · ".join(names)))
        say(
            console,
            f"loss {loss(float(bits[known].mean()) * math.log(2))} · bits: "
            + legend(console, 0, MOST).plain,
        )
        console.print()
        if top:
            picture = Alternatives(characters, expected, alphabet, bits.tolist(), 0, MOST)
            console.print(picture, end="")
        else:
            console.print(Heatmap(characters, bits, 0, MOST), end="")
        console.print()
        say(console, "the costliest")
        for place in order:
            say(console, _costly(console, characters, int(place), bits, likeliest, offset))

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


def _costly(
    console: Console, characters: str, place: int, bits: Array, likeliest: list[str], offset: int
) -> str:
    unicode = is_unicode(console.encoding)

    def shown(text: str) -> str:
        return "".join(marked(one, unicode) for one in text)

    before = shown(characters[max(0, place - BEFORE) : place])
    here, best = shown(characters[place]), shown(likeliest[place])
    where = f"{offset + place:>9,}  {bits[place]:5.2f} bits"
    indent = " " * max(0, BEFORE - cell_len(before))  # by columns, of which some take two
    return f"{where}  {indent}{before}[{here}]  likeliest was {best}"
