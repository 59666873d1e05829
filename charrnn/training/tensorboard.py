"""The course of a run for TensorBoard, where that is installed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from charrnn.errors import TrainingError
from charrnn.training.events import Event, Progress, Validation


def follow(folder: Path) -> Callable[[Event], None]:
    """Return what writes an event into event files in a folder. Raises TrainingError without it."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise TrainingError(
            "--tensorboard needs the package tensorboard, which is not installed",
            "pip install tensorboard",
        ) from None
    writer: Any = SummaryWriter(str(folder))

    def write(event: Event) -> None:
        if isinstance(event, Progress):
            writer.add_scalar("loss/training", event.loss_nats, event.step)
            writer.add_scalar("rate", event.learning_rate, event.step)
            writer.add_scalar("gradient norm", event.gradient_norm, event.step)
        elif isinstance(event, Validation) and event.validation_nats is not None:
            writer.add_scalar("loss/validation", event.validation_nats, event.step)
        writer.flush()

    return write
