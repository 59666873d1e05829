"""The fused kernels against torch.nn: outputs, states and every gradient."""

import itertools
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from charrnn.training.optimization import loss_of

from charrnn.architecture import Architecture
from charrnn.cells import CELLS
from charrnn.initialisation import first_weights
from charrnn.training import stack
from charrnn.training.kernels import layer
from charrnn.training.kernels.layer import Engine, Layer
from charrnn.training.learners import optimizers
from charrnn.training.learners.descent import descend
from charrnn.training.model import MODULES, CharacterModel, detach

VOCABULARY = 6
backbones = pytest.mark.parametrize("backbone", CELLS)


@pytest.fixture(autouse=True)
def fresh_memory_is_not_a_number(monkeypatch):
    """Fill every new buffer with NaN, so that one that is read before it is written shows."""
    empty = torch.Tensor.new_empty
    monkeypatch.setattr(
        torch.Tensor, "new_empty", lambda self, *size: empty(self, *size).fill_(torch.nan)
    )
    empty_like = torch.empty_like
    monkeypatch.setattr(torch, "empty_like", lambda other: empty_like(other).fill_(torch.nan))


@pytest.fixture(params=[1, 2], ids=["one shard", "two shards"])
def threads(request, monkeypatch):
    monkeypatch.setattr(layer, "SMALLEST_SHARD", 1)
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield
    torch.set_num_threads(before)


def results(run, inputs: list[torch.Tensor]) -> list[torch.Tensor]:
    """Return outputs, states and the gradients of a weighted sum of them."""
    for tensor in inputs:
        tensor.grad = None
    outputs, state = run()
    parts = [outputs, *(state if isinstance(state, tuple) else (state,))]
    copies = [part.detach().clone() for part in parts]
    torch.manual_seed(1)
    sum((part * torch.randn_like(part)).sum() for part in parts).backward()
    return copies + [tensor.grad for tensor in inputs]


def difference(backbone, steps, streams, hidden, layers, dtype, embedded) -> float:
    torch.manual_seed(0)
    size = 4 if embedded else VOCABULARY
    rnn = MODULES[backbone](size, hidden, layers).to(dtype)
    ids = torch.randint(VOCABULARY, (steps, streams))
    table = torch.randn(VOCABULARY, size, dtype=dtype, requires_grad=embedded)
    if not embedded:
        table = torch.eye(VOCABULARY, dtype=dtype)
    states = [
        torch.randn(layers, streams, hidden, dtype=dtype, requires_grad=True)
        for _ in CELLS[backbone].STATES
    ]
    state = tuple(states) if backbone == "lstm" else states[0]
    inputs = [*rnn.parameters(), *states, *[table] * embedded]
    expected = results(lambda: rnn(table[ids], state), inputs)
    fused = results(
        lambda: stack.run(
            Engine(backbone, torch.get_num_threads()), rnn, ids, table if embedded else None, state
        ),
        inputs,
    )
    return max(
        float((one - other).abs().max() / max(1, one.abs().max()))
        for one, other in zip(expected, fused, strict=True)
    )


@backbones
@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize(("dtype", "bound"), [(torch.float64, 1e-10), (torch.float32, 1e-5)])
def test_everything_equals_torch_at_odd_sizes(backbone, dtype, bound):
    for sizes in itertools.product((1, 2, 7), (1, 3), (1, 5, 33), (1, 2, 3)):
        for embedded in (False, True):
            assert difference(backbone, *sizes, dtype, embedded) < bound, (sizes, embedded)


class Anew(torch.autograd.Function):
    """A function run again for each gradient, since a kernel's can be taken only once."""

    @staticmethod
    def forward(ctx, function, *inputs):
        ctx.function = function
        ctx.save_for_backward(*inputs)
        return function(*inputs)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad):
        inputs = [tensor.detach().requires_grad_() for tensor in ctx.saved_tensors]
        with torch.enable_grad():
            outputs = ctx.function(*inputs)
        return None, *torch.autograd.grad(outputs, inputs, grad)


@backbones
@pytest.mark.parametrize("embedded", [True, False])
def test_gradients_are_the_slopes_of_the_outputs(backbone, embedded):
    torch.manual_seed(0)
    engine, ids = Engine(backbone, 1), torch.tensor([[0, 1], [2, 0], [1, 1]])
    gates = len(CELLS[backbone].GATES) * 2
    shapes = [(3, 4) if embedded else (3, 2, 4), (gates, 4), (gates, 2), (gates,), (gates,)]
    shapes += [(2, 2)] * len(CELLS[backbone].STATES)

    def layer(x, *tensors):
        states = tensors[4:] if len(tensors) == 6 else (tensors[4], tensors[4].detach())
        parts = Layer.apply(engine, True, ids if embedded else None, x, *tensors[:4], *states)
        return torch.cat([parts[0].flatten(), *[part.flatten() for part in parts[1:]]])

    inputs = [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]
    assert torch.autograd.gradcheck(lambda *given: Anew.apply(layer, *given), inputs)


