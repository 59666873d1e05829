"""From settings and a text to a run: an iterator of events, and a run folder that fills."""

import contextlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import torch

from charrnn import config, files, runs, tasks
from charrnn.config import Effort
from charrnn.curves import DAMAGE
from charrnn.errors import CheckpointError
from charrnn.hyperparameters import FLOPS, USUAL_SPEED, Choice
from charrnn.settings import TrainConfig
from charrnn.text.corpus import Corpus
from charrnn.text.mapped import LargeCorpus
from charrnn.torchrun import rank
from charrnn.training import budget, distributed, kernels, tensorboard
from charrnn.training.events import (
    Compiling,
    Event,
    Plan,
    to_json,
)
from charrnn.training.run import Run
from charrnn.training.setup import Setup, prepare
from charrnn.training.state import State
from charrnn.training.timing import seconds_per_step, seconds_per_validation

MODELS = 8  # as large as what a run writes: two, its state of five at most, one being replaced
SAVING_SECONDS = 0.05  # about, at each validation


def train(
    settings: TrainConfig,
    corpus: Corpus | LargeCorpus,
    folder: Path,
    *,
    command: str = "",
    notes: tuple[str, ...] = (),
    began: float | None = None,
    stop: Callable[[], bool] = lambda: False,
    resume: bool = False,
    effort: Effort | None = None,
) -> Iterator[Event]:
    """Train a model on a corpus, keeping the best and the last one in a run folder.

    Yields Compiling if the kernel was never used before, a Plan, then Progress every 10 steps and
    before each Validation, Settled once if there is a budget of minutes, then Finished.
    command: recorded in the checkpoint. notes: shown first among the plan's. began: when, by
    `time.perf_counter()`, a budget of minutes began; now by default. stop: asked after each step;
    once it is true, the run is saved and ends. resume: go on with the run that the folder holds.
    effort: what is to be spent, and the settings that stand while others are chosen to suit the
    text (see `charrnn.hyperparameters`); by default all stand.
    Raises CorpusError for a text too short, TrainingError when training cannot start or go
    on, CheckpointError when there is nothing to resume or nothing can be written.
    """
    began = time.perf_counter() if began is None else began
    task = tasks.of(settings.task)
    asked, short = task.shortened(settings, corpus)
    settings, choices = task.fitted(asked, corpus, effort, USUAL_SPEED)
    notes = (*notes, *short)
    setup = prepare(settings, corpus, notes)
    folder = distributed.firsts(folder)
    follow = tensorboard.follow(folder) if settings.tensorboard and rank() == 0 else None
    cell = setup.model.architecture.cell_name
    if setup.model.engine and not kernels.used_before(cell):
        yield Compiling(cell)
    step, pause = _timed(settings, setup)
    if settings.minutes:
        speed = distributed.firsts(_flops(setup) / step)
        settings, choices = task.fitted(asked, corpus, effort, speed)
        if settings != setup.settings:
            setup = prepare(settings, corpus, notes)
            step, pause = _timed(settings, setup)
        choices = [one for one in choices if "steps" not in one.values]  # the time decides them
    seconds = 0.0
    if settings.minutes:
        settings, setup, seconds = budget.lay_out(settings, setup, began, pause)
    torch.manual_seed(settings.seed + rank())  # of what is drawn on the way: dropout, noise
    setup = replace(setup, settings=settings)
    run = Run(setup, folder, State(command, setup.steps, seconds))
    _open_folder(run, resume)
    state = run.state
    estimated = (state.steps - state.step) * (step + pause / run.pause)
    if asked.minutes:
        estimated = state.budget or min(estimated, began + asked.minutes * 60 - time.perf_counter())
    yield _plan(run, choices, max(0.0, estimated))
    run.started = run.saved = time.perf_counter()
    if state.step == 0:
        run.save()
    written = folder / runs.METRICS if rank() == 0 else os.devnull
    with open(written, "a", encoding="utf-8") as metrics:  # noqa: PTH123
        for event in run.events(stop):
            metrics.write(to_json(event) + "\n")
            metrics.flush()
            if follow:
                follow(event)
            yield event
    distributed.leave()


def _timed(settings: TrainConfig, setup: Setup) -> tuple[float, float]:
    """Measure the seconds of a step and of a validation."""
    step = seconds_per_step(setup)
    read = 3 if settings.average else 2  # the text that validates, and as much that is learned
    return step, seconds_per_validation(setup) * read + SAVING_SECONDS


def _flops(setup: Setup) -> float:
    """Return the floating-point operations of a step."""
    characters = setup.text.characters / setup.text.source.epoch_steps
    return FLOPS * setup.model.architecture.parameters * characters


def _open_folder(run: Run, resume: bool) -> None:
    """Bring a run to the state in its folder, or make the folder ready for a new one."""
    if resume and (run.folder / runs.RESUME).exists():
        run.resume()
        if rank() == 0:
            _forget_later_metrics(run.folder / runs.METRICS, run.state.step)
    elif rank() == 0:
        _expect_room(run.folder, run.setup.model.architecture.parameters, run.setup.settings.keep)
        _begin_folder(run.folder, run.setup.settings)


def _expect_room(folder: Path, parameters: int, kept: int) -> None:
    """Raise CheckpointError where the disk has no space for what a run writes."""
    needed = 4 * parameters * (MODELS + kept)  # bytes
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise CheckpointError(
            f"{folder}: {free / 1e6:,.0f} MB are free on the disk, but the run will write "
            f"{needed / 1e6:,.0f} MB",
            "--out names a folder on another disk; fewer --hidden units need less",
        )


def _begin_folder(folder: Path, settings: TrainConfig) -> None:
    """Write the settings, and remove what an earlier run has left, under --force."""
    names = (runs.BEST, runs.LAST, runs.METRICS, runs.RESUME)
    for path in [*(folder / name for name in names), *folder.glob(runs.STEPS)]:
        path.unlink(missing_ok=True)
    files.write(folder / runs.CONFIG, config.to_yaml(settings).encode("utf-8"))


def _forget_later_metrics(path: Path, step: int) -> None:
    """Keep of the events of a stopped run those up to a step, but not that it was stopped."""
    written = path.read_bytes() if path.exists() else b""
    kept = []
    for line in written.decode("utf-8", "replace").splitlines(keepends=True):
        with contextlib.suppress(*DAMAGE):  # it may be cut short, too
            event = json.loads(line)
            if event["event"] != "finished" and event["step"] <= step:
                kept.append(line)
    files.write(path, "".join(kept).encode("utf-8"))


def _plan(run: Run, choices: list[Choice], seconds: float) -> Plan:
    setup, settings, text, state = run.setup, run.setup.settings, run.setup.text, run.state
    before = (f"continues after step {state.step:,} of {state.steps:,}",) if state.step else ()
    return Plan(
        corpus=setup.corpus.name,
        characters=setup.corpus.characters,
        alphabet=len(text.vocabulary),
        training_characters=text.characters,
        validation_characters=len(text.heldout),
        architecture=setup.model.architecture,
        batch=text.source.batch,
        sequence=settings.sequence,
        steps=state.steps,
        epoch_steps=text.source.epoch_steps,
        optimizer=settings.optimizer,
        schedule=settings.schedule,
        learning_rate=settings.learning_rate,
        device=str(setup.device),
        kernel="fused" if setup.model.engine else "torch",
        threads=torch.get_num_threads(),
        seed=settings.seed,
        estimated_seconds=seconds,
        folder=run.folder,
        budget_seconds=state.budget,
        choices=tuple(choices),
        notes=(*before, *setup.notes),
    )
