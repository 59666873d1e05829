"""How a neuron is named: `42`, counted from 0 through the layers, or `layer:unit`, `1:42`.

In a model that reads both ways `1:42` is a unit of layer 1's forward direction, and `backward:1:42`
of its backward one, whose units have the higher numbers. In a model that writes a text for a text
`encoder:1:42`, `encoder:backward:1:42` and `decoder:1:42` are units of its two parts.
"""

import re
from dataclasses import dataclass

from charrnn.architecture import Architecture
from charrnn.errors import UsageError

DIRECTIONS = ("forward", "backward")
STACK = r"(?:(encoder|decoder):)?"
ADDRESS = re.compile(STACK + r"(?:(?:(forward|backward):)?(\d{1,9}):)?(\d{1,9})", re.ASCII)
LIKE_ONE = re.compile(STACK + r"(?:(?:forward|backward):)?[\d:+-]*")


@dataclass(frozen=True)
class Neuron:
    """One unit of one layer. number: from 0 through all layers; layer: from 1; unit: from 0.

    direction: one of DIRECTIONS in a model that reads both ways, else "". stack: of a model that
    writes a text for a text, encoder or decoder, in which it is counted.
    """

    number: int
    layer: int
    unit: int
    direction: str = ""
    stack: str = ""

    def __str__(self) -> str:
        way = f", {self.direction}" if self.direction else ""
        part = f"{self.stack}, " if self.stack else ""
        return f"neuron {self.number} ({part}layer {self.layer}{way}, unit {self.unit})"

    @property
    def both_names(self) -> str:
        """Its number and its address: 42 (1:42)."""
        way = "backward:" if self.direction == "backward" else ""
        part = f"{self.stack}:" if self.stack else ""
        return f"{self.number} ({part}{way}{self.layer}:{self.unit})"

    @property
    def as_json(self) -> dict[str, int | str]:
        """What names it in JSON; the direction only where there are two; the part."""
        more = {"direction": self.direction, "stack": self.stack}
        said = {name: value for name, value in more.items() if value}
        return {"neuron": self.number, "layer": self.layer, "unit": self.unit, **said}


def numbered(number: int, architecture: Architecture) -> Neuron:
    """Return the neuron with a number, counted from 0 through the layers."""
    run, unit = divmod(number, architecture.hidden)
    if not architecture.bidirectional:
        return Neuron(number, run + 1, unit, stack=architecture.stack)
    return Neuron(number, run // 2 + 1, unit, DIRECTIONS[run % 2], architecture.stack)


def is_address(word: str) -> bool:
    """Return whether a word is written as an address, and not as a concept's name."""
    return bool(LIKE_ONE.fullmatch(word))


def parse(address: str, architecture: Architecture) -> Neuron:
    """Return the neuron at an address. Raises UsageError, which says which there are."""
    match = ADDRESS.fullmatch(address)
    here = match and match[1] in (None, architecture.stack)
    if match and here and (architecture.bidirectional or not match[2]):
        way, layer, unit = match[2], match[3], int(match[4])
        if layer is None and unit < architecture.neurons:
            return numbered(unit, architecture)
        if layer and 1 <= int(layer) <= architecture.layers and unit < architecture.hidden:
            first = (int(layer) - 1) * architecture.width
            return numbered(first + architecture.hidden * (way == "backward") + unit, architecture)
    raise UsageError(f"there is no neuron {address!r} in this model", _there_are(architecture))


def _there_are(architecture: Architecture) -> str:
    last = f"{architecture.layers}:{architecture.hidden - 1}"
    ways = f", and backward:1:0 to backward:{last}" * architecture.bidirectional
    whose = f"its {architecture.stack}'s" if architecture.stack else "its"
    return (
        f"{whose} neurons are 0 to {architecture.neurons - 1}, or 1:0 to {last} as layer:unit{ways}"
    )
