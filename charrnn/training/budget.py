"""A budget of minutes, and the steps that it holds."""

import time
from dataclasses import replace

from charrnn import runs
from charrnn.settings import TrainConfig
from charrnn.training import distributed
from charrnn.training.setup import Setup
from charrnn.training.timing import trial

VALIDATIONS = 20  # of a run, if nothing else is wanted
PAUSED = 0.1  # of a budget, at most, to validate
MOST_PAUSED = 0.5  # of what is left of it, where a few validations take long
FEW_VALIDATIONS = 4  # that there are nevertheless: the advice at the end needs as many
FEW_STEPS = 100  # of a budget, below which a note says so
END_SECONDS = 1.0  # about, of the process before it begins to count and after the last step


def lay_out(
    settings: TrainConfig, setup: Setup, began: float, pause: float
) -> tuple[TrainConfig, Setup, float]:
    """Turn a budget, counted from when it began, into steps, after a short trial.

    Returns the seconds left for them, too, where a trapezoid's fall can still be put off or
    hastened as the machine turns out faster or slower; else 0. pause: the seconds of a validation,
    of which there are fewer where they would take long.
    """
    ends = began + settings.minutes * 60 - END_SECONDS
    step = trial(setup, settings.minutes * 60)
    left = ends - time.perf_counter() - pause  # the last validation comes sooner than the others
    often = min(VALIDATIONS, max(FEW_VALIDATIONS, int(PAUSED * settings.minutes * 60 / pause)))
    often = max(1, min(often, int(MOST_PAUSED * left / pause)))
    every = settings.validate_every
    steps = left / (step + pause / every) if every else (left - often * pause) / step
    enough = settings.epochs * setup.text.source.epoch_steps
    steps, often, left = distributed.firsts((max(1, min(int(steps), enough)), often, left))
    minutes, every = settings.minutes, every or -(-steps // often)
    # A short run warms up for a twentieth of what was estimated, and that must not change later.
    warmup = min(settings.warmup, steps // 20)
    settles = settings.schedule == "trapezoid" and FEW_STEPS <= steps < enough
    given = replace(settings, validate_every=every, warmup=warmup if settles else settings.warmup)
    settings = in_steps(given, setup, steps)
    note = f"--minutes {minutes:g} allows about {steps:,} step{'s' * (steps != 1)} on this machine"
    if steps == enough:
        note = f"the run ends after {settings.epochs} epochs, before --minutes {minutes:g} are over"
    elif not settles:
        note += f"; --config with the run's {runs.CONFIG} repeats it"
    if steps < min(enough, FEW_STEPS):
        note += "; that is too few to learn much, since starting takes some seconds: give it more"
    setup = replace(setup, steps=steps, notes=(*setup.notes, note))
    return settings, setup, left if settles else 0.0


def in_steps(settings: TrainConfig, setup: Setup, steps: int) -> TrainConfig:
    """Return the settings of a run of a number of steps."""
    epochs = max(settings.epochs, -(-steps // setup.text.source.epoch_steps))
    return replace(settings, minutes=0.0, steps=steps, epochs=epochs)
