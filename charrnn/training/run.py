"""A run under way: steps, reports, validations, and the way back when it diverges."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from charrnn import config, files, hyperparameters, runs
from charrnn.errors import TrainingError
from charrnn.settings import TrainConfig
from charrnn.text.batches import PADDING
from charrnn.text.corpus import Corpus
from charrnn.text.large import LargeCorpus
from charrnn.torchrun import rank
from charrnn.training import budget, distributed, keep, optimization, optimizers
from charrnn.training.averaging import Average
from charrnn.training.diagnosis import Point, diagnose
from charrnn.training.events import Event, Finished, Progress, RolledBack, Settled
from charrnn.training.keep import DivergenceError, finite
from charrnn.training.model import detach
from charrnn.training.resume import restore
from charrnn.training.schedules import ENDLESS, HOLD, Schedule, steps_of
from charrnn.training.setup import Setup

REPORT_STEPS = 10
LEAP_NATS = 0.5  # below a guess among all characters: a network that has learned something
ROLLBACKS = 3  # before a run that diverges ends
SAVE_SECONDS = 60  # at most between two states from which a killed run goes on
PLATEAU = 2  # validations without a better one, after which the schedule called so cuts the rate


@dataclass
class Run:
    """A run under way: what it was given, and what changes from step to step.

    budget: the seconds that it may take, which fix its steps when the rate begins to fall; 0 where
    they are fixed.
    """

    settings: TrainConfig
    corpus: Corpus | LargeCorpus
    setup: Setup
    folder: Path
    command: str
    budget: float = 0.0

    steps: int = 0
    step: int = 0
    characters: int = 0
    carried_state: Any = None
    paused_seconds: float = 0.0
    loss_nats: float | None = None
    validation_nats: float | None = None
    dead_units: int | None = None
    best_nats: float | None = None
    best_step: int | None = None
    recent: list[Tensor] = field(default_factory=list)
    seconds_before: float = 0.0  # in earlier sittings
    started: float = field(default_factory=time.perf_counter)
    saved: float = field(default_factory=time.perf_counter)
    lowest_nats: float = math.inf
    rollbacks: int = 0
    worse: int = 0  # validations since the best one
    cuts: int = 0  # of the rate, on plateaus
    points: list[Point] = field(default_factory=list)

    def __post_init__(self) -> None:
        settings = self.settings
        self.steps = self.setup.steps
        self.optimizer = optimizers.make(
            settings.optimizer,
            self.setup.model,
            settings.learning_rate,
            weight_decay=settings.weight_decay,
            momentum=settings.momentum,
            rms_decay=settings.rms_decay,
        )
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, self._rate_share)
        self.average = Average(self.setup.model, settings.average) if settings.average else None
        penalty = optimization.Penalty(settings.activation_penalty, settings.change_penalty)
        learned = config.learned_steps(settings.loss_on, settings.sequence)
        self.learner = distributed.together(
            optimization.Learner(
                self.setup.model, learned, penalty, settings.precision == "bfloat16"
            ),
            unused=self.setup.model.architecture.learned_start,
        )

    @property
    def pause(self) -> int:
        """How many steps lie between two validations."""
        return self.settings.validate_every or -(-self.steps // budget.VALIDATIONS)

    @property
    def rates(self) -> Schedule:
        """How the learning rate goes."""
        settings = self.settings
        return Schedule(
            settings.schedule,
            ENDLESS if self.budget else self.steps,
            self.setup.text.source.epoch_steps,
            warmup=settings.warmup,
            final=settings.final_rate,
            decay=settings.decay,
            every=settings.decay_every,
            after=settings.decay_after,
        )

    def events(self, stop: Callable[[], bool]) -> Iterator[Event]:
        """Go on to the last step, or until told to stop."""
        while not self._ended() and not distributed.any_of(stop()):
            learning_rate = self.optimizer.param_groups[0]["lr"]
            norm = self._advance()
            validating = self.step % self.pause == 0 or self.step == self.steps
            if self.step % REPORT_STEPS and not validating:
                continue
            try:
                if self.budget and self._settles():
                    yield self._settle()
                yield self._report(float(learning_rate), float(norm))
                if validating:
                    yield keep.validate(self)
                    self._cut_on_plateau()
                if validating or distributed.any_of(self._unsaved_for_long()):
                    keep.save_state(self)
            except DivergenceError as divergence:
                yield self._roll_back(str(divergence))
        ended = self._ended()
        if self.step and not ended:
            keep.save_stopped(self)
        if (ended or not self.step) and rank() == 0:  # nothing to go on with
            (self.folder / runs.RESUME).unlink(missing_ok=True)
        yield Finished(
            step=self.step,
            steps=self.steps,
            elapsed_seconds=self.elapsed(),
            loss_nats=self.loss_nats,
            best_nats=self.best_nats,
            best_step=self.best_step,
            interrupted=not ended,
            diagnosis=self._diagnosis() if ended else "",
            folder=self.folder,
        )

    def _ended(self) -> bool:
        return self.step == self.steps or self._out_of_patience()

    def _settles(self) -> bool:
        """Estimate the steps that the budget holds; return whether the rate should fall now."""
        taken, paused = distributed.firsts((self.elapsed(), self.paused_seconds))
        validations = (self.step - 1) // self.pause
        if validations:  # until then the plan's estimate stands, which counts them too
            seconds = (taken - paused) / self.step + paused / (validations * self.pause)
            self.steps = round(self.budget / seconds)
        self.steps = max(self.step + REPORT_STEPS, self.steps)
        return taken >= HOLD * self.budget

    def _settle(self) -> Settled:
        """Fix the steps, so that the budget ends when they do."""
        steps = max(steps_of(self.step), 10 * self.settings.warmup)  # or the warm-up would differ
        self.budget, self.steps = 0.0, steps
        self.settings = budget.in_steps(self.settings, self.setup, self.steps)
        path = self.folder / runs.CONFIG
        if rank() == 0:
            files.write(path, config.to_yaml(self.settings).encode("utf-8"))
        return Settled(self.step, self.steps, path)

    def _diagnosis(self) -> str:
        text, settings = self.setup.text, replace(self.settings, steps=self.steps)
        falls = HOLD * self.steps if settings.schedule == "trapezoid" else math.inf
        return diagnose(
            self.points,
            settings,
            hyperparameters.suited(settings, text.size),
            text.source.epoch_steps,
            (self.dead_units or 0) / self.setup.model.architecture.neurons,
            float(falls),
        )

    def _unsaved_for_long(self) -> bool:
        return time.perf_counter() - self.saved > SAVE_SECONDS

    def _cut_on_plateau(self) -> None:
        if self.settings.schedule == "plateau" and self.worse and self.worse % PLATEAU == 0:
            self.cuts += 1

    def _out_of_patience(self) -> bool:
        return 0 < self.settings.patience <= self.worse

    def _advance(self) -> Tensor:
        """Learn from the next chunk of every stream; return the gradient's norm."""
        setup, settings = self.setup, self.settings
        chunk = setup.text.source.chunk(self.step)
        inputs, targets, fresh = distributed.share(chunk)
        if fresh:
            self.carried_state = None
        loss, loss_nats, state = self.learner(inputs, targets, self.carried_state)
        if settings.rising_momentum:
            for group in self.optimizer.param_groups:
                group["momentum"] = optimizers.risen_momentum(self.step, settings.momentum)
        norm = optimization.descend(
            setup.model, self.optimizer, loss, settings.clip_norm, settings.clip_value
        )
        self.schedule.step()
        self.carried_state = detach(state)
        self.recent.append(loss_nats)
        self.step += 1
        if self.average:
            self.average.update(setup.model, self.step)
        self.characters += int((chunk.targets != PADDING).sum())
        return norm

    def _report(self, learning_rate: float, norm: float) -> Progress:
        losses = distributed.mean(torch.stack(self.recent))
        self.loss_nats = finite(float(losses.mean()))
        if not math.isfinite(norm):
            raise DivergenceError(f"the gradient's norm became {norm}")
        self._expect_no_leap(float(losses.median()))
        self.recent.clear()
        return Progress(
            step=self.step,
            steps=self.steps,
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
        guessing = math.log(len(self.setup.text.vocabulary))
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
                f"training diverged: {reason} by step {at:,}, after {ROLLBACKS} rollbacks",
                f"lower --learning-rate ({self.settings.learning_rate:g} now); "
                "the models in the run folder are from before the divergence",
            )
        restore(self.folder / runs.RESUME, self)
        self.rollbacks, self.seconds_before = rollbacks, before
        for group in self.optimizer.param_groups:
            group["lr"] /= 2
        keep.save_state(self)
        rate = self.settings.learning_rate * 0.5**self.rollbacks
        return RolledBack(self.step, at, reason, rate, self.elapsed())

    def _rate_share(self, step: int) -> float:
        return self.rates.share(step, self.cuts) * 0.5**self.rollbacks

    def elapsed(self) -> float:
        """Return the seconds that the run has taken, earlier sittings included."""
        return self.seconds_before + time.perf_counter() - self.started