@backbones
@pytest.mark.parametrize(("hidden", "streams", "shards"), [(33, 50, 4), (300, 17, 2), (520, 25, 3)])
def test_the_numbers_do_not_depend_on_how_the_streams_are_split(backbone, hidden, streams, shards):
    torch.manual_seed(0)
    rnn = MODULES[backbone](VOCABULARY, hidden, 2)
    ids = torch.randint(VOCABULARY, (7, streams))

    def of_shards(shards):
        engine = Engine(backbone, shards)
        return results(lambda: stack.run(engine, rnn, ids, None, None), list(rnn.parameters()))

    alone, split = of_shards(1), of_shards(shards)
    assert Engine(backbone, shards).shards_of(streams) == shards
    assert all((one == other).all() for one, other in zip(alone, split, strict=True))


@pytest.mark.parametrize(("streams", "shards"), [(1, 1), (15, 1), (16, 2), (25, 3), (50, 4)])
def test_each_thread_gets_eight_streams_at_least(streams, shards):
    assert Engine("lstm", 4).shards_of(streams) == shards


@backbones
def test_a_second_run_uses_the_buffers_of_the_first(backbone):
    engine, rnn = Engine(backbone, 1), MODULES[backbone](VOCABULARY, 5, 2)
    ids = torch.randint(VOCABULARY, (7, 3))
    first = results(lambda: stack.run(engine, rnn, ids, None, None), list(rnn.parameters()))
    first = [tensor.clone() for tensor in first]
    spare = {tensor.data_ptr() for tensors in engine.buffers._spare.values() for tensor in tensors}
    second = results(lambda: stack.run(engine, rnn, ids, None, None), list(rnn.parameters()))
    after = {tensor.data_ptr() for tensors in engine.buffers._spare.values() for tensor in tensors}
    assert spare == after
    assert all((one == other).all() for one, other in zip(first, second, strict=True))


def test_a_gradient_cannot_be_taken_twice():
    outputs, _ = stack.run(
        Engine("lstm", 2), torch.nn.LSTM(3, 2), torch.zeros(2, 1, dtype=int), None, None
    )
    outputs.sum().backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="the gradient has been taken"):
        outputs.sum().backward()


@backbones
def test_chunks_with_carried_state_equal_the_whole(backbone):
    rnn = MODULES[backbone](VOCABULARY, 5, 2).double()
    ids = torch.randint(VOCABULARY, (20, 3))
    whole, _ = stack.run(Engine(backbone, torch.get_num_threads()), rnn, ids, None, None)
    first, state = stack.run(Engine(backbone, torch.get_num_threads()), rnn, ids[:13], None, None)
    second, _ = stack.run(Engine(backbone, torch.get_num_threads()), rnn, ids[13:], None, state)
    assert torch.allclose(torch.cat([first, second]), whole, atol=1e-12, rtol=0)


@backbones
def test_fifty_steps_of_training_agree_with_torch(backbone):
    random = np.random.default_rng(0)
    text = random.integers(9, size=(51 * 20, 4)).cumsum(axis=0) % 9
    losses = []
    for fused in (False, True):
        model = CharacterModel(Architecture(backbone, 2, 16, 9), fused)
        model.begin_with(first_weights(model.architecture, np.random.default_rng(3)))
        optimizer, state, seen = optimizers.make("adam", model, 0.01), None, []
        for step in range(50):
            part = text[step * 20 : step * 20 + 21]
            loss, _, state = loss_of(model, part[:-1], part[1:], state)
            state = detach(state)
            descend(model, optimizer, loss, clip_norm=1.0, clip_value=0.0)
            seen.append(loss.item())
        losses.append(seen)
    assert losses[0] == pytest.approx(losses[1], abs=1e-4)
    assert losses[0] != losses[1]  # two paths, not one


LEARN = """
import sys, numpy as np, torch
from charrnn.architecture import Architecture
from charrnn.initialisation import first_weights
from charrnn.training.model import CharacterModel

model = CharacterModel(Architecture(sys.argv[1], 1, 16, 9, 8), True)
model.begin_with(first_weights(model.architecture, np.random.default_rng(0)))
inputs = torch.randint(0, 9, (20, 3), generator=torch.Generator().manual_seed(1))
model(inputs, None)[0].square().mean().backward()
for name, parameter in model.named_parameters():
    print(name, parameter.grad.numpy().tobytes().hex())
"""


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_code_just_compiled_and_code_from_disk_round_alike(cell, tmp_path):
    def learned() -> str:
        return subprocess.run(
            [sys.executable, "-c", LEARN, cell],
            env={**os.environ, "XDG_CACHE_HOME": str(tmp_path), "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    first = learned()
    assert first.count("\n") == 7
    assert list(tmp_path.rglob(f"{cell}.backward*.nbc"))
    assert learned() == first
