"""What a run keeps in its folder: the last model, the best one, and the state to go on from."""

import contextlib
import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

import charrnn
from charrnn import checkpoint, runs
from charrnn.checkpoint import Checkpoint
from charrnn.text.large import let_go
from charrnn.text.records import Records
from charrnn.text.vocabulary import Ids
from charrnn.torchrun import rank
from charrnn.training import distributed, resume
from charrnn.training.diagnosis import Point
from charrnn.training.evaluate import Evaluation, evaluate
from charrnn.training.events import Validation

if TYPE_CHECKING:
    from charrnn.training.run import Run


class DivergenceError(Exception):
    """The network got worse than it can get by learning; says how."""


def finite(loss_nats: float) -> float:
    """Return a loss. Raises DivergenceError for one that is no number."""
    if not math.isfinite(loss_nats):
        raise DivergenceError(f"the loss became {loss_nats}")
    return loss_nats


def validate(run: "Run") -> Validation:
    """Keep the model as the last and, when it is, as the best one.

    Of the weights and their moving average, the better ones are kept.
    """
    start = time.perf_counter()
    model, average, text = run.setup.model, run.average, run.setup.text
    found = [_evaluated(run, text.validation)] if len(text.heldout) else []
    if average and found:
        with average.in_place_of(model):
            found.append(_evaluated(run, text.validation))
    averaged = len(found) > 1 and found[1].nats < found[0].nats
    run.validation_nats, run.dead_units = found[averaged] if found else (None, None)
    with average.in_place_of(model) if averaged and average else contextlib.nullcontext():
        training_nats = _evaluated(run, text.learned_part).nats if found else None
        best = _is_best(run, training_nats)
        kept = save(run, runs.LAST, *[runs.BEST] * best, *_further(run))
    let_go(text.heldout)
    run.paused_seconds += time.perf_counter() - start
    return Validation(
        run.step,
        run.elapsed(),
        run.validation_nats,
        training_nats,
        run.dead_units,
        best,
        averaged,
        kept.network(),
    )


def _further(run: "Run") -> list[str]:
    """Return the name of the model to keep beside the best and the last, at every so many."""
    before = (run.step - 1) // run.pause * run.pause  # the validation before this one
    shares = [step * run.settings.keep // run.steps for step in (before, run.step)]
    return [f"step-{run.step:07}.safetensors"] if shares[1] > shares[0] else []


def _evaluated(run: "Run", text: Ids | Records) -> Evaluation:
    found = evaluate(run.setup.model, text)
    finite(found.nats)
    return found


def _is_best(run: "Run", training_nats: float | None) -> bool:
    """Take note of a validation; return whether none was better."""
    now = run.validation_nats
    if now is None or training_nats is None:
        return True
    run.points.append(Point(run.step, training_nats, now))
    best = run.best_nats is None or now < run.best_nats
    run.worse = 0 if best else run.worse + 1
    if best:
        run.best_nats, run.best_step = now, run.step
    return best


def save_stopped(run: "Run") -> None:
    """Save where the run was stopped; with nothing validated yet, that is the best too."""
    run.validation_nats = run.dead_units = None
    if run.recent:
        loss_nats = float(distributed.mean(torch.stack(run.recent)).mean())
        if not math.isfinite(loss_nats):
            return  # what was saved before is better than this
        run.loss_nats = loss_nats
    with contextlib.suppress(DivergenceError):  # what was saved before is better than that, too
        save(run, runs.LAST, *[runs.BEST] * (run.best_step is None))
        save_state(run)


def save_state(run: "Run") -> None:
    """Write the file from which the run can go on."""
    start = time.perf_counter()
    resume.save(run.folder / runs.RESUME, run)
    run.saved = time.perf_counter()
    run.paused_seconds += run.saved - start


def save(run: "Run", *names: str) -> Checkpoint:
    """Write the model under each of the names; return it."""
    weights = run.setup.model.to_numpy()
    largest = float(np.max([np.abs(one).max(initial=0) for one in weights.values()]))
    if not largest <= checkpoint.LARGEST:
        raise DivergenceError(f"a weight became {largest:.3g}")
    now = Checkpoint(
        architecture=run.setup.model.architecture,
        vocabulary=run.setup.text.vocabulary,
        weights=weights,
        provenance=_provenance(run),
        heldout=run.setup.text.stored if run.settings.heldout else run.setup.text.stored[:0],
        records=run.settings.records,
        record_end=run.setup.text.record_end,
    )
    for name in names if rank() == 0 else ():
        checkpoint.save(run.folder / name, now)
    return now


def _provenance(run: "Run") -> dict[str, Any]:
    return {
        "corpus": run.corpus.name,
        "sha256": run.corpus.sha256,
        "characters": run.corpus.characters,
        "seed": run.settings.seed,
        "initialisation": run.settings.initialisation,
        "forget_bias": run.settings.forget_bias,
        "spectral_radius": run.settings.spectral_radius,
        "steps": run.step,
        "training_nats": run.loss_nats,
        "validation_nats": run.validation_nats,
        "dead_units": run.dead_units,
        "charrnn": charrnn.__version__,
        "command": run.command,
    }
