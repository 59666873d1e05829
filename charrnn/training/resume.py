"""The whole state of a run in one file, from which it goes on as if it had never stopped.

A safetensors file beside the models: weights, their moving average, the optimizer's tensors, the
carried state, the losses not yet reported, torch's random state; counters, rates and losses as
JSON in its metadata.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from charrnn import files, runs
from charrnn.errors import CheckpointError
from charrnn.torchrun import rank
from charrnn.training import distributed
from charrnn.training.diagnosis import Point
from charrnn.training.stack import State

if TYPE_CHECKING:
    from charrnn.training.run import Run

FIELDS = {
    "command": str,
    "step": int,
    "steps": int,
    "budget": float,
    "characters": int,
    "seconds_before": float,
    "paused_seconds": float,
    "loss_nats": float,
    "validation_nats": float,
    "dead_units": int,
    "best_nats": float,
    "best_step": int,
    "lowest_nats": float,
    "rollbacks": int,
    "worse": int,
    "cuts": int,
    "points": list,
}


def save(path: Path, run: "Run") -> None:
    """Write a run's state, whole or not at all."""
    states = distributed.everyones(_parts(run.carried_state))
    randoms = distributed.everyones(torch.get_rng_state())
    if rank() == 0:
        _write(path, run, [torch.cat(parts, dim=1) for parts in zip(*states, strict=True)], randoms)
    distributed.everyones(None)  # wait for the file


def _parts(state: State | None) -> list[Tensor]:
    """Return the tensors of a state, all layers together: (layers, N, H) each."""
    return [torch.stack(part).cpu() for part in zip(*state or (), strict=True)]


def _write(path: Path, run: "Run", parts: list[Tensor], randoms: list[Tensor]) -> None:
    optimizer = run.optimizer.state_dict()
    tensors = {f"model.{name}": value for name, value in run.setup.model.state_dict().items()}
    tensors |= {
        f"optimizer.{index}.{name}": value
        for index, values in optimizer["state"].items()
        for name, value in values.items()
        if isinstance(value, Tensor)
    }
    tensors |= {f"state.{number}": part for number, part in enumerate(parts)}
    if run.average:
        tensors |= {f"average.{i}": value for i, value in enumerate(run.average.tensors)}
    tensors |= {f"random.{number}": state for number, state in enumerate(randoms)}
    if run.recent:
        tensors["recent"] = torch.stack(run.recent)
    header = {
        "run": {name: getattr(run, name) for name in FIELDS} | {"seconds_before": run.elapsed()},
        "sha256": run.corpus.sha256,
        "optimizer": optimizer["param_groups"],
        "schedule": run.schedule.state_dict() | {"lr_lambdas": [None]},  # a function; made anew
    }
    copies = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    with files.replacing(path) as temporary:
        save_file(copies, temporary, {"charrnn-run": json.dumps(header)})


def restore(path: Path, run: "Run") -> None:
    """Bring a run that has just been set up to the state in a file.

    Raises CheckpointError where there is none, it is damaged, or it is of another corpus.
    """
    header, tensors = _read(path)
    if header["sha256"] != run.corpus.sha256:
        raise CheckpointError(
            f"{run.corpus.name} is not the text that {path.parent} was trained on",
            "restore the old text or name it with --corpus FILE; --init-from trains on another",
        )
    try:
        _restore(path, run, header, tensors)
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


def _restore(path: Path, run: "Run", header: dict[str, Any], tensors: dict[str, Tensor]) -> None:
    run.setup.model.load_state_dict(_under(tensors, "model."))
    states: dict[int, dict[str, Any]] = {}
    for name, value in _under(tensors, "optimizer.").items():
        index, _, key = name.partition(".")
        states.setdefault(int(index), {})[key] = value
    try:
        run.optimizer.load_state_dict({"state": states, "param_groups": header["optimizer"]})
    except ValueError as error:
        raise CheckpointError(
            f"{path} was written by an older version with a different optimizer state",
            "--init-from starts a new run from its weights",
        ) from error
    run.schedule.load_state_dict(header["schedule"])
    device = run.setup.device
    if run.average:
        for number, value in enumerate(run.average.tensors):
            value.copy_(tensors[f"average.{number}"])
    parts = [
        part[:, distributed.mine(part.shape[1])].to(device).unbind()
        for part in _under(tensors, "state.").values()
    ]
    run.carried_state = tuple(zip(*parts, strict=True)) or None
    run.recent = list(tensors["recent"].to(device)) if "recent" in tensors else []
    if f"random.{rank()}" in tensors:  # else there were fewer processes
        torch.set_rng_state(tensors[f"random.{rank()}"])
    for name, kind in FIELDS.items():
        value = header["run"].get(name)  # none of a version before this one
        if value is not None and not isinstance(value, (int, float) if kind is float else kind):
            raise TypeError(f"{name} is {value!r}")
        setattr(run, name, value)
    if not 0 <= run.step <= run.steps:
        raise ValueError(f"step {run.step} of {run.steps}")
    run.points = [Point(*losses) for losses in run.points]


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
