"""The learning rate over time, as a share of its peak."""

import math
import sys
from dataclasses import dataclass
from fractions import Fraction

ONE_CYCLE_RISE = 0.3  # of the run
ONE_CYCLE_START = 0.04  # of the peak
HOLD = Fraction(7, 10)  # of the run, for which a trapezoid stays at its peak
ENDLESS = sys.maxsize  # steps: of a run whose end is not known yet


@dataclass(frozen=True)
class Schedule:
    """How the rate goes over a run of `steps` steps, `epoch_steps` of them an epoch.

    After a linear warm-up: constant; step and plateau, which multiply it by `decay`, step every
    few epochs, plateau when asked; exponential, cosine
    (Loshchilov & Hutter 2017), and trapezoid, which falls in a straight line after a long time
    at its peak (Hägele et al. 2024), and these three end at the share `final`. one-cycle (Smith
    2018) rises over a third of the run instead of the warm-up.
    steps: ENDLESS where they are not known yet; a trapezoid is at its peak as long.
    """

    kind: str
    steps: int
    epoch_steps: int
    warmup: int = 100
    final: float = 0.01
    decay: float = 0.5
    every: float = 5.0
    after: float = 0.0

    def share(self, step: int, cuts: int = 0) -> float:
        """Return the share of the peak at a step from 0, after a number of cuts by plateau."""
        if self.kind == "one-cycle":
            return self._one_cycle(step)
        warmup = min(self.warmup, max(1, self.steps // 10))
        if step < warmup:
            return (step + 1) / warmup
        if self.kind == "trapezoid":
            return self._trapezoid(step)
        progress = (step - warmup) / max(1, self.steps - warmup)
        if self.kind == "cosine":
            return self._cosine(progress)
        if self.kind == "exponential":
            return float(self.final**progress)
        if self.kind == "step":
            epoch = 1 + step // self.epoch_steps
            return float(self.decay ** self._steps_down(epoch))
        return float(self.decay**cuts) if self.kind == "plateau" else 1.0

    def _steps_down(self, epoch: int) -> int:
        return max(0, math.ceil((epoch - self.after) / self.every) - 1)

    def _one_cycle(self, step: int) -> float:
        rise = ONE_CYCLE_RISE * self.steps
        if step < rise:
            return ONE_CYCLE_START + (1 - ONE_CYCLE_START) * step / rise
        return self._cosine((step - rise) / (self.steps - rise))

    def _trapezoid(self, step: int) -> float:
        falls = math.ceil(HOLD * self.steps)
        if step <= falls:
            return 1.0
        return 1 - (1 - self.final) * (step - falls) / (self.steps - falls)

    def _cosine(self, progress: float) -> float:
        return self.final + (1 - self.final) * (1 + math.cos(math.pi * progress)) / 2


def steps_of(falls: int) -> int:
    """Return how many steps a trapezoid has whose rate begins to fall after a number of steps."""
    return math.ceil(falls / HOLD)
