"""What the course of a run says about what to try next, in plain words."""

import math
import statistics
from typing import NamedTuple

from charrnn.settings import TrainConfig

RISE = 0.02  # nats that the validation loss must rise by before overfitting is spoken of
EARLY = 0.5  # of a run, before which a best validation means overfitting, whatever the rise
FEW_STEPS = 100  # after which a loss has hardly begun to fall
FALL = 0.01  # nats that the loss must fall by in the last quarter of a run to be still falling
NOISE = 0.03  # nats by which a training loss may rise without meaning anything
GAP = 0.05  # nats between training and validation up to which nothing is learned by heart
HELD = 0.15  # nats between them up to which too much decay or dropout may be to blame
TOO_MUCH = 2  # times the weight decay that suits the text, or more: the network underfits
PATIENCE = 3  # validations without improvement, after which a run that overfits may stop
FAR_OFF = 3  # times the rate that suits the network, or a third of it: it learns less than it could
MORE_DROPOUT = 0.2  # than now, against overfitting
MOST_DROPOUT = 0.7
DEAD_SHARE = 0.1  # of the units, from which something is wrong


class Point(NamedTuple):
    """The losses at a validation, in nats per character, both measured in the same way."""

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
    with it, so that what more steps would bring shows in what came before; unless it has stopped
    to fall even then.
    """
    if len(points) < 4 or points[-1].step < FEW_STEPS:
        return ""
    best, last = min(points, key=lambda point: point.validation_nats), points[-1]
    gap = last.validation_nats - last.training_nats
    below = f"{max(gap, 0):.3f} nats below validation loss"
    if dead_share > DEAD_SHARE:
        return (
            f"{dead_share:.0%} of the units are dead, constant over the text: "
            f"--learning-rate {settings.learning_rate / 2:.2g} would keep more of them alive"
        )
    rise = last.validation_nats - best.validation_nats
    if rise > RISE or (rise > 0 and gap > GAP and best.step < EARLY * last.step):
        return _on_rising(best, last, settings, suited, epoch_steps)
    if gap < HELD and (less := _less(settings, suited)):
        return f"underfits, training loss only {below}: {less}"
    fell = _fall([point for point in points if point.step <= falls], len(points) // 4)
    annealed = falls < last.step
    if fell > FALL and not (annealed and best not in points[-2:]):
        when = " at the peak rate" if annealed else ""
        return (
            f"still falling, by {fell:.3f} nats in the last quarter{when}: "
            f"--steps {2 * settings.steps} would lower the loss further"
        )
    if gap < GAP:
        wider = 16 * math.ceil(settings.hidden * 1.5 / 16)
        return f"levelled off without overfitting: --hidden {wider} would help more than more steps"
    return f"converged, training loss {below}: only more text would help much"


def _on_rising(
    best: Point, last: Point, settings: TrainConfig, suited: TrainConfig, epoch_steps: int
) -> str:
    if last.training_nats > best.training_nats + NOISE:
        return (
            "the loss rose again towards the end: "
            f"--learning-rate {settings.learning_rate / 2:.2g} would help"
        )
    dropout = min(MOST_DROPOUT, max(settings.dropout + MORE_DROPOUT, suited.dropout))
    more = f"--dropout {dropout:.2g} or " * (dropout > settings.dropout)
    where = f"step {best.step:,} of {last.step:,}, epoch {best.step / epoch_steps:,.0f}"
    return (
        f"overfits after {where}: {more}more text would help; --steps {best.step} or "
        f"--patience {PATIENCE} saves time; the best model is kept"
    )


def _less(settings: TrainConfig, suited: TrainConfig) -> str:
    """Return advice where the rate, decay or dropout keeps the network from learning enough."""
    if not suited.learning_rate / FAR_OFF < settings.learning_rate < FAR_OFF * suited.learning_rate:
        return f"--learning-rate {suited.learning_rate:.2g} would help"
    if settings.weight_decay > TOO_MUCH * suited.weight_decay:
        return f"--weight-decay {suited.weight_decay:.2g} would help"
    if settings.dropout > suited.dropout:
        return f"--dropout {suited.dropout:.2g} would help"
    return ""


def _fall(points: list[Point], count: int) -> float:
    """Return by how much the last `count` validations are lower, on average, than those before."""
    losses = [point.validation_nats for point in points]
    last, before = losses[-count:], losses[-2 * count : -count]
    return statistics.fmean(before) - statistics.fmean(last) if before else 0.0
