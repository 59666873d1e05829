"""Neurons that are held or pushed while a network writes."""

import re

from charrnn.architecture import Architecture
from charrnn.errors import UsageError
from charrnn.intervention import Intervention
from charrnn.neurons.address import parse

CLAMP = re.compile(r"(?P<address>(?:\d+:)?\d+)(?::(?P<signal>[hc]))?=(?P<push>\+)?(?P<value>.+)")


def clamp(text: str, architecture: Architecture) -> Intervention:
    """Return what `42=0.9` asks for: a neuron held at a value; `=+0.5` and `=+-0.5` push it.

    The address is 42 or LAYER:UNIT; `:c` after it is the cell state of an LSTM instead of h.
    Raises UsageError for anything else.
    """
    found = CLAMP.fullmatch(text)
    try:
        value = float(found["value"]) if found else float("nan")
    except ValueError:
        value = float("nan")
    if not found or not -1e6 < value < 1e6:
        raise UsageError(
            f"--clamp {text!r} is not valid",
            "42=0.9 holds a neuron, 1:42:c=+0.5 adds to a cell state",
        )
    neuron = parse(found["address"], architecture)
    signal = found["signal"] or "h"
    if signal not in architecture.cell.STATES:
        raise UsageError(f"--clamp {text!r}: a {architecture.backbone} has no cell state c")
    return Intervention(neuron.layer - 1, neuron.unit, value, signal, push=bool(found["push"]))
