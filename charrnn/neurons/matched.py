"""Two networks on one text: where each is better, and which neurons do alike."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from charrnn.arrays import Array
from charrnn.neurons.activations import Activations

STRETCH = 80  # characters whose mean losses are compared
COUNTED = 20_000  # characters by which neurons are matched


class Match(NamedTuple):
    """A signal of A, the one of B most like it (by their places in the lists), and Pearson's r."""

    of_a: int
    of_b: int
    r: float


@dataclass(frozen=True)
class Stretch:
    """Some characters from a place on, and by how much A is better there, in nats a character."""

    start: int
    gain: float


def stretches(costs_a: Array, costs_b: Array, count: int) -> tuple[list[Stretch], list[Stretch]]:
    """Return where A is better by most, and where B is. costs (C,): of the same characters."""
    gains = costs_b - costs_a
    whole = len(gains) // STRETCH * STRETCH
    means = gains[:whole].reshape(-1, STRETCH).mean(axis=1)
    order = np.argsort(-means, kind="stable")
    found = [Stretch(int(one) * STRETCH, float(means[one])) for one in order]
    better = [one for one in found if one.gain > 0][:count]
    worse = [one for one in reversed(found) if one.gain < 0][:count]
    return better, worse


def matches(a: Activations, b: Activations) -> list[Match]:
    """Return, for each signal of A, the one of B whose values go with its own, the closest first.

    Both read the same text; r may be negative.
    """
    values = [_standardised(one) for one in (a, b)]
    r = values[0].T @ values[1] / len(values[0])
    best = np.abs(r).argmax(axis=1)
    found = [Match(one, int(other), float(r[one, other])) for one, other in enumerate(best)]
    return sorted(found, key=lambda match: -abs(match.r))


def _standardised(activations: Activations) -> npt.NDArray[np.float32]:
    columns = activations.columns(range(len(activations.signals)))[activations.counted]
    columns -= columns.mean(axis=0)
    columns /= np.maximum(columns.std(axis=0), 1e-12)
    return columns.astype(np.float32)
