"""What a run keeps in its folder: the last model, the best one, and the state to go on from."""

import contextlib
import math
from pathlib import Path
from typing import Any

import numpy as np
import torch

import charrnn
from charrnn import checkpoint, runs
from charrnn.checkpoint import Checkpoint
from charrnn.text.mapped import let_go
from charrnn.text.records import Records
from charrnn.text.texts import Texts
from charrnn.text.vocabulary import Ids
from charrnn.torchrun import rank
from charrnn.training import distributed, tasks
from charrnn.training.diagnosis import Point
from charrnn.training.evaluate import Evaluation
from charrnn.training.learners.descent import Descent
from charrnn.training.setup import Setup
from charrnn.training.state import State


class DivergenceError(Exception):
    """The network got worse than it can get by learning; says how."""


def finite(loss_nats: float) -> float:
    """Return a loss. Raises DivergenceError for one that is no number."""
    if not math.isfinite(loss_nats):
        raise DivergenceError(f"the loss became {loss_nats}")
    return loss_nats


def validate(
    folder: Path, setup: Setup, state: State, learner: Descent, pause: int
) -> tuple[Checkpoint, float | None, bool, bool]:
    """Keep the model as the last and, when it is, as the best one.

    Of the weights and their moving average, the better ones are kept. pause: the steps between
    two validations. Returns what was kept, its loss on text that is learned, whether it is the best
    one, and whether it is the average.
    """
    model, average, text = setup.model, learner.average, setup.text
    found = [_evaluated(setup, text.validation)] if len(text.heldout) else []
    if average and found:
        with average.in_place_of(model):
            found.append(_evaluated(setup, text.validation))
    averaged = len(found) > 1 and found[1].nats < found[0].nats
    judged = found[averaged] if found else None
    state.validation_nats = judged.nats if judged else None
    state.dead_units = judged.dead_units if judged else None
    state.measures = judged.measures if judged else {}
    with average.in_place_of(model) if averaged and average else contextlib.nullcontext():
        training_nats = _evaluated(setup, text.learned_part).nats if found else None
        best = _is_best(state, training_nats)
        names = [runs.LAST, *[runs.BEST] * best, *_further(state, setup.settings.keep, pause)]
        kept = save(folder, setup, state, *names)
    let_go(text.heldout)
    return kept, training_nats, best, averaged


def _further(state: State, kept: int, pause: int) -> list[str]:
    """Return the name of the model to keep beside the best and the last, if it is time for one."""
    before = (state.step - 1) // pause * pause  # the validation before this one
    shares = [step * kept // state.steps for step in (before, state.step)]
    return [f"step-{state.step:07}.safetensors"] if shares[1] > shares[0] else []


def _evaluated(setup: Setup, text: Ids | Records | Texts) -> Evaluation:
    found = tasks.of(setup.settings.task).evaluate(setup.model, text)
    finite(found.nats)
    return found


def _is_best(state: State, training_nats: float | None) -> bool:
    """Take note of a validation; return whether none was better."""
    now = state.validation_nats
    if now is None or training_nats is None:
        return True
    state.points.append(Point(state.step, training_nats, now))
    best = state.best_nats is None or now < state.best_nats
    state.worse = 0 if best else state.worse + 1
    if best:
        state.best_nats, state.best_step = now, state.step
        state.best_measures = state.measures
    return best


def save_stopped(folder: Path, setup: Setup, state: State) -> bool:
    """Save the model where the run was stopped; with nothing validated yet, as the best one too.

    Returns whether it can be gone on from; if not, what was saved before is better.
    """
    state.validation_nats = state.dead_units = None
    if state.recent:
        loss_nats = float(distributed.mean(torch.stack(state.recent)).mean())
        if not math.isfinite(loss_nats):
            return False
        state.loss_nats = loss_nats
    try:
        save(folder, setup, state, runs.LAST, *[runs.BEST] * (state.best_step is None))
    except DivergenceError:
        return False
    return True


def save(folder: Path, setup: Setup, state: State, *names: str) -> Checkpoint:
    """Write the model under each of the names; return it."""
    weights = setup.model.to_numpy()
    largest = float(np.max([np.abs(one).max(initial=0) for one in weights.values()]))
    if not largest <= checkpoint.LARGEST:
        raise DivergenceError(f"a weight became {largest:.3g}")
    text, settings = setup.text, setup.settings
    now = Checkpoint(
        architecture=setup.model.architecture,
        vocabulary=text.vocabulary,
        weights=weights,
        provenance=_provenance(setup, state),
        heldout=text.stored if settings.heldout else text.stored[:0],
        records=settings.records,
        record_end=text.record_end,
        task=settings.task,
        labels=text.labels,
        label_counts=text.label_counts,
        heldout_labels=text.stored_labels[: len(text.stored_labels) * settings.heldout],
        tag=text.tag,
        targets=text.targets,
    )
    for name in names if rank() == 0 else ():
        checkpoint.save(folder / name, now)
    return now


def _provenance(setup: Setup, state: State) -> dict[str, Any]:
    corpus, settings = setup.corpus, setup.settings
    return {
        "corpus": corpus.name,
        "sha256": corpus.sha256,
        "characters": corpus.characters,
        "seed": settings.seed,
        "initialisation": settings.initialisation,
        "forget_bias": settings.forget_bias,
        "spectral_radius": settings.spectral_radius,
        "steps": state.step,
        "training_nats": state.loss_nats,
        "validation_nats": state.validation_nats,
        "dead_units": state.dead_units,
        "charrnn": charrnn.__version__,
        "command": state.command,
    }
