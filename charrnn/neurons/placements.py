"""AUROC with its interval, and the difference of two on the same texts.

Source: DeLong, DeLong and Clarke-Pearson 1988.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from charrnn.arrays import Array
from charrnn.intervals import EDGE, Interval

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Placed:
    """The placements of texts: of each that has the label (m,), the share of the others below it.

    others (n,): of each other text, the share of those with the label above it. Ties count half.
    """

    on: Matrix
    others: Matrix

    @property
    def auroc(self) -> float:
        """Their mean."""
        return float(self.on.mean())

    @property
    def interval(self) -> Interval:
        """The 95% interval of the mean."""
        variance = self.on.var(ddof=1) / len(self.on) + self.others.var(ddof=1) / len(self.others)
        half = EDGE * float(variance) ** 0.5
        return self.auroc - half, min(1.0, self.auroc + half)

    def less(self, other: "Placed") -> "Placed":
        """Return the difference to other values of the same texts; its `auroc` is theirs."""
        return Placed(self.on - other.on, self.others - other.others)


def placed(values: Array, on: npt.NDArray[np.bool_]) -> Placed:
    """Return the placements of values (N,), of texts that have a label or not (N,)."""
    with_it, without = np.sort(values[on]), np.sort(values[~on])

    def below(asked: Array, among: Array) -> Matrix:
        both = [np.searchsorted(among, asked, side=side) for side in ("left", "right")]
        found: Matrix = (both[0] + both[1]) / (2 * len(among))
        return found

    return Placed(below(values[on], without), 1 - below(values[~on], with_it))
