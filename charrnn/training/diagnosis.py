"""What the course of a run says about what to try next, in plain words."""

from typing import NamedTuple

RISE = 0.005  # nats that the validation loss must rise by before overfitting is spoken of
FALL = 0.01  # nats that the last quarter of a run must win to be still falling
GAP = 0.15  # nats between training and validation from which a larger model would overfit


class Point(NamedTuple):
    """The losses at a validation, in nats a character."""

    step: int
    training_nats: float
    validation_nats: float


def diagnose(points: list[Point], epoch_steps: int) -> str:
    """Return one line of advice, empty where too little was seen."""
    if len(points) < 4:
        return ""
    best = min(points, key=lambda point: point.validation_nats)
    last, earlier = points[-1], points[-1 - len(points) // 4]
    if last.validation_nats > best.validation_nats + RISE:
        if last.training_nats < best.training_nats:
            epoch = best.step / epoch_steps
            return (
                f"overfitting since epoch {epoch:.3g}: more --dropout, fewer --hidden units or "
                "more text would help; the best model is kept"
            )
        return "the loss rose again towards the end: a lower --learning-rate would help"
    won = earlier.validation_nats - last.validation_nats
    if won > FALL:
        return f"still falling, by {won:.3f} nats in the last quarter: give it more time"
    if last.validation_nats - last.training_nats > GAP:
        return "levelled off, and better on what it has read: --dropout or more text would help"
    return "levelled off: more --hidden units or --layers would help more than more time"
