"""The settings of a training run and the values that they take: a dataclass a group."""

from dataclasses import dataclass

from charrnn.settings.labels import LabelSettings, RowSettings
from charrnn.settings.learning import LearningSettings
from charrnn.settings.machine import MachineSettings
from charrnn.settings.model import ModelSettings
from charrnn.settings.text import TextSettings

__all__ = ["TrainConfig"]


@dataclass(frozen=True)
class TrainConfig(
    MachineSettings, LearningSettings, LabelSettings, RowSettings, ModelSettings, TextSettings
):
    """Everything that decides what a training run learns. Numbers are counts unless named.

    The fields of the last group come first.
    """
