"""How long steps and validations take, by measurement on the model itself."""

import statistics
import time

import torch

from charrnn.text.records import Records
from charrnn.text.texts import Texts
from charrnn.torchrun import size
from charrnn.training import evaluate, tasks
from charrnn.training.learners.descent import Descent
from charrnn.training.setup import Setup

TIMED_STEPS = 3
TIMED_CHARACTERS = 10_000
TRIAL_SECONDS = 30.0  # at most
UNSEEN = 1.05  # times a trial's step: with reports and the schedule; measured
TRIAL_SHARE = 0.05  # of a time budget, to measure how many steps it holds


def seconds_per_step(setup: Setup) -> float:
    """Time a training step, having found over how many threads it is best split.

    What is learned does not depend on the split, so it may be measured each time.
    """
    engine = setup.model.engine
    if engine is None:
        return _timed(setup)
    threads = torch.get_num_threads()
    seconds = {}
    for halvings in range(threads.bit_length()):
        engine.shards = threads >> halvings
        shards = engine.shards_of(setup.text.source.batch // size())
        if shards not in seconds:
            seconds[shards] = _timed(setup)
    engine.shards = min(seconds, key=seconds.__getitem__)
    return seconds[engine.shards]


def trial(setup: Setup, seconds: float) -> float:
    """Return the seconds of a training step, by a trial that is a small part of some time."""
    start, most = time.perf_counter(), min(seconds * TRIAL_SHARE, TRIAL_SECONDS)
    elapsed: list[float] = []
    while not elapsed or time.perf_counter() - start < most:
        elapsed += _times(setup, len(elapsed))
    return UNSEEN * statistics.median(elapsed)


def _timed(setup: Setup) -> float:
    """Return the seconds of a training step when nothing disturbs it."""
    return min(_times(setup))


def _times(setup: Setup, first: int = 0) -> list[float]:
    """Time a few of the run's own steps, at a rate of zero, which leaves the model as it is."""
    learner = Descent(setup.model, setup.settings, rate_share=lambda _: 0.0)
    elapsed = []
    for step in range(first, first + TIMED_STEPS):
        start = time.perf_counter()
        learner.advance(step, setup.text.source.chunk(step)).loss_nats.item()
        elapsed.append(time.perf_counter() - start)
    return elapsed


def seconds_per_validation(setup: Setup) -> float:
    """Time the validation of a part of the text, and scale it to the steps of the whole."""
    validation = setup.text.validation
    if not len(setup.text.heldout):
        return 0.0
    start = time.perf_counter()
    if isinstance(validation, Records | Texts):
        tasks.of(setup.settings.task).evaluate(setup.model, validation)
        return time.perf_counter() - start
    streams = evaluate.usual_streams(len(validation))
    part = validation[:TIMED_CHARACTERS]
    evaluate.carried(setup.model, part, streams)
    steps, timed = (sum(evaluate.step_counts(len(ids), streams)) for ids in (validation, part))
    return (time.perf_counter() - start) * steps / timed
