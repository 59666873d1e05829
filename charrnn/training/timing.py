"""How long steps and validations take, by measurement on the model itself."""

import statistics
import time

import torch

from charrnn.text.records import Records
from charrnn.torchrun import size
from charrnn.training import distributed, evaluate, optimization, optimizers
from charrnn.training.averaging import Average
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


def trial(setup: Setup, seconds: float, average: float = 0.0) -> float:
    """Return the seconds of a training step, by a trial that is a small part of some time.

    average: the memory of a moving average of the weights.
    """
    start, most = time.perf_counter(), min(seconds * TRIAL_SHARE, TRIAL_SECONDS)
    elapsed: list[float] = []
    while not elapsed or time.perf_counter() - start < most:
        elapsed += _times(setup, len(elapsed), average)
    return UNSEEN * statistics.median(elapsed)


def _timed(setup: Setup) -> float:
    """Return the seconds of a training step when nothing disturbs it."""
    return min(_times(setup))


def _times(setup: Setup, first: int = 0, memory: float = 0.0) -> list[float]:
    """Time a few training steps at a rate of zero, which leaves the model as it is."""
    model = setup.model
    optimizer = optimizers.make("adam", model, learning_rate=0.0)
    average = Average(model, memory) if memory else None
    elapsed = []
    for step in range(first, first + TIMED_STEPS):
        start = time.perf_counter()
        inputs, targets, _ = distributed.share(setup.text.source.chunk(step))
        loss, *_ = optimization.loss_of(model, inputs, targets, None)
        optimization.descend(model, optimizer, loss, clip_norm=1.0, clip_value=0.0)
        if average:
            average.update(model, step + 1)
        loss.detach().item()
        elapsed.append(time.perf_counter() - start)
    model.zero_grad(set_to_none=True)
    return elapsed


def seconds_per_validation(setup: Setup) -> float:
    """Time the validation of a part of the text, and scale it to the steps of the whole."""
    validation = setup.text.validation
    start = time.perf_counter()
    if isinstance(validation, Records):
        evaluate.of_records(setup.model, validation)
        return time.perf_counter() - start
    if not len(validation):
        return 0.0
    streams = evaluate.usual_streams(len(validation))
    part = validation[:TIMED_CHARACTERS]
    evaluate.carried(setup.model, part, streams)
    steps, timed = (sum(evaluate.step_counts(len(ids), streams)) for ids in (validation, part))
    return (time.perf_counter() - start) * steps / timed
