"""The settings of a training run and the values that they take: a dataclass a group."""

from dataclasses import dataclass

from charrnn.settings.labels import LabelSettings, PoolSettings, RowSettings
from charrnn.settings.learning import LearningSettings
from charrnn.settings.machine import MachineSettings
from charrnn.settings.model import ModelSettings
from charrnn.settings.pairs import PairSettings
from charrnn.settings.tags import TagSettings
from charrnn.settings.text import TextSettings

__all__ = ["TrainConfig"]


@dataclass(frozen=True)
class TrainConfig(
    MachineSettings,
    LearningSettings,
    PoolSettings,
    LabelSettings,
    TagSettings,
    PairSettings,
    RowSettings,
    ModelSettings,
    TextSettings,
):
    """Everything that decides what a training run learns. Numbers are counts unless named.

    The fields of the last group come first.
    """
