"""Texts shaded by how sure a model is, as it reads on, of the label that each gets."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console

from charrnn.neurons.decisions import Decision, Decisions
from charrnn.show.console import say, say_names
from charrnn.show.glyphs import safe
from charrnn.show.heatmap import FIXED, NOTE, Heatmap, legend, say_legend, usable_colors
from charrnn.show.report import Report

HEAD = 5  # lines above and below the texts
LABEL = 60  # columns of the line below a text, about


def report(read: Decisions) -> Report:
    """Return the view."""
    found, labels = read.found, read.labels

    def show(console: Console) -> None:
        say(console, "probability, after each character, of the label that the whole text gets")
        say_names(console, read.model, read.text)
        console.print()
        for one in found:
            console.print(Heatmap(one.characters, one.probabilities, 0, 1, ends=False), end="")
            say(console, f"  {safe(_in_words(one, labels))}")
        console.print()
        say_legend(console, legend(console, 0, 1), "".join(one.characters for one in found))

    texts = [
        {
            "position": one.start,
            "characters": one.length,
            "label": labels[one.label],
            "probability": one.probability,
            "known": None if one.known is None else labels[one.known],
            "decided": one.decided,
        }
        for one in found
    ]
    data = {"model": read.model, "text": read.text, "texts": texts}
    return Report(show, data, [row for one in found for row in _rows(one, labels)])


def _in_words(one: Decision, labels: Sequence[str]) -> str:
    """Say which label a text gets, since when, and which it has."""
    parts = [f"{labels[one.label]} {one.probability:.3f}"]
    if one.decided:
        parts.append(f"from character {one.decided:,} of {one.length:,} on")
    else:
        parts.append(f"{len(one.characters):,} of {one.length:,} characters shown")
    if one.known is not None:
        parts.append("right" if one.known == one.label else f"wrong, it is {labels[one.known]}")
    return " · ".join(parts)


def _rows(one: Decision, labels: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {
            "position": one.start + place,
            "character": character,
            "label": labels[one.label],
            "probability": probability,
            "likeliest": labels[likeliest],
        }
        for place, (character, probability, likeliest) in enumerate(
            zip(one.characters, one.probabilities.tolist(), one.likeliest.tolist(), strict=True)
        )
    ]


def fitting(console: Console, lengths: Sequence[int]) -> int:
    """Return how many characters of texts, of so many characters each, a window shows."""
    if not console.is_terminal:
        return FIXED
    rows = 1 if usable_colors(console) else 2
    below = -(-LABEL // console.width)
    left = console.height - HEAD - -(-NOTE // console.width) - below
    fits = 0
    for length in lengths:
        lines = -(-length // console.width)
        if fits and lines * rows + below > left:
            break
        fits += min(length, max(1, (left - below) // rows) * console.width) + 1
        left -= lines * rows + below
    return max(1, fits - 1)
