"""A number for each character that was written, by which it is shaded."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from charrnn.arrays import Array, drawn
from charrnn.errors import UsageError
from charrnn.losses import log_softmax
from charrnn.neurons.address import parse
from charrnn.prepared import State
from charrnn.sampling.generate import Drawn, Writer


class Shade(NamedTuple):
    """What is shown of a character: a name, the range of its values, and the value itself.

    of: from what was drawn and the network's state once it has read it.
    """

    name: str
    low: float
    high: float
    of: Callable[[Drawn, State], float]


def shade(kind: str, writer: Writer) -> Shade:
    """Return what `probability`, `entropy`, `rank` or `neuron:42` is. Raises UsageError."""
    architecture = writer.network.architecture
    bits = float(np.log2(max(architecture.vocabulary, 2)))
    if kind == "probability":
        return Shade("probability", 0, 1, lambda one, _: float(np.exp(_logs(one)[one.id])))
    if kind == "entropy":
        return Shade("entropy before the character, in bits", 0, bits, lambda one, _: entropy(one))
    if kind == "rank":
        return Shade("log2 of the rank", 0, bits, lambda one, _: float(np.log2(rank(one))))
    if not kind.startswith("neuron:"):
        raise UsageError(f"--color is {kind!r}, but can be probability, entropy, rank, neuron:42")
    neuron = parse(kind.removeprefix("neuron:"), architecture)
    name = architecture.cell.DEFAULT_SIGNAL
    place, signal = architecture.cell.STATES.index(name), architecture.cell.SIGNALS[name]

    def value(one: Drawn, after: State) -> float:
        read = float(after[neuron.layer - 1][place][one.stream, neuron.unit])
        return float(drawn(signal, read))

    label = f"tanh({name})" if signal.squashed else name
    return Shade(f"{neuron} · {label}", signal.low, signal.high, value)


def shaded(writer: Writer, drawn: Iterable[Drawn], by: Shade) -> Iterator[tuple[Drawn, float]]:
    """Yield each character with its value, one character late: the network must have read it."""
    before: Drawn | None = None
    for one in drawn:
        if before is not None:
            yield before, by.of(before, one.state)
        before = one
    if before is not None:
        streams = [before.id] * len(before.state[0][0])
        yield before, by.of(before, writer.network.step(streams, before.state, writer.held)[1])


def rank(one: Drawn) -> int:
    """Return the place of the character among all, by probability: 1 is the likeliest."""
    return int((one.logits > one.logits[one.id]).sum()) + 1


def entropy(one: Drawn) -> float:
    """Return the entropy of what the character was drawn from, in bits."""
    logs = _logs(one)
    return float(-(np.exp(logs) * logs).sum() / np.log(2))


def _logs(one: Drawn) -> Array:
    return log_softmax(one.logits.astype(np.float64))
