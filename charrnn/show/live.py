"""A training run in a terminal: a bar, the losses and a sample, redrawn in place."""

import math
import time
from types import TracebackType

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, TaskProgressColumn, TextColumn
from rich.progress import Progress as Bar
from rich.text import Text

from charrnn.curves import Curve
from charrnn.show.curves import POINTS, plot
from charrnn.show.stdio import is_unicode
from charrnn.show.training import LineView, standing
from charrnn.training.events import (
    Compiling,
    Event,
    Finished,
    Plan,
    Progress,
    RolledBack,
    Settled,
    Validation,
)

PLOT_HEIGHT = 12  # rows
PLOT_WIDTH = 72  # columns
LEAST_HEIGHT = 24  # rows of a window in which the curves fit
REDRAW_SECONDS = 0.25  # drawing takes time from training, which may take 100 steps per second


class LiveView(LineView):
    """A terminal's view: a bar, the losses and a sample, redrawn in place."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self.validation: Validation | None = None
        self.sample: list[str] = []
        self.bar = Bar(
            TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), console=console
        )
        self.drawn = -math.inf
        self.task = self.bar.add_task("", total=None)
        self.live = Live(console=console, transient=True, auto_refresh=False)
        self.losses: dict[str, list[tuple[int, float, float]]] = {"training": [], "validation": []}

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.live.stop()

    def update(self, event: Event) -> None:
        """Redraw what is live; print the plan above it and the end below."""
        if isinstance(event, RolledBack | Settled):
            super().update(event)
            return
        if isinstance(event, Compiling | Plan | Finished):
            self.live.stop()
            super().update(event)
            if isinstance(event, Plan):
                self.console.print()
                self.live.start()
            return
        if isinstance(event, Progress):
            self.progress = event
            self._note("training", event.step, event.elapsed_seconds, event.loss_nats)
        else:
            self.validation = event
            self.sample = self._sample(event)
            if event.validation_nats is not None:
                self._note("validation", event.step, event.elapsed_seconds, event.validation_nats)
        now = time.monotonic()
        if isinstance(event, Validation) or now - self.drawn > REDRAW_SECONDS:
            self.drawn = now
            self.live.update(self._drawing(), refresh=True)

    def _note(self, kind: str, step: int, seconds: float, nats: float) -> None:
        self.losses[kind].append((step, seconds, nats))

    def _plot(self) -> list[Text]:
        """Return the curves so far, where they fit in the window."""
        noted = {kind: points for kind, points in self.losses.items() if len(points) > 1}
        if not noted or self.console.height < LEAST_HEIGHT:
            return []
        curves = {kind: Curve(*zip(*points, strict=True)) for kind, points in noted.items()}
        if "training" in curves:
            curves["training"] = curves["training"].smoothed(POINTS)
        unicode = is_unicode(self.console.encoding)
        color = not self.console.no_color and self.console.color_system is not None
        width = min(self.console.width, PLOT_WIDTH)
        unit = f"nats per {self.scored}"
        return [plot(curves, width, PLOT_HEIGHT, unicode=unicode, color=color, unit=unit)]

    def _drawing(self) -> RenderableType:
        lines = []
        if self.progress:
            self.bar.update(
                self.task,
                total=self.progress.steps,
                completed=self.progress.step,
                description=self._step(self.progress.step),
            )
            lines.append(standing(self.progress, self.validation, self.scored))
            lines.append(
                f"rate {self.progress.learning_rate:.2g} · gradient norm "
                f"{self.progress.gradient_norm:.2g}"
            )
        sample = [Text(f"  {line}", no_wrap=True, overflow="ellipsis") for line in self.sample]
        return Group(self.bar, *lines, *self._plot(), "", *sample)
