"""Every implementation of every cell against the cell's own equations, and what only kernels do.

The oracle reads each text alone, without padding, in float64; its gradient is torch's own.
"""

import functools
import itertools
import os
import subprocess
import sys
from types import SimpleNamespace
from typing import NamedTuple

import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from charrnn.architecture import Architecture
from charrnn.cells import CELLS
from charrnn.training import kernels, stack
from charrnn.training.equations import Equations, Weights
from charrnn.training.kernels import layer
from charrnn.training.kernels.layer import Engine
from charrnn.training.torch_nn import TorchLayer

VOCABULARY, EMBEDDING = 6, 4
FUSED = [name for name in CELLS if kernels.engine(name, threads=1)]
fused = pytest.mark.parametrize("name", FUSED)
RUNNERS = [(name, "equations") for name in CELLS] + [(name, "fused") for name in FUSED]
RUNNERS += [(name, "torch.nn") for name, cell in CELLS.items() if cell.TORCH]


class Case(NamedTuple):
    """Sizes of a test. inputs: one-hot ids, embedded ids or plain numbers. ragged: lengths."""

    steps: int
    streams: int
    hidden: int
    layers: int
    inputs: str
    ragged: bool
    both: bool


CASES = [
    Case(*sizes, *rest)
    for sizes in ((1, 1, 1, 1), (5, 3, 33, 1), (6, 3, 5, 3))
    for rest in itertools.product(("one-hot", "embedded", "plain"), (False, True), (False, True))
]


@pytest.fixture(autouse=True)
def fresh_memory_is_not_a_number(monkeypatch):
    """Fill every new buffer with NaN, so that one that is read before it is written shows."""
    new_empty, empty_like = torch.Tensor.new_empty, torch.empty_like

    def filled(made: torch.Tensor) -> torch.Tensor:
        return made.fill_(torch.nan) if made.is_floating_point() else made

    monkeypatch.setattr(torch.Tensor, "new_empty", lambda like, *of: filled(new_empty(like, *of)))
    monkeypatch.setattr(torch, "empty_like", lambda *of, **how: filled(empty_like(*of, **how)))


def runner(name: str, kind: str) -> stack.Runner:
    if kind == "fused":
        return Engine(name, 2)
    return TorchLayer(CELLS[name].TORCH) if kind == "torch.nn" else Equations(CELLS[name])


class Given(NamedTuple):
    """What a stack is run on. leaves: what gets a gradient: weights, first states, and x."""

    rnn: SimpleNamespace
    ids: torch.Tensor | None
    x: torch.Tensor | None
    state: stack.State
    lengths: torch.Tensor | None
    leaves: list[torch.Tensor]


def given(name: str, case: Case, dtype: torch.dtype) -> Given:
    """Draw it, the same numbers in each dtype."""
    torch.manual_seed(0)
    size = VOCABULARY if case.inputs == "one-hot" else EMBEDDING
    shape = Architecture(name, case.layers, case.hidden, VOCABULARY, size, bidirectional=case.both)
    weights = Weights(shape).to(dtype)
    leaves = list(weights.parameters())

    def drawn(*sizes: int) -> torch.Tensor:
        leaves.append(torch.randn(sizes).to(dtype).requires_grad_())
        return leaves[-1]

    state = tuple(
        tuple(drawn(case.streams, case.hidden) for _ in CELLS[name].STATES)
        for _ in range(shape.runs)
    )
    ids = torch.randint(VOCABULARY, (case.steps, case.streams))
    x = None
    if case.inputs == "embedded":
        x = drawn(VOCABULARY, EMBEDDING)
    if case.inputs == "plain":
        x, ids = drawn(case.steps, case.streams, EMBEDDING), None
    lengths = None
    if case.ragged:
        lengths = torch.tensor([case.steps - 1, case.steps, 1])[: case.streams].clamp(min=1)
    rnn = SimpleNamespace(all_weights=weights.all_weights, bidirectional=case.both)
    return Given(rnn, ids, x, state, lengths, leaves)


def with_gradients(outputs, state, leaves) -> list[torch.Tensor]:
    """Return outputs, states and the gradients of a weighted sum of them."""
    parts = [outputs, *itertools.chain(*state)]
    copies = [part.detach().double().clone() for part in parts]
    torch.manual_seed(1)
    weighted = sum((part * torch.randn(part.shape).to(part.dtype)).sum() for part in parts)
    return copies + [grad.double() for grad in torch.autograd.grad(weighted, leaves)]


def alone(equations, x, weights, state, backwards):
    """Read one text x (T, E) by the equations, in its order or from its end."""
    x = (x.flip(0) if backwards else x)[:, None]
    outputs, last = equations.layer(None, x, weights, tuple(part[None] for part in state))
    return outputs[:, 0].flip(0) if backwards else outputs[:, 0], [part[0] for part in last]


