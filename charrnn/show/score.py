"""What a text costs a model."""

import json
import math

from rich.console import Console

from charrnn.cells.cell import Array
from charrnn.show.model import show_field
from charrnn.show.units import count, loss


def show_score(console: Console, costs: Array, how: str, model: str, text: str) -> None:
    """Print the mean loss and the total. costs: of each character, in nats."""
    total = float(costs.sum()) / math.log(2)
    show_field(console, "text", f"{text} · {count(costs.size, 'character')} predicted, {how}")
    show_field(console, "model", model)
    show_field(console, "loss", loss(float(costs.mean())))
    show_field(console, "in all", f"{total:,.0f} bits, {total / 8:,.0f} bytes")


def print_json(costs: Array, characters: str, how: str, model: str, text: str) -> None:
    """Print one object; with it what each character cost. characters: those predicted."""
    nats = float(costs.mean())
    print(
        json.dumps(
            {
                "text": text,
                "model": model,
                "how": how,
                "characters": costs.size,
                "nats": nats,
                "bits": nats / math.log(2),
                "total_bits": float(costs.sum()) / math.log(2),
                "costs": [
                    {"character": character, "nats": float(cost)}
                    for character, cost in zip(characters, costs, strict=True)
                ],
            }
        )
    )
