"""One page of HTML, with everything in it, to look at neurons on a text in a browser."""

import base64
import json
import zlib
from importlib import resources

import numpy as np

from charrnn.cells.cell import Array
from charrnn.predictions import Predictions
from charrnn.show.glyphs import marked

LEVELS = 31  # on either side of zero, into which a signal is quantised
LIKELIEST = 5


def html(
    *,
    model: str,
    text: str,
    signal: str,
    low: float,
    high: float,
    offset: int,
    characters: str,
    alphabet: str,
    hidden: int,
    values: Array,
    expected: Predictions,
    concepts: dict[str, list[tuple[int, float]]],
) -> str:
    """Return the page.

    values (T, neurons): the signal after each character, from low to high. expected: what
    was likely at each. concepts: the best neurons of each, by
    number, with their scores.
    """
    likeliest, shares = expected.ids, np.nan_to_num(expected.probabilities)
    data = {
        "model": model,
        "text": text,
        "signal": signal,
        "low": low,
        "high": high,
        "offset": offset,
        "told": offset > 0,
        "characters": _scalar(characters),
        "alphabet": list(_scalar(alphabet)),
        "glyphs": {one: marked(one) for one in set(_scalar(characters + alphabet)) if one != " "},
        "neurons": values.shape[1],
        "hidden": hidden,
        "levels": LEVELS,
        "values": packed(values, high),
        "k": likeliest.shape[1],
        "likeliest": likeliest.reshape(-1).tolist(),
        "probabilities": np.rint(255 * shares).astype(int).reshape(-1).tolist(),
        "concepts": concepts,
    }
    page = resources.files("charrnn.show").joinpath("page.html").read_text(encoding="utf-8")
    # So that no text can end the script that holds it.
    return page.replace("@DATA@", json.dumps(data).replace("<", "\\u003c"))


def packed(values: Array, high: float) -> str:
    """Return values (T, neurons) quantised to LEVELS either side of 0, a neuron after another.

    One byte each, deflated (RFC 1950), in base 64.
    """
    levels = np.clip(np.rint(values.T * (LEVELS / high)), -LEVELS, LEVELS).astype(np.int8)
    return base64.b64encode(zlib.compress(levels.tobytes(), 9)).decode()


def _scalar(text: str) -> str:
    """Return a text without the halves of surrogate pairs, which no page can hold."""
    return "".join("\ufffd" if 0xD800 <= ord(one) <= 0xDFFF else one for one in text)
