"""Places in a text that show what a neuron does: highest, random, at quantiles, lowest."""

import numpy as np
import numpy.typing as npt

from charrnn.arrays import Array

APART = 60  # characters between two excerpts of a kind
QUANTILES = (0.99, 0.9, 0.75, 0.5, 0.25, 0.1, 0.01)


def excerpts(
    values: Array, first: int, count: int, random: np.random.Generator
) -> dict[str, list[int]]:
    """Return places in values (C,), from `first` on, by kind.

    Beside the highest and lowest stand random ones and some at quantiles: a neuron seen only at its
    best seems to be about more, or less, than it is.
    """
    places = np.arange(first, len(values))
    order = places[np.argsort(-values[first:], kind="stable")]
    at = [int(order[round((1 - share) * (len(order) - 1))]) for share in QUANTILES]
    return {
        "highest": _apart(order, count),
        "random": sorted(int(one) for one in random.choice(places, min(count, len(places)), False)),
        "quantiles": at,
        "lowest": _apart(order[::-1], count),
    }


def _apart(order: npt.NDArray[np.intp], count: int) -> list[int]:
    chosen: list[int] = []
    for place in order.tolist():
        if all(abs(place - other) >= APART for other in chosen):
            chosen.append(place)
        if len(chosen) == count:
            break
    return chosen
