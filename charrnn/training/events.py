"""The events of a training run. This file does not import torch, so `show` may read it."""

import json
import math
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from charrnn.architecture import Architecture
from charrnn.hyperparameters import Choice
from charrnn.network import Network

VERSION = 1  # of the JSON; it rises when a name in it changes its meaning or goes


@dataclass(frozen=True)
class Compiling:
    """The cell's kernel is compiled, which takes some seconds, once on a machine."""

    cell: str


@dataclass(frozen=True)
class Plan:
    """What is about to be trained, before the first step.

    budget_seconds: those that the steps, an estimate until Settled, are to take; 0 if they stand.
    epoch_steps: optimizer steps in one pass over the training part.
    choices: the settings that were chosen to suit the text, and why.
    notes: what a user should know before waiting, one line each.
    """

    corpus: str
    characters: int
    alphabet: int
    training_characters: int
    validation_characters: int
    architecture: Architecture
    batch: int
    sequence: int
    steps: int
    epoch_steps: int
    optimizer: str
    schedule: str
    learning_rate: float
    device: str
    kernel: str
    threads: int
    seed: int
    estimated_seconds: float
    folder: Path
    budget_seconds: float = 0.0
    choices: tuple[Choice, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settled:
    """A budget of minutes has become a number of steps, now that the rate begins to fall.

    config: the file by which the run can be repeated.
    """

    step: int
    steps: int
    config: Path


@dataclass(frozen=True)
class Progress:
    """The state after some steps; loss_nats is the mean over the steps since the last one."""

    step: int
    steps: int
    characters: int
    elapsed_seconds: float
    chars_per_second: float
    loss_nats: float
    learning_rate: float
    gradient_norm: float


@dataclass(frozen=True)
class Validation:
    """The losses on the validation part and on as much training text, read in the same way.

    A loss is None where nothing validates. dead_units: how many are as good as constant over the
    validation part. best: whether the loss is the lowest so far. averaged: whether the moving
    average of the weights was better than the weights, and kept. network: the model as it is now,
    for a live sample; examples: of what it writes, instead, where it writes texts for texts.
    measures: beside the loss, where texts are labelled: accuracy, macro_f1.
    """

    step: int
    elapsed_seconds: float
    validation_nats: float | None
    training_nats: float | None
    dead_units: int | None
    best: bool
    averaged: bool
    network: Network | None = field(repr=False)
    measures: dict[str, float] = field(default_factory=dict)
    examples: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class RolledBack:
    """Training diverged and went back to an earlier step, with half the peak rate."""

    step: int
    diverged_step: int
    reason: str
    learning_rate: float
    elapsed_seconds: float


@dataclass(frozen=True)
class Finished:
    """The end. A loss is None, and so is its step, when there is none.

    diagnosis: what to try next, in one line; empty where too little was seen.
    """

    step: int
    steps: int
    elapsed_seconds: float
    loss_nats: float | None
    best_nats: float | None
    best_step: int | None
    interrupted: bool
    diagnosis: str
    folder: Path
    best_measures: dict[str, float] = field(default_factory=dict)


Event = Compiling | Plan | Settled | Progress | Validation | RolledBack | Finished


def to_json(event: Event) -> str:
    """Return an event as one line of JSON: its kind, then its fields but the network."""
    values: dict[str, Any] = {"event": type(event).__name__.lower()}
    if isinstance(event, Plan):
        values["version"] = VERSION
    values |= {item.name: getattr(event, item.name) for item in fields(event) if item.repr}
    none = [name for name in ("measures", "best_measures") if values.get(name) == {}]
    values = {name: value for name, value in values.items() if name not in none}
    endless = [name for name, value in values.items() if value in (math.inf, -math.inf)]
    return json.dumps(values | dict.fromkeys(endless), default=_plain, allow_nan=False)


def _plain(value: object) -> object:
    return asdict(value) if isinstance(value, Architecture) else str(value)
