"""A text shaded by what each character cost the model."""

import math
from typing import Any

import numpy as np
from rich.console import Console

from charrnn.cells.cell import Array
from charrnn.network import log_softmax
from charrnn.show.alternatives import Alternatives
from charrnn.show.console import say
from charrnn.show.glyphs import marked, safe
from charrnn.show.heatmap import Heatmap, legend
from charrnn.show.report import Report
from charrnn.show.streams import is_unicode
from charrnn.show.units import loss
from charrnn.text.vocabulary import Ids

MOST = 8.0  # bits, the end of the scale
COSTLIEST = 10
BEFORE = 30  # characters shown before a costly one


def report(
    characters: str,
    logits: Array,
    alphabet: str,
    ids: Ids,
    offset: int,
    top: int,
    names: list[str],
) -> Report:
    """Return the view of a text's surprise.

    characters: the text (T,); logits (T, V): those from which each was to be told, NaN for one that
    was not predicted; ids (T,). names: the model's and the text's.
    """
    logs = log_softmax(logits.astype(np.float64)) / math.log(2)
    bits = -logs[np.arange(len(ids)), ids]
    known = ~np.isnan(bits)
    likeliest = [alphabet[one] for one in np.nan_to_num(logs, nan=-np.inf).argmax(axis=-1)]
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
            console.print(
                Alternatives(characters, logits, alphabet, top, bits.tolist(), 0, MOST), end=""
            )
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
    return f"{where}  {before:>{BEFORE}}[{here}]  likeliest was {best}"
