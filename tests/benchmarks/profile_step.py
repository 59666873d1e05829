"""Where the milliseconds of a training step go.

    python tests/benchmarks/profile_step.py

Batch 50 × 50 over 65 characters, medians of 60 steps. `ideal` is what the products of a row take
at this machine's own rate for a 2048³ product.
"""

import charrnn.training  # noqa: F401, I001  # before torch: it sets how torch's threads wait

import statistics
import time
from collections import defaultdict
from importlib import import_module

import numpy as np
import torch
from kernels import SIZES, STEPS, STREAMS, VOCABULARY, peak
from torch import nn

from charrnn.architecture import Architecture
from charrnn.training.learners import optimizers
from charrnn.initialisation import first_weights
from charrnn.training.kernels import layer
from charrnn.training.kernels.arrays import Grads
from charrnn.training.model import CharacterModel, detach

STEPS_TIMED = 60
spent: dict[str, list[float]] = defaultdict(list)


def timed(name: str, function):
    """Return the function, whose seconds are added up under a name."""

    def wrapped(*arguments):
        back = name == "recurrence" and isinstance(arguments[-1], Grads)
        label = "recurrence back" if back else name
        start = time.perf_counter()
        done = function(*arguments)
        spent[label][-1] += time.perf_counter() - start
        return done

    return wrapped


def profile(backbone: str, layers: int, hidden: int) -> None:
    """Print where the time of a step goes."""
    architecture = Architecture(backbone, layers, hidden, VOCABULARY)
    model = CharacterModel(architecture, fused=True)
    model.begin_with(first_weights(model.architecture, np.random.default_rng(0)))
    optimizer, state = optimizers.make("adam", model, 0.001), None
    text = torch.from_numpy(
        np.random.default_rng(0).integers(VOCABULARY, size=(STEPS + 1, STREAMS))
    )
    spent.clear()
    names = ("input's share", "recurrence", "recurrence back", "recurrent weight's gradient")
    for _ in range(STEPS_TIMED):
        for name in (*names, "forward", "loss", "backward", "clipping", "Adam"):
            spent[name].append(0.0)
        marks = [time.perf_counter()]
        logits, state = model(text[:-1], state)
        state = detach(state)
        marks.append(time.perf_counter())
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), text[1:].flatten())
        marks.append(time.perf_counter())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        marks.append(time.perf_counter())
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        marks.append(time.perf_counter())
        optimizer.step()
        marks.append(time.perf_counter())
        parts = ("forward", "loss", "backward", "clipping", "Adam")
        for name, start, stop in zip(parts, marks[:-1], marks[1:], strict=True):
            spent[name][-1] = stop - start
    print(f"\n{backbone} {layers}×{hidden}")
    middle = {name: statistics.median(seconds) * 1e3 for name, seconds in spent.items()}
    middle["head, forward"] = middle["forward"] - middle["input's share"] - middle["recurrence"]
    inside = middle["recurrence back"] + middle["recurrent weight's gradient"]
    middle["rest of backward: inputs, head, table"] = middle["backward"] - inside
    whole = sum(middle[name] for name in parts)
    gates = len(architecture.cell.GATES)
    one = 2 * STEPS * STREAMS * gates * hidden * hidden / peak() * 1e3
    ideal = {
        "input's share": one * (layers - 1),
        "recurrence": one * layers,
        "recurrence back": one * layers,
        "recurrent weight's gradient": one * layers,
    }
    for name, milliseconds in middle.items():
        if name not in ("forward", "backward"):
            bound = f"{ideal[name]:6.2f}" if name in ideal else ""
            print(f"  {name:38} {milliseconds:7.2f} ms {milliseconds / whole:5.0%}  {bound}")
    print(f"  {'whole step':38} {whole:7.2f} ms")


if __name__ == "__main__":
    layer._through_time = timed("recurrence", layer._through_time)
    layer._arrays = timed("input's share", layer._arrays)
    for backbone, sizes in SIZES.items():
        kernel = import_module(f"charrnn.training.kernels.{backbone}")
        kernel.of_recurrent = timed("recurrent weight's gradient", kernel.of_recurrent)
        for size in sizes:
            profile(backbone, *size)
