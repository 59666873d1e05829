"""The whole state of a run in one file, from which it goes on as if it had never stopped.

A safetensors file beside the models: weights, their moving average, the optimizer's tensors, the
carried state, the losses not yet reported, torch's random state; counters, rates and losses as
JSON in its metadata.
"""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from charrnn import files, runs
from charrnn.errors import CheckpointError
from charrnn.torchrun import rank
from charrnn.training import distributed
from charrnn.training.diagnosis import Point
from charrnn.training.learners.descent import Descent
from charrnn.training.setup import Setup
from charrnn.training.stack import State as Carried
from charrnn.training.state import State

NUMBERS = {"step", "steps", "characters", "dead_units", "best_step", "rollbacks", "worse", "cuts"}
KINDS: dict[str, Any] = {
    "command": str,
    "points": list,
    "measures": dict,
    "best_measures": dict,
} | dict.fromkeys(NUMBERS, int)


def save(path: Path, setup: Setup, state: State, learner: Descent, elapsed: float) -> None:
    """Write a run's state, whole or not at all. elapsed: seconds, earlier sittings included."""
    carried = distributed.everyones(_parts(learner.carried))
    randoms = distributed.everyones(torch.get_rng_state())
    if rank() == 0:
        tensors, header = learner.state()
        tensors |= {f"model.{name}": value for name, value in setup.model.state_dict().items()}
        parts = [torch.cat(one, dim=1) for one in zip(*carried, strict=True)]
        tensors |= {f"state.{number}": part for number, part in enumerate(parts)}
        tensors |= {f"random.{number}": one for number, one in enumerate(randoms)}
        if state.recent:
            tensors["recent"] = torch.stack(state.recent)
        names = [item.name for item in fields(State) if item.name != "recent"]
        run = {name: getattr(state, name) for name in names} | {"seconds_before": elapsed}
        header |= {"run": run, "sha256": setup.corpus.sha256}
        if setup.corpus.validation:
            header["validation_sha256"] = setup.corpus.validation.sha256
        copies = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
        with files.replacing(path) as temporary:
            save_file(copies, temporary, {"charrnn-run": json.dumps(header)})
    distributed.everyones(None)  # wait for the file


def _parts(state: Carried | None) -> list[Tensor]:
    """Return the tensors of a state, all layers together: (layers, N, H) each."""
    return [torch.stack(part).cpu() for part in zip(*state or (), strict=True)]


def restore(path: Path, setup: Setup, learner: Descent) -> State:
    """Bring a run that has just been set up to the state in a file; return where it stands.

    Raises CheckpointError where there is none, it is damaged, or it is of another corpus.
    """
    header, tensors = _read(path)
    if header["sha256"] != setup.corpus.sha256:
        raise CheckpointError(
            f"{setup.corpus.name} is not the text that {path.parent} was trained on",
            "restore the old text or name it with --corpus FILE; --init-from trains on another",
        )
    validation = setup.corpus.validation
    if validation and header.get("validation_sha256") != validation.sha256:
        raise CheckpointError(
            f"{validation.name} is not the text that {path.parent} was validated on",
            "restore the old text or name it with --validate-on FILE",
        )
    try:
        return _restore(path, setup, learner, header, tensors)
    except (
        RuntimeError,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        IndexError,
        OverflowError,
    ) as error:
        raise CheckpointError(
            f"{path} is damaged: {' '.join(str(error).split())[:200]}",
            f"--init-from {path.with_name(runs.LAST)} starts a new run from its weights",
        ) from error


def _restore(
    path: Path, setup: Setup, learner: Descent, header: dict[str, Any], tensors: dict[str, Tensor]
) -> State:
    setup.model.load_state_dict(_under(tensors, "model."))
    try:
        learner.load(tensors, header)
    except ValueError as error:
        raise CheckpointError(
            f"{path} was written by an older version with a different optimizer state",
            "--init-from starts a new run from its weights",
        ) from error
    parts = [
        part[:, distributed.mine(part.shape[1])].to(setup.device).unbind()
        for part in _under(tensors, "state.").values()
    ]
    learner.carried = tuple(zip(*parts, strict=True)) or None
    if f"random.{rank()}" in tensors:  # else there were fewer processes
        torch.set_rng_state(tensors[f"random.{rank()}"])
    state = State(**_checked(header["run"]))
    state.recent = list(tensors["recent"].to(setup.device)) if "recent" in tensors else []
    if not 0 <= state.step <= state.steps:
        raise ValueError(f"step {state.step} of {state.steps}")
    return state


def _checked(run: dict[str, Any]) -> dict[str, Any]:
    """Return a state's fields as they were written. Raises TypeError for what they cannot be."""
    for name, value in run.items():
        kind = KINDS.get(name, (int, float))
        if value is not None and not isinstance(value, kind):
            raise TypeError(f"{name} is {value!r}")
    return run | {"points": [Point(*losses) for losses in run.get("points", [])]}


def _under(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): value
        for name, value in tensors.items()
        if name.startswith(prefix)
    }


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {})["charrnn-run"])
            if not isinstance(header, dict) or not isinstance(header.get("sha256"), str):
                raise ValueError("its header does not hold together")
            return header, {name: file.get_tensor(name) for name in sorted(file.keys())}
    except FileNotFoundError:
        raise CheckpointError(
            f"{path.parent} has no run that can be resumed: {path.name} is missing",
            "a run that has reached its last step has none",
        ) from None
    except (OSError, SafetensorError, KeyError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}") from error
