"""The loss of a model on a text."""

import math
from dataclasses import asdict
from typing import Any

from rich.console import Console

from charrnn.arrays import Array
from charrnn.between import Surrounded
from charrnn.show.model import show_field
from charrnn.show.report import Report
from charrnn.show.units import count, loss


def of_both_sides(found: Surrounded) -> Report:
    """Return the view of how well characters are predicted from both sides."""

    def show(console: Console) -> None:
        predicted = count(found.characters, "character")
        show_field(console, "text", f"{found.text} · {predicted} predicted, given both sides")
        show_field(console, "model", found.model)
        show_field(console, "loss", loss(found.nats))
        show_field(console, "right", f"{found.accuracy:.1%}")

    return Report(show, asdict(found), tabular=False)


def report(
    costs: Array, characters: str, how: str, model: str, text: str, total: bool = True
) -> Report:
    """Return the view of a text's loss.

    costs: of each predicted character, in nats. characters: the same ones, where each is listed.
    total: whether their sum is the length of a code for the text.
    """
    nats = float(costs.mean())
    bits = float(costs.sum()) / math.log(2)

    def show(console: Console) -> None:
        predicted = count(costs.size, "character")
        show_field(console, "text", f"{text} · {predicted} predicted, {how}")
        show_field(console, "model", model)
        show_field(console, "loss", loss(nats))
        if total:
            show_field(console, "total", f"{bits:,.0f} bits, {bits / 8:,.0f} bytes")

    figures: dict[str, Any] = {
        "text": text,
        "how": how,
        "characters": costs.size,
        "nats": nats,
        "bits": nats / math.log(2),
    } | ({"total_bits": bits} if total else {})
    if not characters:
        return Report(show, figures, [figures], tabular=False)
    nats_of_each = costs.tolist()
    arrays = {"character": list(characters), "nats": nats_of_each}
    rows = [
        {"character": one, "nats": cost} for one, cost in zip(characters, nats_of_each, strict=True)
    ]
    return Report(show, figures | {"per_character": arrays}, rows, tabular=False)
