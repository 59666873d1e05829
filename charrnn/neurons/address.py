"""How a neuron is named: `42`, counted from 0 through the layers, or `layer:unit`, `1:42`."""

import re
from dataclasses import dataclass

from charrnn.architecture import Architecture
from charrnn.errors import UsageError


@dataclass(frozen=True)
class Neuron:
    """One unit of one layer. number: from 0 through all layers; layer: from 1; unit: from 0.

    In a layer that reads both ways, the units that read backwards come after the others.
    """

    number: int
    layer: int
    unit: int

    def __str__(self) -> str:
        return f"neuron {self.number} (layer {self.layer}, unit {self.unit})"


def numbered(number: int, architecture: Architecture) -> Neuron:
    """Return the neuron with a number, counted from 0 through the layers."""
    layer, unit = divmod(number, architecture.width)
    return Neuron(number, layer + 1, unit)


def is_address(word: str) -> bool:
    """Return whether a word is written as an address, and not as a concept's name."""
    return bool(re.fullmatch(r"[\d:+-]*", word))


def parse(address: str, architecture: Architecture) -> Neuron:
    """Return the neuron at an address. Raises UsageError, which says which there are."""
    match = re.fullmatch(r"(?:(\d{1,9}):)?(\d{1,9})", address, re.ASCII)
    if match:
        width = architecture.width
        unit = int(match[2])
        layer, unit = (int(match[1]), unit) if match[1] else (unit // width + 1, unit % width)
        if 1 <= layer <= architecture.layers and unit < width:
            return numbered((layer - 1) * width + unit, architecture)
    raise UsageError(f"there is no neuron {address!r} in this model", _there_are(architecture))


def _there_are(architecture: Architecture) -> str:
    last = architecture.width - 1
    return (
        f"its neurons are 0 to {architecture.neurons - 1}, "
        f"or 1:0 to {architecture.layers}:{last} as layer:unit"
    )
