"""What the course of a run says about what to try next, in plain words."""

import math
import statistics
from typing import NamedTuple

RISE = 0.005  # nats that the validation loss must rise by before overfitting is spoken of
FALL = 0.01  # nats that the last quarter of a run must win to be still falling
NOISE = 0.03  # nats by which the training loss of ten steps differs from that of the next ten
GAP = 0.15  # nats between training and validation from which a larger model would overfit


class Point(NamedTuple):
    """The losses at a validation, in nats a character."""

    step: int
    training_nats: float
    validation_nats: float


def diagnose(points: list[Point], epoch_steps: int, falls: float = math.inf) -> str:
    """Return one line of advice, empty where too little was seen.

    falls: the step from which a rate falls that was at its peak before. The loss falls with it, so
    that what more time would bring shows in what came before.
    """
    if len(points) < 4:
        return ""
    best = min(points, key=lambda point: point.validation_nats)
    last = points[-1]
    if last.validation_nats > best.validation_nats + RISE:
        if last.training_nats < best.training_nats + NOISE:
            epoch = best.step / epoch_steps
            return (
                f"overfitting since epoch {epoch:.3g}: more --dropout, fewer --hidden units or "
                "more text would help; the best model is kept"
            )
        return "the loss rose again towards the end: a lower --learning-rate would help"
    won = _won([point for point in points if point.step <= falls], len(points) // 4)
    if won > FALL:
        when = " at the rate's peak" if falls < last.step else ""
        return f"still falling, by {won:.3f} nats in the last quarter{when}: give it more time"
    if last.validation_nats - last.training_nats > GAP:
        return "levelled off, and better on what it has read: --dropout or more text would help"
    return "levelled off: more --hidden units or --layers would help more than more time"


def _won(points: list[Point], count: int) -> float:
    """Return by how much the last so many validations are better on average than those before."""
    losses = [point.validation_nats for point in points]
    last, before = losses[-count:], losses[-2 * count : -count]
    return statistics.fmean(before) - statistics.fmean(last) if before else 0.0
