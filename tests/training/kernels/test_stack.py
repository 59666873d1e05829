"""The fused kernels against torch.nn: outputs, states and every gradient."""

import itertools

import numpy as np
import pytest
import torch

from charrnn.architecture import Architecture
from charrnn.cells import CELLS
from charrnn.training.kernels import stack
from charrnn.training.kernels.layer import Engine
from charrnn.training.model import MODULES, CharacterModel, detach
from charrnn.training.optimization import adam, descend, loss_of

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
def threads(request):
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
    torch.manual_seed(1)
    sum((part * torch.randn_like(part)).sum() for part in parts).backward()
    return [part.detach() for part in parts] + [tensor.grad for tensor in inputs]


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


@backbones
def test_gradients_are_the_slopes_of_the_outputs(backbone):
    torch.manual_seed(0)
    rnn = MODULES[backbone](3, 2).double()
    ids = torch.randint(3, (4, 2))
    state = [torch.randn(1, 2, 2, dtype=torch.float64) for _ in range(2)]
    given = [*rnn.parameters(), *[part.requires_grad_() for part in state]]
    weights = torch.randn(4, 2, 2, dtype=torch.float64)

    def total() -> torch.Tensor:
        start = tuple(state) if backbone == "lstm" else state[0]
        return (
            stack.run(Engine(backbone, torch.get_num_threads()), rnn, ids, None, start)[0] * weights
        ).sum()

    total().backward()
    used = given if backbone == "lstm" else given[:-1]
    for tensor in used:
        for place in range(tensor.numel()):
            entry, step = tensor.data.view(-1), 1e-6
            before = entry[place].item()
            entry[place] = before + step
            above = total().item()
            entry[place] = before - step
            slope = (above - total().item()) / (2 * step)
            entry[place] = before
            assert tensor.grad.view(-1)[place].item() == pytest.approx(slope, abs=1e-7)


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
        model.initialise(torch.Generator().manual_seed(3))
        optimizer, state, seen = adam(model, 0.01), None, []
        for step in range(50):
            part = text[step * 20 : step * 20 + 21]
            loss, state = loss_of(model, part[:-1], part[1:], state)
            state = detach(state)
            descend(model, optimizer, loss, clip_norm=1.0, clip_value=0.0)
            seen.append(loss.item())
        losses.append(seen)
    assert losses[0] == pytest.approx(losses[1], abs=1e-4)
    assert losses[0] != losses[1]  # two paths, not one
