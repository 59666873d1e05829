"""Make the models that ship with charrnn: train them, and number their best-known neurons 42.

    python -m tests.benchmarks.demonstration FOLDER demo|prose [--seed N]

FOLDER receives the runs and the folder to ship (shipped). The units of a layer stand in no order,
so that two of them can change places without a change of what the network computes.
"""

import argparse
import dataclasses
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from charrnn import checkpoint
from charrnn.architecture import Architecture
from charrnn.text import prose

NUMBER = 42
SHORT_LINES = 32  # columns, which a network learns to count before it learns longer ones
CONCEPTS = {"demo": "brackets", "prose": "line-end"}  # whose best neuron is to be the number 42
SEEDS = {"demo": "0", "prose": "2"}  # of those tried, recipes.md, what was shipped
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


def train(out: Path, *arguments: str) -> None:
    """Train with these arguments of `charrnn train`, unless it was done."""
    if not out.exists():
        charrnn("train", *arguments, "--sequence", "128", "--out", str(out), "--quiet")


def train_demo(folder: Path, seed: str) -> None:
    """Train the model of code."""
    flags = ["--layers", "2", "--hidden", "160", "--steps", "8000", "--seed", seed]
    train(folder / "trained", "python", *flags)


def train_prose(folder: Path, seed: str) -> None:
    """Train the model of prose: on short lines first, from which it goes on to longer ones."""
    short = folder / "short.txt"
    short.write_text(prose.sources(columns=SHORT_LINES), encoding="utf-8")
    flags = ["--layers", "1", "--hidden", "160", "--steps", "3000", "--seed", seed]
    train(folder / "short", str(short), *flags)
    flags = ["--init-from", str(folder / "short"), "--steps", "6000", "--seed", seed]
    train(folder / "trained", "prose", *flags)


def best_neuron(run: Path, concept: str) -> int:
    """Return which unit of the first layer knows a concept best; print how well."""
    search = ["inspect", "find", concept, "--top", "9", "--no-ablation", "--json"]
    rows = json.loads(charrnn(*search, "--checkpoint", str(run)))["rows"]
    best = next(row for row in rows if row["layer"] == 1)
    print(f"{concept}: {best['neuron']}, {best['score']:.3f}, {best['verdict']}")
    return int(best["neuron"])


def ship(trained: Path, shipped: Path, neuron: int) -> None:
    """Write a model with a neuron renumbered, and its settings without a path of this machine."""
    model = checkpoint.load(trained / "best.safetensors")
    weights = exchanged(model.weights, model.architecture, NUMBER, neuron)
    shipped.mkdir(exist_ok=True)
    checkpoint.save(shipped / "best.safetensors", dataclasses.replace(model, weights=weights))
    settings = (trained / "config.yaml").read_text(encoding="utf-8")
    settings = re.sub(r"(?m)^init_from: .*$", "init_from: ''", settings)
    (shipped / "config.yaml").write_text(settings, encoding="utf-8")


def main() -> None:
    """Train, search, renumber, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("name", choices=CONCEPTS)
    parser.add_argument("--seed")
    given = parser.parse_args()
    seed = given.seed or SEEDS[given.name]
    given.folder.mkdir(parents=True, exist_ok=True)
    {"demo": train_demo, "prose": train_prose}[given.name](given.folder, seed)
    neuron = best_neuron(given.folder / "trained", CONCEPTS[given.name])
    print(f"{neuron} becomes {NUMBER}")
    ship(given.folder / "trained", given.folder / "shipped", neuron)
    charrnn("inspect", "find", "--all", "--model", str(given.folder / "shipped"))


if __name__ == "__main__":
    main()
