"""A run under way: steps, reports, validations, and the way back when it diverges."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import charrnn
from charrnn import checkpoint, runs
from charrnn.checkpoint import Checkpoint
from charrnn.config import TrainConfig
from charrnn.errors import TrainingError
from charrnn.text import batches
from charrnn.text.corpus import Corpus
from charrnn.training import optimization
from charrnn.training.evaluate import carried
from charrnn.training.events import Event, Finished, Progress, RolledBack, Validation
from charrnn.training.model import detach
from charrnn.training.resume import restore
from charrnn.training.resume import save as save_state
from charrnn.training.setup import Setup

REPORT_STEPS = 10
LEAP_NATS = 0.5  # below a guess among all characters: a network that has learned something
ROLLBACKS = 3  # before a run that diverges ends
SAVE_SECONDS = 60  # at most between two states from which a killed run goes on
VALIDATIONS = 20  # evenly spread over a run


class DivergenceError(Exception):
    """The network got worse than it can get by learning; says how."""


def _finite(loss_nats: float) -> float:
    if not math.isfinite(loss_nats):
        raise DivergenceError(f"the loss became {loss_nats}")
    return loss_nats


@dataclass
class Run:
    """A run under way: what it was given, and what changes from step to step."""

    settings: TrainConfig
    corpus: Corpus
    setup: Setup
    folder: Path
    command: str

    step: int = 0
    characters: int = 0
    carried_state: Any = None
    paused_seconds: float = 0.0
    loss_nats: float | None = None
    validation_nats: float | None = None
    best_nats: float | None = None
    best_step: int | None = None
    recent: list[Tensor] = field(default_factory=list)
    seconds_before: float = 0.0  # in earlier sittings
    started: float = field(default_factory=time.perf_counter)
    saved: float = field(default_factory=time.perf_counter)
    lowest_nats: float = math.inf
    rollbacks: int = 0
    worse: int = 0  # validations since the best one

    def __post_init__(self) -> None:
        self.optimizer = optimization.adam(self.setup.model, self.settings.learning_rate)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, self._rate_share)

    def events(self, stop: Callable[[], bool]) -> Iterator[Event]:
        """Go on to the last step, or until told to stop."""
        steps = self.setup.steps
        pause = -(-steps // VALIDATIONS)
        while self.step < steps and not self._out_of_patience() and not stop():
            learning_rate = self.optimizer.param_groups[0]["lr"]
            norm = self._advance()
            validating = self.step % pause == 0 or self.step == steps
            if self.step % REPORT_STEPS and not validating:
                continue
            try:
                yield self._report(float(learning_rate), float(norm))
                if validating:
                    yield self._validate()
                if validating or time.perf_counter() - self.saved > SAVE_SECONDS:
                    self._save_state()
            except DivergenceError as divergence:
                yield self._roll_back(str(divergence))
        ended = self.step == steps or self._out_of_patience()
        if self.step and not ended:
            self._save_stopped()
        if ended or not self.step:  # nothing to go on with
            (self.folder / runs.RESUME).unlink(missing_ok=True)
        yield Finished(
            step=self.step,
            steps=steps,
            elapsed_seconds=self.elapsed(),
            loss_nats=self.loss_nats,
            best_nats=self.best_nats,
            best_step=self.best_step,
            interrupted=not ended,
            folder=self.folder,
        )

    def _out_of_patience(self) -> bool:
        return 0 < self.settings.patience <= self.worse

    def _advance(self) -> Tensor:
        """Learn from the next chunk of every stream; return the gradient's norm."""
        setup, settings = self.setup, self.settings
        index = self.step % setup.epoch_steps
        if index == 0:
            self.carried_state = None
        inputs, targets = batches.chunk(setup.training, setup.batch, settings.sequence, index)
        loss, state = optimization.loss_of(setup.model, inputs, targets, self.carried_state)
        norm = optimization.descend(
            setup.model, self.optimizer, loss, settings.clip_norm, settings.clip_value
        )
        self.schedule.step()
        self.carried_state = detach(state)
        self.recent.append(loss.detach())
        self.step += 1
        self.characters += inputs.size
        return norm

    def _report(self, learning_rate: float, norm: float) -> Progress:
        losses = torch.stack(self.recent)
        self.loss_nats = _finite(float(losses.mean()))
        if not math.isfinite(norm):
            raise DivergenceError(f"the gradient's norm became {norm}")
        self._expect_no_leap(float(losses.median()))
        self.recent.clear()
        return Progress(
            step=self.step,
            steps=self.setup.steps,
            characters=self.characters,
            elapsed_seconds=self.elapsed(),
            chars_per_second=self.characters / (self.elapsed() - self.paused_seconds),
            loss_nats=self.loss_nats,
            learning_rate=learning_rate,
            gradient_norm=norm,
        )

    def _expect_no_leap(self, loss_nats: float) -> None:
        """Raise DivergenceError where a network that had learned knows less than one that guesses.

        loss_nats: the median since the last report, which one bad batch does not move.
        """
        guessing = math.log(len(self.setup.vocabulary))
        if loss_nats > guessing > self.lowest_nats + LEAP_NATS:
            raise DivergenceError(
                f"the loss leapt from {self.lowest_nats:.3f} to {loss_nats:.3f} nats"
            )
        self.lowest_nats = min(self.lowest_nats, loss_nats)

    def _roll_back(self, reason: str) -> RolledBack:
        """Return to the last state that was good, with half the rate."""
        at, rollbacks, before = self.step, self.rollbacks + 1, self.seconds_before
        if rollbacks > ROLLBACKS:
            raise TrainingError(
                f"{reason} by step {at:,}, after {ROLLBACKS} times back: training diverged",
                f"lower --learning-rate ({self.settings.learning_rate:g} now); "
                "what the run folder holds is from before",
            )
        restore(self.folder / runs.RESUME, self)
        self.rollbacks, self.seconds_before = rollbacks, before
        for group in self.optimizer.param_groups:
            group["lr"] /= 2
        self._save_state()
        rate = self.settings.learning_rate * 0.5**self.rollbacks
        return RolledBack(self.step, at, reason, rate, self.elapsed())

    def _rate_share(self, step: int) -> float:
        return optimization.rate_share(step, self.setup.steps) * 0.5**self.rollbacks

    def _validate(self) -> Validation:
        """Save the model as the last and, when it is, as the best one."""
        start = time.perf_counter()
        best = True
        if len(self.setup.validation):
            self.validation_nats = _finite(carried(self.setup.model, self.setup.validation))
            best = self.best_nats is None or self.validation_nats < self.best_nats
        self.worse = 0 if best else self.worse + 1
        if best and self.validation_nats is not None:
            self.best_nats, self.best_step = self.validation_nats, self.step
        network = self._save(runs.LAST, *[runs.BEST] * best).network()
        self.paused_seconds += time.perf_counter() - start
        return Validation(self.step, self.elapsed(), self.validation_nats, best, network)

    def _save_stopped(self) -> None:
        """Save where the run was stopped; with nothing validated yet, that is the best too."""
        self.validation_nats = None
        if self.recent:
            loss_nats = float(torch.stack(self.recent).mean())
            if not math.isfinite(loss_nats):
                return  # what was saved before is better than this
            self.loss_nats = loss_nats
        self._save(runs.LAST, *[runs.BEST] * (self.best_step is None))
        self._save_state()

    def _save_state(self) -> None:
        start = time.perf_counter()
        save_state(self.folder / runs.RESUME, self)
        self.saved = time.perf_counter()
        self.paused_seconds += self.saved - start

    def _save(self, *names: str) -> Checkpoint:
        now = Checkpoint(
            architecture=self.setup.model.architecture,
            vocabulary=self.setup.vocabulary,
            weights=self.setup.model.to_numpy(),
            provenance=self._provenance(),
            heldout=self.setup.validation[: self._heldout()],
        )
        for name in names:
            checkpoint.save(self.folder / name, now)
        return now

    def _heldout(self) -> int:
        return checkpoint.HELDOUT_CHARACTERS if self.settings.heldout else 0

    def _provenance(self) -> dict[str, Any]:
        return {
            "corpus": self.corpus.name,
            "sha256": self.corpus.sha256,
            "characters": len(self.corpus.text),
            "seed": self.settings.seed,
            "steps": self.step,
            "training_nats": self.loss_nats,
            "validation_nats": self.validation_nats,
            "charrnn": charrnn.__version__,
            "command": self.command,
        }

    def elapsed(self) -> float:
        """Return the seconds that the run has taken, earlier sittings included."""
        return self.seconds_before + time.perf_counter() - self.started
