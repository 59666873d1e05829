"""Sampling speed against two loops over torch.nn, in turn in one process.

    python tests/benchmarks/sampling.py

The ordinary loop makes a one-hot input a character under no_grad; the careful one reuses its
input, in inference mode. All draw from the softmax after every character; medians.
"""

import statistics
import sys
import time
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parent.parent))

from conftest import random_checkpoint

from charrnn.checkpoint import Checkpoint
from charrnn.network import Network
from charrnn.sampling.generate import generate
from charrnn.training.model import CharacterModel

ROUNDS = 9
CHARACTERS = 1500
ALPHABET = "".join(map(chr, range(32, 97)))  # 65 characters, as in tiny Shakespeare
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


def numpy_loop(network: Network) -> None:
    """Write with charrnn."""
    prompt, random = network.vocabulary.encode(" "), np.random.default_rng(0)
    for _ in generate(network, prompt, temp=1.0, length=CHARACTERS, random=random):
        pass


def microseconds(run, network: Network | CharacterModel) -> float:
    """Return the time a character takes."""
    start = time.perf_counter()
    run(network)
    return (time.perf_counter() - start) / CHARACTERS * 1e6


def main() -> None:
    """Print the table."""
    print(f"{'one stream':13} {'charrnn':>10} {'ordinary':>10} {'ratio':>6}", end="")
    print(f" {'careful':>10} {'ratio':>6}")
    for backbone, layers, hidden in SIZES:
        made = random_checkpoint(backbone, layers, hidden, alphabet=ALPHABET)
        ours, theirs = made.network(), torch_model(made)
        rounds = [
            (
                microseconds(numpy_loop, ours),
                microseconds(ordinary_loop, theirs),
                microseconds(careful_loop, theirs),
            )
            for _ in range(ROUNDS)
        ]
        own, ordinary, careful = (statistics.median(column) for column in zip(*rounds, strict=True))
        ratios = [statistics.median(each[column] / each[0] for each in rounds) for column in (1, 2)]
        print(
            f"{backbone:8}{layers}×{hidden:<4} {own:6.1f} µs {ordinary:7.1f} µs {ratios[0]:6.1f} "
            f"{careful:7.1f} µs {ratios[1]:6.1f}"
        )


if __name__ == "__main__":
    main()
