"""What the course of a run says about what to try next, in plain words."""

import math
import statistics
from typing import NamedTuple

from charrnn.settings import TrainConfig

RISE = 0.02  # nats that the validation loss must rise by before overfitting is spoken of
FALL = 0.01  # nats that the last quarter of a run must win to be still falling
NOISE = 0.03  # nats by which a training loss may rise without meaning anything
GAP = 0.05  # nats between training and validation up to which nothing is learned by heart
HELD = 0.15  # nats between them up to which too much decay or dropout may be to blame
TOO_MUCH = 2  # times the weight decay that suits the text, or more: it holds the network back
FAR_OFF = 3  # times the rate that suits the network, or a third of it: it learns less than it could
MORE_DROPOUT = 0.2  # than now, against overfitting
MOST_DROPOUT = 0.7
DEAD_SHARE = 0.1  # of the units, from which something is wrong


class Point(NamedTuple):
    """The losses at a validation, in nats a character, both measured in the same way."""

    step: int
    training_nats: float
    validation_nats: float


def diagnose(
    points: list[Point],
    settings: TrainConfig,
    suited: TrainConfig,
    epoch_steps: int,
    dead_share: float = 0.0,
    falls: float = math.inf,
) -> str:
    """Return one line of advice, with a flag and its value; empty where too little was seen.

    suited: the settings with the rate, decay and dropout that suit the text. dead_share: of
    all units. falls: the step from which a rate falls that was at its peak before. The loss falls
    with it, so that what more time would bring shows in what came before.
    """
    if len(points) < 4:
        return ""
    best, last = min(points, key=lambda point: point.validation_nats), points[-1]
    gap = last.validation_nats - last.training_nats
    if dead_share > DEAD_SHARE:
        return (
            f"{dead_share:.0%} of the units are dead, constant over the text: "
            f"--learning-rate {settings.learning_rate / 2:.2g} would keep more of them alive"
        )
    if last.validation_nats > best.validation_nats + RISE:
        return _on_rising(best, last, settings, suited, epoch_steps)
    if gap < HELD and (less := _less(settings, suited)):
        return f"held back, only {max(gap, 0):.3f} nats better on what it has read: {less}"
    won = _won([point for point in points if point.step <= falls], len(points) // 4)
    if won > FALL:
        when = " at the rate's peak" if falls < last.step else ""
        return (
            f"still falling, by {won:.3f} nats in the last quarter{when}: "
            f"--steps {2 * settings.steps} would bring more"
        )
    if gap < GAP:
        wider = 16 * math.ceil(settings.hidden * 1.5 / 16)
        return (
            "levelled off, and nothing is learned by heart: "
            f"--hidden {wider} would bring more than more time"
        )
    return f"done, {gap:.3f} nats better on what it has read: only more text would bring much more"


def _on_rising(
    best: Point, last: Point, settings: TrainConfig, suited: TrainConfig, epoch_steps: int
) -> str:
    if last.training_nats > best.training_nats + NOISE:
        return (
            "the loss rose again towards the end: "
            f"--learning-rate {settings.learning_rate / 2:.2g} would help"
        )
    dropout = min(MOST_DROPOUT, max(settings.dropout + MORE_DROPOUT, suited.dropout))
    if dropout <= settings.dropout:
        return (
            f"overfitting since epoch {best.step / epoch_steps:.3g}: --steps {best.step} would do, "
            "or more text; the best model is kept"
        )
    return (
        f"overfitting since epoch {best.step / epoch_steps:.3g}: --dropout {dropout:.2g} or more "
        "text would help; the best model is kept"
    )


def _less(settings: TrainConfig, suited: TrainConfig) -> str:
    """Return advice to hold the network back less, where it is held back more than suits."""
    if not suited.learning_rate / FAR_OFF < settings.learning_rate < FAR_OFF * suited.learning_rate:
        return f"--learning-rate {suited.learning_rate:.2g} would help"
    if settings.weight_decay > TOO_MUCH * suited.weight_decay:
        return f"--weight-decay {suited.weight_decay:.2g} would help"
    if settings.dropout > suited.dropout:
        return f"--dropout {suited.dropout:.2g} would help"
    return ""


def _won(points: list[Point], count: int) -> float:
    """Return by how much the last so many validations are better on average than those before."""
    losses = [point.validation_nats for point in points]
    last, before = losses[-count:], losses[-2 * count : -count]
    return statistics.fmean(before) - statistics.fmean(last) if before else 0.0
