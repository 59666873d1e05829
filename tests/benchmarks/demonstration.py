"""Make the demonstration model: train it, and number the bracket neuron of its first layer 42.

    python -m tests.benchmarks.demonstration FOLDER [--steps 8000]

FOLDER receives the run (trained) and the file to ship (shipped). The units of a layer stand in no
order, so that two of them can change places without a change of what the network computes.
"""

import argparse
import dataclasses
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from charrnn import checkpoint
from charrnn.architecture import Architecture

NUMBER = 42
TRAIN = ["train", "python", "--layers", "2", "--hidden", "160", "--sequence", "128"]
Array = npt.NDArray[np.generic]


def exchanged(
    weights: Mapping[str, Array], shape: Architecture, one: int, other: int
) -> dict[str, Array]:
    """Return the weights of the same network, two units in each other's place in every layer.

    Not in one layer alone: on a residual path the units of all layers lie one above the other.
    """
    order = np.arange(shape.hidden)
    order[[one, other]] = order[[other, one]]
    gates = np.concatenate([order + gate * shape.hidden for gate in range(len(shape.cell.GATES))])
    changed = dict(weights)
    for layer in range(shape.layers):
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            changed[f"rnn.{name}_l{layer}"] = changed[f"rnn.{name}_l{layer}"][gates]
    read_units = [f"rnn.weight_hh_l{layer}" for layer in range(shape.layers)]
    read_units += [f"rnn.weight_ih_l{layer}" for layer in range(1, shape.layers)]
    for name in (*read_units, "head.weight"):
        changed[name] = changed[name][:, order]
    return changed


def charrnn(*arguments: str) -> str:
    """Run a command of charrnn; return what it printed."""
    command = [sys.executable, "-m", "charrnn", *arguments]
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout


def main() -> None:
    """Train, search, renumber, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", default="8000")
    given = parser.parse_args()
    trained, shipped = given.folder / "trained", given.folder / "shipped"
    if not trained.exists():
        charrnn(*TRAIN, "--steps", given.steps, "--out", str(trained), "--quiet")
    search = ["inspect", "find", "brackets", "--top", "9", "--no-ablation", "--json"]
    rows = json.loads(charrnn(*search, "--checkpoint", str(trained)))["rows"]
    best = next(row for row in rows if row["layer"] == 1)
    print(f"{best['neuron']} becomes {NUMBER}: AUROC {best['score']:.3f}, {best['verdict']}")
    model = checkpoint.load(trained / "best.safetensors")
    weights = exchanged(model.weights, model.architecture, NUMBER, best["neuron"])
    shipped.mkdir()
    checkpoint.save(shipped / "best.safetensors", dataclasses.replace(model, weights=weights))
    shutil.copy(trained / "config.yaml", shipped)


if __name__ == "__main__":
    main()
