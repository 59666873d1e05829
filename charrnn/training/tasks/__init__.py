"""The half of each task that needs torch: what a step makes smaller, and how a model is judged."""

from importlib import import_module
from typing import Any, Protocol, cast

from torch import nn

from charrnn.settings import TrainConfig
from charrnn.training.evaluate import Evaluation
from charrnn.training.model import CharacterModel


class Side(Protocol):
    """What each file here offers."""

    def objective(self, model: CharacterModel, settings: TrainConfig) -> nn.Module:
        """Return what maps a chunk and a state to the loss to minimise, the loss, and the state."""

    def evaluate(self, model: CharacterModel, text: Any) -> Evaluation:
        """Return how good a model is on what validates."""


def of(name: str) -> Side:
    """Return the half of a task that needs torch."""
    return cast(Side, import_module(f"{__name__}.{name.replace('-', '_')}"))
