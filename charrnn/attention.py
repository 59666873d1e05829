"""What a model attends to: how much of each symbol that it reads counts for each that it writes."""

from dataclasses import dataclass

from charrnn.arrays import Array
from charrnn.errors import UsageError
from charrnn.notebook import Shown
from charrnn.settings.tasks import TASKS


@dataclass(frozen=True)
class Alignment(Shown):
    """The attention weights of a target over a source.

    source, target: their symbols, as a rule characters; where a text is labelled, the target is
    its label. weights (T_target, T_source): each row is over the source, and adds up to 1. model:
    its name.
    """

    source: tuple[str, ...]
    target: tuple[str, ...]
    weights: Array
    model: str = ""

    def __post_init__(self) -> None:
        assert self.weights.shape == (len(self.target), len(self.source)), self.weights.shape


def lacking() -> UsageError:
    """Return the error for a model that has no attention, which names what has."""
    ways = [f"--task {name} {one.attends}" for name, one in TASKS.items() if one.attends]
    return UsageError("this model has no attention", f"{' or '.join(ways)} trains one that has")
