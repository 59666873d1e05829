"""The training loop: an iterator of events, and a run folder that fills."""

import contextlib
import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import charrnn
from charrnn import checkpoint, config, runs
from charrnn.checkpoint import Checkpoint
from charrnn.config import TrainConfig
from charrnn.errors import TrainingError
from charrnn.text import batches
from charrnn.text.corpus import Corpus
from charrnn.training import kernels, optimization
from charrnn.training.evaluate import carried
from charrnn.training.events import (
    Compiling,
    Event,
    Finished,
    Plan,
    Progress,
    RolledBack,
    Validation,
    to_json,
)
from charrnn.training.model import detach
from charrnn.training.resume import restore
from charrnn.training.resume import save as save_state
from charrnn.training.setup import (
    Setup,
    prepare,
    seconds_per_step,
    seconds_per_validation,
    steps_within,
)

REPORT_STEPS = 10
LEAP_NATS = 0.5  # below a guess among all characters: a network that has learned something
ROLLBACKS = 3  # before a run that diverges ends
SAVE_SECONDS = 60  # at most between two states from which a killed run goes on
SAVING_SECONDS = 0.05  # about, at each validation
VALIDATIONS = 20  # evenly spread over a run


def train(
    settings: TrainConfig,
    corpus: Corpus,
    folder: Path,
    *,
    command: str = "",
    stop: Callable[[], bool] = lambda: False,
    resume: bool = False,
) -> Iterator[Event]:
    """Train a model on a corpus, keeping the best and the last one in a run folder.

    Yields Compiling if the kernel was never used before, a Plan, then Progress every 10 steps and
    before each of 20 Validations, then Finished.
    command: recorded in the checkpoint. stop: asked after each step; once it is true, the run
    is saved and ends. resume: go on with the run that the folder holds. Raises CorpusError for a
    text too short, TrainingError when training cannot start or go on, CheckpointError when there
    is nothing to resume or nothing can be written.
    """
    began = time.perf_counter()
    setup = prepare(settings, corpus)
    cell = setup.model.architecture.cell_name
    if setup.model.engine and not kernels.used_before(cell):
        yield Compiling(cell)
    step_seconds = seconds_per_step(setup, settings.sequence)
    pauses = VALIDATIONS * (seconds_per_validation(setup) + SAVING_SECONDS)
    if settings.minutes:
        left = settings.minutes * 60 - (time.perf_counter() - began)
        settings, setup = _within(left, pauses, settings, setup)
    run = Run(settings, corpus, setup, folder, command)
    if resume and (folder / runs.RESUME).exists():
        restore(folder / runs.RESUME, run)
        _forget_later_metrics(folder / runs.METRICS, run.step)
    else:
        for name in (runs.BEST, runs.LAST, runs.METRICS, runs.RESUME):
            (folder / name).unlink(missing_ok=True)  # of an earlier run, under --force
        checkpoint.write_whole(folder / runs.CONFIG, config.to_yaml(settings).encode("utf-8"))
    seconds = (setup.steps - run.step) * (step_seconds + pauses / setup.steps)
    yield _plan(settings, corpus, setup, folder, run.step, seconds)
    run.started = run.saved = time.perf_counter()
    if run.step == 0:
        save_state(folder / runs.RESUME, run)
    with (folder / runs.METRICS).open("a", encoding="utf-8") as metrics:
        for event in run.events(stop):
            metrics.write(to_json(event) + "\n")
            metrics.flush()
            yield event


def _forget_later_metrics(path: Path, step: int) -> None:
    """Keep of the events of a stopped run those up to a step, but not that it was stopped."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
    kept = []
    for line in lines:
        with contextlib.suppress(ValueError):  # the last one may be cut short
            event = json.loads(line)
            if event["event"] != "finished" and event["step"] <= step:
                kept.append(line)
    checkpoint.write_whole(path, "".join(kept).encode("utf-8"))


def _within(
    seconds: float, pauses: float, settings: TrainConfig, setup: Setup
) -> tuple[TrainConfig, Setup]:
    """Turn a budget of time into one of steps, by which the same run can be repeated."""
    steps = steps_within(setup, settings.sequence, seconds, pauses)
    epochs = max(settings.epochs, -(-steps // setup.epoch_steps))
    repeat = f"--steps {steps}" + f" --epochs {epochs}" * (epochs > settings.epochs)
    note = f"{settings.minutes:g} minutes hold {steps:,} steps here; {repeat} repeats the run"
    return (
        replace(settings, minutes=0.0, steps=steps, epochs=epochs),
        replace(setup, steps=steps, notes=(*setup.notes, note)),
    )


def _plan(
    settings: TrainConfig,
    corpus: Corpus,
    setup: Setup,
    folder: Path,
    done: int,
    seconds: float,
) -> Plan:
    before = (f"goes on after step {done:,} of {setup.steps:,}",) if done else ()
    return Plan(
        corpus=corpus.name,
        characters=len(corpus.text),
        alphabet=len(setup.vocabulary),
        training_characters=len(setup.training),
        validation_characters=len(setup.validation),
        architecture=setup.model.architecture,
        batch=setup.batch,
        sequence=settings.sequence,
        steps=setup.steps,
        epoch_steps=setup.epoch_steps,
        learning_rate=settings.learning_rate,
        device=str(setup.device),
        kernel="fused" if setup.model.engine else "torch",
        threads=torch.get_num_threads(),
        seed=settings.seed,
        estimated_seconds=seconds,
        folder=folder,
        notes=(*before, *setup.notes),
    )


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
