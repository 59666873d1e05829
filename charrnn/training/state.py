"""What changes from step to step in a run, in one place, so that resume saves it whole."""

import math
from dataclasses import dataclass, field

from torch import Tensor

from charrnn.training.diagnosis import Point


@dataclass
class State:
    """Where a run stands. Losses are in nats a character, None where nothing has been measured.

    steps: at which it ends. budget: the seconds that it may take, which fix its steps when the rate
    begins to fall; 0 where they are fixed. seconds_before: in earlier sittings; paused_seconds:
    spent on validations and saving. lowest_nats: the lowest training loss reported. worse:
    validations since the best one. cuts: of the rate, on plateaus. measures: of the last validation
    and of the best one, beside the loss. recent: the losses of the steps since the last report.
    """

    command: str
    steps: int
    budget: float = 0.0
    step: int = 0
    characters: int = 0
    seconds_before: float = 0.0
    paused_seconds: float = 0.0
    loss_nats: float | None = None
    validation_nats: float | None = None
    dead_units: int | None = None
    best_nats: float | None = None
    best_step: int | None = None
    lowest_nats: float = math.inf
    rollbacks: int = 0
    worse: int = 0
    cuts: int = 0
    points: list[Point] = field(default_factory=list)
    measures: dict[str, float] = field(default_factory=dict)
    best_measures: dict[str, float] = field(default_factory=dict)
    recent: list[Tensor] = field(default_factory=list)
