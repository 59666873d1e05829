"""Sampling speed against two loops over torch.nn, in turn in one process.

    python tests/benchmarks/sampling.py

The ordinary loop makes a one-hot input a character under no_grad; the careful one reuses its
input, in inference mode. All draw from the softmax after every character; medians. Bare: the same
matrices times vectors, and nothing else. int8: with `--weights int8`, in a process of its own. Then
what many streams at once and a rule of each kind do to the speed of an LSTM of 2×128, and what int8
costs the demonstration model.
"""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

import charrnn.training  # noqa: F401  # before torch, whose idle threads else keep a core busy

sys.path.insert(0, str(Path(__file__).parent.parent))

import int8
import torch
from conftest import random_checkpoint
from int8 import ALPHABET, CHARACTERS

from charrnn.checkpoint import Checkpoint
from charrnn.network import Network
from charrnn.sampling.copies import Copies
from charrnn.sampling.rules import Match
from charrnn.sampling.settings import SampleConfig
from charrnn.sampling.write import Task
from charrnn.training.model import CharacterModel

ROUNDS = 9
DEMO = Path(__file__).parents[2] / "checkpoints" / "demo" / "best.safetensors"
SIZES = [("lstm", 2, 128), ("lstm", 2, 256), ("lstm", 2, 512), ("gru", 2, 128), ("vanilla", 2, 128)]


def torch_model(made: Checkpoint) -> CharacterModel:
    """Return torch.nn's network with the same weights."""
    model = CharacterModel(made.architecture)
    model.load_state_dict({name: torch.tensor(value) for name, value in made.weights.items()})
    return model


def ordinary_loop(model: CharacterModel) -> None:
    """Write with torch.nn as most programs do."""
    state, drawn = None, torch.tensor([[1]])
    with torch.no_grad():
        for _ in range(CHARACTERS):
            inputs = torch.nn.functional.one_hot(drawn, model.architecture.vocabulary).float()
            outputs, state = model.rnn(inputs, state)
            drawn = torch.multinomial(model.head(outputs[-1]).softmax(-1), 1)


def careful_loop(model: CharacterModel) -> None:
    """Write with torch.nn at its fastest."""
    state, drawn = None, 1
    inputs = torch.zeros(1, 1, model.architecture.vocabulary)
    with torch.inference_mode():
        for _ in range(CHARACTERS):
            inputs.zero_()
            inputs[0, 0, drawn] = 1
            outputs, state = model.rnn(inputs, state)
            drawn = int(torch.multinomial(model.head(outputs[0, 0]).softmax(0), 1))


def microseconds(run, model: CharacterModel) -> float:
    """Return the time a character takes torch."""
    start = time.perf_counter()
    run(model)
    return (time.perf_counter() - start) / CHARACTERS * 1e6


def int8_alone(backbone: str, layers: int, hidden: int) -> float:
    """Return the microseconds of a character with weights in int8.

    GOMP_SPINCOUNT is charrnn.training's own, with which threads soon sleep.
    """
    command = [sys.executable, int8.__file__, backbone, str(layers), str(hidden)]
    environment = {name: value for name, value in os.environ.items() if name != "GOMP_SPINCOUNT"}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return float(done.stdout)


def bare_products(network: Network) -> float:
    """Return the microseconds of one character's matrix-vector products alone."""
    hidden = network.architecture.hidden
    below, layers = np.ones((1, hidden), np.float32), network.layers
    matrices = [layers[0].recurrent.weight, network.head[0]]
    for layer in layers[1:]:
        matrices += [layer.weight, layer.recurrent.weight]
    start = time.perf_counter()
    for _ in range(CHARACTERS):
        for matrix in matrices:
            below.dot(matrix)
    return (time.perf_counter() - start) / CHARACTERS * 1e6


def median_ratios(rounds) -> list[float]:
    """Return by how much each later column of times is above the first, as medians."""
    return [statistics.median(row[n] / row[0] for row in rounds) for n in range(1, len(rounds[0]))]


def one_stream() -> None:
    """Print the table of one stream against torch.nn."""
    print(f"{'one stream':13} {'charrnn':>10} {'ordinary':>10} {'ratio':>6}", end="")
    print(f" {'careful':>10} {'ratio':>6} {'bare':>10} {'over bare':>9} {'int8':>10} {'ratio':>6}")
    for backbone, layers, hidden in SIZES:
        made = random_checkpoint(backbone, layers, hidden, alphabet=ALPHABET)
        ours, theirs = made.network(), torch_model(made)
        rounds = [
            (
                int8.write(ours),
                microseconds(ordinary_loop, theirs),
                microseconds(careful_loop, theirs),
                bare_products(ours),
                int8_alone(backbone, layers, hidden),
            )
            for _ in range(ROUNDS)
        ]
        medians = [statistics.median(times) for times in zip(*rounds, strict=True)]
        own, ordinary, careful, bare, small = medians
        ratios = median_ratios(rounds)
        over_small = statistics.median(row[2] / row[4] for row in rounds)
        print(
            f"{backbone:8}{layers}×{hidden:<4} {own:6.1f} µs {ordinary:7.1f} µs {ratios[0]:6.1f} "
            f"{careful:7.1f} µs {ratios[1]:6.1f} {bare:7.1f} µs {1 / ratios[2]:9.2f} "
            f"{small:7.1f} µs {over_small:6.1f}",
            flush=True,
        )


def at_once_and_by_rule() -> None:
    """Print what many streams and rules do to the speed."""
    network = random_checkpoint("lstm", 2, 128, alphabet=ALPHABET).network()
    prompt = network.vocabulary.encode(" ")
    corpus = network.vocabulary.decode(np.random.default_rng(1).integers(65, size=1_000_000))
    copies = Copies.of(corpus, 8)

    def free(config: SampleConfig, rules=(), streams: int = 1) -> float:
        task = Task(network, prompt, config, rules=rules)
        start = time.perf_counter()
        for text in task.texts(np.random.default_rng(0)):
            for _ in text:
                pass
        return (time.perf_counter() - start) / config.length / streams

    plain, many = SampleConfig(length=1000), SampleConfig(length=1000, samples=64)
    rounds = [
        (free(plain), free(many, streams=64), free(plain, [Match(".*")]), free(plain, [copies]))
        for _ in range(ROUNDS)
    ]
    streams, match, copy = median_ratios(rounds)
    print(f"64 streams together write {1 / streams:.1f} times as many characters a second as one")
    print(f"--match '.*' takes {match:.2f} times as long, --max-copy {copy:.2f} times")


def main() -> None:
    """Print the tables."""
    one_stream()
    at_once_and_by_rule()
    exact, near = int8.loss(DEMO)
    print(f"demonstration model, held-out text: {exact:.4f} nats in float32, {near:.4f} in int8")


if __name__ == "__main__":
    main()
