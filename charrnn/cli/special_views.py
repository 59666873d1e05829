"""What answers for a task whose models do not write: its own module of views.

A module may leave out a view that the usual one draws well for its models.
"""

from collections.abc import Collection, Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TextIO, cast

from charrnn.settings.tasks import TASKS

if TYPE_CHECKING:
    from charrnn.checkpoint import Checkpoint
    from charrnn.cli.reading import Given
    from charrnn.reading import Opened, Text
    from charrnn.sampling.settings import SampleConfig
    from charrnn.show.report import Report


class Views(Protocol):
    """What each such module offers."""

    def refuse_writing(self, given: Collection[str], path: Path) -> None:
        """Raise UsageError for a setting of writing."""

    def answer(
        self,
        loaded: "Checkpoint",
        parts: Iterable[list[str]],
        config: "SampleConfig",
        stream: TextIO,
    ) -> None:
        """Write what the model makes of texts, which come some at a time: `charrnn sample`."""

    def score(
        self, opened: "Opened", files: list[Path], columns: str, skip_bad: bool, form: str
    ) -> "Report":
        """Return how good the model is."""

    def text(
        self, opened: "Opened", read: "Text", offset: int, length: int, top: int, given: "Given"
    ) -> "Report":
        """Return a text, shaded."""

    def attention(
        self, opened: "Opened", read: "Text", offset: int, length: int, given: "Given"
    ) -> "Report":
        """Return the attention over texts; only where the task declares how models have it."""

    def errors(self, opened: "Opened", read: "Text") -> "Report":
        """Return what the model takes for what."""


def of(loaded: "Checkpoint", view: str = "answer") -> Views | None:
    """Return the views of a model's task, None where it has not the one that is asked for."""
    name = TASKS[loaded.task].views
    module = import_module(f"charrnn.cli.{name}") if name else None
    return cast(Views, module) if hasattr(module, view) else None
