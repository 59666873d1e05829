"""One page of HTML, with everything in it, to look at neurons on a text in a browser."""

import base64
import json
import zlib
from importlib import resources
from pathlib import PurePath
from typing import Any

import numpy as np

from charrnn.arrays import Array
from charrnn.neurons.page import Candidate, Candidates, Page
from charrnn.show.glyphs import marked, safe

LEVELS = 20  # on either side of zero, into which a signal is quantised


def html(seen: Page, model: str, text: str) -> str:
    """Return the page. model, text: what its title calls them."""
    folder = resources.files("charrnn.show")
    style, script, page = (
        folder.joinpath(f"page.{ending}").read_text(encoding="utf-8")
        for ending in ("css", "js", "html")
    )
    # So that no text can end the script that holds it.
    data = json.dumps(content(seen, model, text)).replace("<", "\\u003c")
    return page.replace("@STYLE@", style).replace("@SCRIPT@", script).replace("@DATA@", data)


def content(seen: Page, model: str, text: str) -> dict[str, Any]:
    """Return what the page shows, as values of JSON.

    likeliest, probabilities: of k characters at each place, as places in the alphabet and in
    1/255. signals: their values as `packed` makes them, one step being high / levels.
    """
    architecture, vocabulary = seen.model.architecture, seen.model.vocabulary
    characters = vocabulary.characters_of(seen.ids)
    alphabet = vocabulary.characters_of(range(len(vocabulary)))
    shares = np.nan_to_num(seen.expected.probabilities)
    number, name = seen.opening
    return {
        "model": safe(model),
        "text": safe(text),
        "offset": seen.offset,
        "characters": characters,
        "alphabet": list(alphabet),
        "glyphs": {one: marked(one) for one in sorted({*characters, *alphabet})},
        "neurons": architecture.neurons,
        "hidden": architecture.hidden,
        **({"directions": 2} if architecture.bidirectional else {}),
        "levels": LEVELS,
        "signals": [_signal(seen, name, values) for name, values in seen.signals.items()],
        "k": shares.shape[1],
        "likeliest": seen.expected.ids.reshape(-1).tolist(),
        "probabilities": np.rint(255 * shares).astype(int).reshape(-1).tolist(),
        "concepts": [_concept(one) for one in seen.concepts],
        "opening": {"neuron": number, "signal": name},
    }


def _signal(seen: Page, name: str, values: Array) -> dict[str, Any]:
    signal = seen.model.architecture.cell.SIGNALS[name]
    return {
        "name": name,
        "label": f"tanh({name})" if signal.squashed else name,
        "meaning": signal.meaning,
        "low": signal.low,
        "high": signal.high,
        "values": packed(values, signal.high),
    }


def _concept(one: Candidates) -> dict[str, Any]:
    return {
        "name": one.concept.name,
        "meaning": one.concept.meaning,
        "measure": "|r|" if one.concept.graded else "AUROC",
        "verdict": one.verdict,
        "encodes": one.best is not None and one.best.encodes,
        "refused": one.refused,
        "neurons": [_neuron(neuron, one.concept.graded) for neuron in one.neurons],
    }


def _neuron(one: Candidate, graded: bool) -> dict[str, Any]:
    return {
        "neuron": one.neuron,
        "signal": one.signal,
        "score": one.score if np.isfinite(one.score) else None,
        "notes": _notes(one, graded),
        "verdict": safe(one.verdict),
        "encodes": one.encodes,
        "elsewhere": safe(PurePath(one.text).name),
    }


def _notes(one: Candidate, graded: bool) -> list[str]:
    """Return what must be known to read the colours."""
    low = f"inverted: low values mean {'more of it' if graded else 'it is present'}"
    return [low] * one.low + ["hardly seen in tanh(c), only in c"] * one.raw


def packed(values: Array, high: float) -> str:
    """Return values (T, neurons) quantised to LEVELS either side of 0, a neuron after another.

    One byte each, deflated (RFC 1950), in base 64.
    """
    deflating = zlib.compressobj(6)
    parts = []
    for column in values.T:  # one at a time: little memory
        levels = np.clip(np.rint(column * (LEVELS / high)), -LEVELS, LEVELS)
        parts.append(deflating.compress(levels.astype(np.int8).tobytes()))
    return base64.b64encode(b"".join([*parts, deflating.flush()])).decode()
