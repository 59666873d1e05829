"""What every task's file offers."""

from typing import Any, Protocol

from charrnn.architecture import Architecture
from charrnn.config import Effort
from charrnn.hyperparameters import Choice
from charrnn.settings import TrainConfig


class Task(Protocol):
    """A task: a module of this package."""

    def read(self, config: TrainConfig) -> Any:
        """Read the corpus that the settings name. Raises CorpusError."""

    def shortened(self, config: TrainConfig, corpus: Any) -> tuple[TrainConfig, tuple[str, ...]]:
        """Return the settings as they fit a short corpus, and what to say of it."""

    def fitted(
        self, config: TrainConfig, corpus: Any, effort: Effort | None, speed: float
    ) -> tuple[TrainConfig, list[Choice]]:
        """Choose the settings that were not given, to suit the corpus and what may be spent."""

    def make(self, config: TrainConfig, corpus: Any) -> Any:
        """Return the corpus as ids: alphabet, what is learned, what validates, what is kept."""

    def suited(self, config: TrainConfig, ready: Any) -> TrainConfig:
        """Return the settings with the values that suit the corpus, for advice at the end."""

    def shape(self, config: TrainConfig, ready: Any) -> Architecture:
        """Return the network that learns it."""