@functools.cache
def oracle(name: str, case: Case) -> list[torch.Tensor]:
    """Return what all must agree with: each text read alone, layer by layer, without padding."""
    rnn, ids, x, state, lengths, leaves = given(name, case, torch.float64)
    if ids is not None:
        table = torch.eye(VOCABULARY, dtype=torch.float64) if x is None else x
        x = table[ids]
    equations, ways = Equations(CELLS[name]), 1 + case.both
    outputs = x.new_zeros(case.steps, case.streams, case.hidden * ways)
    finals = [[] for _ in state]
    for stream in range(case.streams):
        read = x[: case.steps if lengths is None else lengths[stream], stream]
        for first in range(0, len(state), ways):
            said = []
            for run in range(first, first + ways):
                before = [part[stream] for part in state[run]]
                h, last = alone(equations, read, rnn.all_weights[run], before, run > first)
                said.append(h)
                finals[run].append(last)
            read = torch.cat(said, dim=1)
        outputs[: len(read), stream] = read
    last = [[torch.stack(part) for part in zip(*run, strict=True)] for run in finals]
    return with_gradients(outputs, last, leaves)


@pytest.mark.parametrize(("dtype", "bound"), [(torch.float64, 1e-10), (torch.float32, 1e-5)])
@pytest.mark.parametrize(("name", "kind"), RUNNERS)
def test_outputs_states_and_gradients_are_those_of_the_equations(
    name, kind, dtype, bound, monkeypatch
):
    monkeypatch.setattr(layer, "SMALLEST_SHARD", 1)
    run = runner(name, kind)
    for case in CASES:
        rnn, ids, x, state, lengths, leaves = given(name, case, dtype)
        outputs, last = stack.run(run, rnn, ids, x, state, lengths=lengths)
        for one, other in zip(
            with_gradients(outputs, last, leaves), oracle(name, case), strict=True
        ):
            far = (one - other).abs().max() / max(1, other.abs().max())
            assert far < bound, case  # NaN is not


@pytest.mark.parametrize("name", [name for name in FUSED if CELLS[name].TORCH])
def test_both_ways_are_those_of_torch_on_packed_sequences(name):
    case = Case(7, 3, 5, 3, "plain", ragged=True, both=True)
    rnn, _, x, state, lengths, leaves = given(name, case, torch.float64)
    ours = with_gradients(*stack.run(Engine(name, 1), rnn, None, x, state, lengths=lengths), leaves)
    module = getattr(torch.nn, CELLS[name].TORCH)(EMBEDDING, 5, 3, bidirectional=True).double()
    module.load_state_dict(dict(zip(module.state_dict(), leaves, strict=False)))
    packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
    first = [torch.stack(part) for part in zip(*state, strict=True)]
    data, last = module(packed, tuple(first) if len(first) > 1 else first[0])
    outputs, _ = pad_packed_sequence(data)
    last = last if isinstance(last, tuple) else (last,)
    theirs = with_gradients(
        outputs, zip(*last, strict=True), [*module.parameters(), *itertools.chain(*state), x]
    )
    for one, other in zip(ours, theirs, strict=True):
        assert torch.allclose(one, other, atol=1e-10, rtol=0)


def plain(name: str, hidden: int, streams: int, layers: int = 2) -> Given:
    """Return some layers in float32 that read seven one-hot ids."""
    case = Case(7, streams, hidden, layers, "one-hot", ragged=False, both=False)
    return given(name, case, torch.float32)


def learned(engine: Engine, made: Given) -> list[torch.Tensor]:
    outputs, last = stack.run(engine, made.rnn, made.ids, made.x, made.state)
    return with_gradients(outputs, last, made.leaves)


@fused
@pytest.mark.parametrize(("hidden", "streams", "shards"), [(33, 50, 4), (300, 17, 2), (520, 25, 3)])
def test_the_numbers_do_not_depend_on_how_the_streams_are_split(name, hidden, streams, shards):
    made = plain(name, hidden, streams)
    assert Engine(name, shards).shards_of(streams) == shards
    pairs = zip(learned(Engine(name, 1), made), learned(Engine(name, shards), made), strict=True)
    assert all((one == other).all() for one, other in pairs)


@pytest.mark.parametrize(("streams", "shards"), [(1, 1), (15, 1), (16, 2), (25, 3), (50, 4)])
def test_each_thread_gets_eight_streams_at_least(streams, shards):
    assert Engine("lstm", 4).shards_of(streams) == shards


@fused
def test_a_second_run_uses_the_buffers_of_the_first(name):
    engine, made = Engine(name, 1), plain(name, 5, 3)

    def spare() -> set[int]:
        return {one.data_ptr() for kept in engine.buffers._spare.values() for one in kept}

    first = learned(engine, made)
    before = spare()
    second = learned(engine, made)
    assert spare() == before
    assert all((one == other).all() for one, other in zip(first, second, strict=True))


def test_a_gradient_cannot_be_taken_twice():
    made = plain("lstm", 2, 1, layers=1)
    outputs, _ = stack.run(Engine("lstm", 2), made.rnn, made.ids, made.x, made.state)
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
