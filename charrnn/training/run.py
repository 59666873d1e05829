"""A run under way: steps, reports, validations, and the way back when it diverges."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor

from charrnn import config, files, runs, tasks
from charrnn.errors import TrainingError
from charrnn.sampling.answering import examples
from charrnn.torchrun import rank
from charrnn.training import budget, distributed, keep, resume
from charrnn.training.diagnosis import diagnose
from charrnn.training.events import Event, Finished, Progress, RolledBack, Settled, Validation
from charrnn.training.keep import DivergenceError, finite
from charrnn.training.learners.descent import Descent
from charrnn.training.schedules import ENDLESS, HOLD, Schedule, steps_of
from charrnn.training.setup import Setup
from charrnn.training.state import State

REPORT_STEPS = 10
FEW_LOSSES = 3  # of which the median is not moved by one bad batch
LEAP_NATS = 0.5  # below a guess among all characters: a network that has learned something
ROLLBACKS = 3  # before a run that diverges ends
SAVE_SECONDS = 60  # at most between two states from which a killed run goes on
PLATEAU = 2  # validations without a better one, after which the schedule called so cuts the rate


@dataclass
class Run:
    """A run under way: what it was given, where it stands, and what moves its weights."""

    setup: Setup
    folder: Path
    state: State
    started: float = field(default_factory=time.perf_counter)
    saved: float = field(default_factory=time.perf_counter)

    def __post_init__(self) -> None:
        self.learner = Descent(self.setup.model, self.setup.settings, self._rate_share)

    def resume(self) -> None:
        """Go back to the state in the run's folder. Raises CheckpointError where it is damaged."""
        self.state = resume.restore(self.folder / runs.RESUME, self.setup, self.learner)

    def save(self) -> None:
        """Write the file from which the run can go on."""
        start = time.perf_counter()
        path = self.folder / runs.RESUME
        resume.save(path, self.setup, self.state, self.learner, self.elapsed())
        self.saved = time.perf_counter()
        self.state.paused_seconds += self.saved - start

    @property
    def pause(self) -> int:
        """How many steps lie between two validations."""
        return self.setup.settings.validate_every or -(-self.state.steps // budget.VALIDATIONS)

    @property
    def rates(self) -> Schedule:
        """How the learning rate goes."""
        settings = self.setup.settings
        return Schedule(
            settings.schedule,
            ENDLESS if self.state.budget else self.state.steps,
            self.setup.text.source.epoch_steps,
            warmup=settings.warmup,
            final=settings.final_rate,
            decay=settings.decay,
            every=settings.decay_every,
            after=settings.decay_after,
        )

    def events(self, stop: Callable[[], bool]) -> Iterator[Event]:
        """Go on to the last step, or until asked to stop."""
        while not self._ended() and not distributed.any_of(stop()):
            learning_rate = self.learner.learning_rate
            norm = self._advance()
            validating = self.state.step % self.pause == 0 or self.state.step == self.state.steps
            if self.state.step % REPORT_STEPS and not validating:
                continue
            try:
                if self.state.budget and self._settles():
                    yield self._settle()
                yield self._report(learning_rate, float(norm))
                if validating:
                    yield self._validate()
                    self._cut_on_plateau()
                if validating or distributed.any_of(self._unsaved_for_long()):
                    self.save()
            except DivergenceError as divergence:
                yield self._roll_back(str(divergence))
        ended = self._ended()
        if self.state.step and not ended and keep.save_stopped(self.folder, self.setup, self.state):
            self.save()
        if (ended or not self.state.step) and rank() == 0:  # nothing to go on with
            (self.folder / runs.RESUME).unlink(missing_ok=True)
        yield Finished(
            step=self.state.step,
            steps=self.state.steps,
            elapsed_seconds=self.elapsed(),
            loss_nats=self.state.loss_nats,
            best_nats=self.state.best_nats,
            best_step=self.state.best_step,
            interrupted=not ended,
            diagnosis=self._diagnosis() if ended else "",
            folder=self.folder,
            best_measures=self.state.best_measures,
        )

    def _ended(self) -> bool:
        return self.state.step == self.state.steps or self._out_of_patience()

    def _settles(self) -> bool:
        """Estimate the steps that the budget holds; return whether the rate should fall now."""
        state = self.state
        taken, paused = distributed.firsts((self.elapsed(), state.paused_seconds))
        validations = (state.step - 1) // self.pause
        if validations:  # until then the plan's estimate stands, which counts them too
            seconds = (taken - paused) / state.step + paused / (validations * self.pause)
            state.steps = round(state.budget / seconds)
        state.steps = max(state.step + REPORT_STEPS, state.steps)
        return taken >= HOLD * state.budget

    def _settle(self) -> Settled:
        """Fix the steps, so that the budget ends when they do."""
        state, settings = self.state, self.setup.settings
        least = 10 * settings.warmup  # or the warm-up would differ
        state.budget, state.steps = 0.0, max(steps_of(state.step), least)
        settings = budget.in_steps(settings, self.setup, state.steps)
        self.setup = replace(self.setup, settings=settings)
        path = self.folder / runs.CONFIG
        if rank() == 0:
            files.write(path, config.to_yaml(settings).encode("utf-8"))
        return Settled(state.step, state.steps, path)

    def _diagnosis(self) -> str:
        text, settings = self.setup.text, replace(self.setup.settings, steps=self.state.steps)
        falls = HOLD * self.state.steps if settings.schedule == "trapezoid" else math.inf
        return diagnose(
            self.state.points,
            settings,
            tasks.of(settings.task).suited(settings, text),
            text.source.epoch_steps,
            (self.state.dead_units or 0) / self.setup.model.architecture.neurons,
            float(falls),
        )

    def _unsaved_for_long(self) -> bool:
        return time.perf_counter() - self.saved > SAVE_SECONDS

    def _cut_on_plateau(self) -> None:
        worse = self.state.worse
        if self.setup.settings.schedule == "plateau" and worse and worse % PLATEAU == 0:
            self.state.cuts += 1

    def _out_of_patience(self) -> bool:
        return 0 < self.setup.settings.patience <= self.state.worse

    def _advance(self) -> Tensor:
        """Learn from the next chunk of every stream; return the gradient's norm."""
        state, chunk = self.state, self.setup.text.source.chunk(self.state.step)
        try:
            loss_nats, norm = self.learner.advance(state.step, chunk)
        except (MemoryError, RuntimeError) as error:
            if "memory" not in str(error).lower():
                raise
            raise TrainingError(
                f"the batch of step {state.step + 1:,} does not fit into memory",
                "a smaller --batch needs less, and so do shorter texts where whole ones are read",
            ) from error
        state.recent.append(loss_nats)
        state.step += 1
        state.characters += chunk.characters
        return norm

    def _validate(self) -> Validation:
        start = time.perf_counter()
        kept, training_nats, best, averaged = keep.validate(
            self.folder, self.setup, self.state, self.learner, self.pause
        )
        self.state.paused_seconds += time.perf_counter() - start
        return Validation(
            self.state.step,
            self.elapsed(),
            self.state.validation_nats,
            training_nats,
            self.state.dead_units,
            best,
            averaged,
            None if kept.targets else kept.network(),
            self.state.measures,
            examples(kept) if kept.targets else (),
        )

    def _report(self, learning_rate: float, norm: float) -> Progress:
        losses = distributed.mean(torch.stack(self.state.recent))
        self.state.loss_nats = finite(float(losses.mean()))
        if not math.isfinite(norm):
            raise DivergenceError(f"the gradient's norm became {norm}")
        if len(losses) >= FEW_LOSSES:
            self._expect_no_leap(float(losses.median()))
        self.state.recent.clear()
        return Progress(
            step=self.state.step,
            steps=self.state.steps,
            characters=self.state.characters,
            elapsed_seconds=self.elapsed(),
            chars_per_second=self.state.characters / (self.elapsed() - self.state.paused_seconds),
            loss_nats=self.state.loss_nats,
            learning_rate=learning_rate,
            gradient_norm=norm,
        )

    def _expect_no_leap(self, loss_nats: float) -> None:
        """Raise DivergenceError where a network that had learned knows less than one that guesses.

        loss_nats: the median since the last report, which one bad batch does not move.
        """
        guessing = math.log(self.setup.model.architecture.targets)
        if loss_nats > guessing > self.state.lowest_nats + LEAP_NATS:
            raise DivergenceError(
                f"the loss leapt from {self.state.lowest_nats:.3f} to {loss_nats:.3f} nats"
            )
        self.state.lowest_nats = min(self.state.lowest_nats, loss_nats)

    def _roll_back(self, reason: str) -> RolledBack:
        """Return to the last state that was good, with half the rate."""
        at, rollbacks, before = self.state.step, self.state.rollbacks + 1, self.state.seconds_before
        if rollbacks > ROLLBACKS:
            raise TrainingError(
                f"training diverged: {reason} by step {at:,}, after {ROLLBACKS} rollbacks",
                f"lower --learning-rate ({self.setup.settings.learning_rate:g} now); "
                "the models in the run folder are from before the divergence",
            )
        self.resume()
        self.state.rollbacks, self.state.seconds_before = rollbacks, before
        self.learner.halve_rate()
        self.save()
        rate = self.setup.settings.learning_rate * 0.5**self.state.rollbacks
        return RolledBack(self.state.step, at, reason, rate, self.elapsed())

    def _rate_share(self, step: int) -> float:
        return self.rates.share(step, self.state.cuts) * 0.5**self.state.rollbacks

    def elapsed(self) -> float:
        """Return the seconds that the run has taken, earlier sittings included."""
        return self.state.seconds_before + time.perf_counter() - self.started
