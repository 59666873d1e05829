"""What only fused kernels do; that they do what the equations say is for `cells/test_parity`."""

import os
import subprocess
import sys

import pytest
import torch
from torch import Tensor

from charrnn.architecture import Architecture
from charrnn.cells import CELLS
from charrnn.training import kernels, stack
from charrnn.training.equations import Weights
from charrnn.training.kernels.layer import Engine

VOCABULARY = 6
FUSED = [name for name in CELLS if kernels.engine(name, threads=1)]
fused = pytest.mark.parametrize("name", FUSED)


def read(
    engine: Engine, hidden: int, streams: int, layers: int = 2
) -> tuple[Weights, Tensor, stack.State]:
    """Run layers drawn at random over seven ids; return their weights, outputs and states."""
    torch.manual_seed(0)
    weights = Weights(Architecture(engine.cell, layers, hidden, VOCABULARY))
    ids = torch.randint(VOCABULARY, (7, streams))
    states = len(CELLS[engine.cell].STATES)
    first = tuple(tuple(torch.randn(states, streams, hidden)) for _ in range(layers))
    return weights, *stack.run(engine, weights, ids, None, first)


def learned(engine: Engine, hidden: int, streams: int) -> list[Tensor]:
    """Return outputs and the gradients of the sum of their squares."""
    weights, outputs, _ = read(engine, hidden, streams)
    kept = outputs.detach().clone()  # they are written over
    return [kept, *torch.autograd.grad(outputs.square().sum(), list(weights.parameters()))]


@fused
@pytest.mark.parametrize(("hidden", "streams", "shards"), [(33, 50, 4), (300, 17, 2), (520, 25, 3)])
def test_the_numbers_do_not_depend_on_how_the_streams_are_split(name, hidden, streams, shards):
    assert Engine(name, shards).shards_of(streams) == shards
    both = (learned(Engine(name, parts), hidden, streams) for parts in (1, shards))
    assert all((one == other).all() for one, other in zip(*both, strict=True))


@pytest.mark.parametrize(("streams", "shards"), [(1, 1), (15, 1), (16, 2), (25, 3), (50, 4)])
def test_each_thread_gets_eight_streams_at_least(streams, shards):
    assert Engine("lstm", 4).shards_of(streams) == shards


@fused
def test_a_second_run_uses_the_buffers_of_the_first(name):
    engine = Engine(name, 1)

    def spare() -> set[int]:
        return {one.data_ptr() for kept in engine.buffers._spare.values() for one in kept}

    first = learned(engine, 5, 3)
    before = spare()
    second = learned(engine, 5, 3)
    assert spare() == before
    assert all((one == other).all() for one, other in zip(first, second, strict=True))


def test_a_gradient_cannot_be_taken_twice():
    _, outputs, _ = read(Engine("lstm", 2), 2, 1, layers=1)
    outputs.sum().backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="the gradient has been taken"):
        outputs.sum().backward()


LEARN = """
import numpy as np, torch
from charrnn.architecture import Architecture
from charrnn.initialisation import first_weights
from charrnn.training.model import CharacterModel

for cell in ("lstm", "gru"):
    model = CharacterModel(Architecture(cell, 1, 16, 9, 8), True)
    model.begin_with(first_weights(model.architecture, np.random.default_rng(0)))
    inputs = torch.randint(0, 9, (20, 3), generator=torch.Generator().manual_seed(1))
    model(inputs, None)[0].square().mean().backward()
    for name, parameter in model.named_parameters():
        print(name, parameter.grad.numpy().tobytes().hex())
"""


def test_code_just_compiled_and_code_from_disk_round_alike(tmp_path):
    def learned() -> str:
        return subprocess.run(
            [sys.executable, "-c", LEARN],
            env={**os.environ, "XDG_CACHE_HOME": str(tmp_path), "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    first = learned()
    assert first.count("\n") == 14
    assert all(list(tmp_path.rglob(f"{cell}.backward*.nbc")) for cell in ("lstm", "gru"))
    assert learned() == first
