import copy
import subprocess
import sys

import pytest
import torch

from charrnn.architecture import Architecture
from charrnn.training.learners import optimizers
from charrnn.training.model import CharacterModel


def steps(name, count=3, **settings) -> list[float]:
    """Descend on w² / 2 from w = 1 with a rate of 0.1; return w after each step."""
    model = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.ones_(model.weight)
    optimizer = optimizers.make(name, model, 0.1, **settings)
    seen = []
    for _ in range(count):
        model.weight.grad = model.weight.detach().clone()
        optimizer.step()
        seen.append(model.weight.item())
    return seen


def test_plain_descent_by_hand():
    assert steps("sgd", momentum=0.0) == pytest.approx([0.9, 0.81, 0.729])


def test_momentum_by_hand():
    # v: 1, 0.5·1 + 0.9, 0.5·1.4 + 0.76
    assert steps("sgd", momentum=0.5) == pytest.approx([0.9, 0.76, 0.614])


def test_nesterov_looks_ahead_by_hand():
    # v = 1: w -= 0.1 (1 + 0.5·1); v = 0.5 + 0.85 = 1.35: w -= 0.1 (0.85 + 0.5·1.35)
    assert steps("nesterov", 2, momentum=0.5) == pytest.approx([0.85, 0.85 - 0.1525])


def test_rmsprop_is_char_rnns_by_hand():
    # m = 0.05 g²: w -= 0.1 / √0.05
    assert steps("rmsprop", 1) == pytest.approx([1 - 0.1 / 0.05**0.5], rel=1e-6)


def test_adagrad_is_min_char_rnns_by_hand():
    # sums 1, 1 + 0.81: w -= 0.1 · 0.9 / √1.81
    assert steps("adagrad", 2) == pytest.approx([0.9, 0.9 - 0.09 / 1.81**0.5], rel=1e-6)


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_adams_first_step_is_the_rate(name):
    assert steps(name, 1) == pytest.approx([0.9], rel=1e-6)


def test_decoupled_decay_is_apart_from_the_gradient():
    # AdamW: w ← w (1 - 0.1·0.5), then the step of the rate.
    assert steps("adamw", 1, weight_decay=0.5) == pytest.approx([0.95 - 0.1], rel=1e-6)


def test_weight_decay_spares_what_is_no_matrix():
    model = torch.nn.Linear(2, 2)
    before = copy.deepcopy(model.state_dict())
    optimizer = optimizers.make("sgd", model, 0.1, weight_decay=0.5)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    assert torch.equal(model.bias, before["bias"])
    assert torch.allclose(model.weight, 0.95 * before["weight"])


def test_weight_decay_spares_the_rows_of_single_characters():
    model = CharacterModel(Architecture("gru", 1, 4, 7, embedding=3))
    before = {name: value.clone() for name, value in model.named_parameters()}
    optimizer = optimizers.make("sgd", model, 0.1, weight_decay=0.5)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    moved = {n for n, value in model.named_parameters() if not torch.equal(value, before[n])}
    assert moved == {"rnn.weight_ih_l0", "rnn.weight_hh_l0"}


def test_momentum_rises_by_halving_its_distance_from_one():
    # Sutskever et al. 2013: 0.5 in the first 250 steps, 0.75 in the next 250, 0.875 from 750.
    rising = [optimizers.risen_momentum(step, 0.9) for step in (0, 249, 250, 750, 5000)]
    assert rising == pytest.approx([0.5, 0.5, 0.75, 0.875, 0.9])


def test_a_step_leaves_the_compiler_of_torch_unloaded():
    program = (
        "import sys, torch\n"
        "from charrnn.training.learners.optimizers import make\n"
        "model = torch.nn.Linear(2, 1)\n"
        "for kind in ('adam', 'adamw', 'rmsprop', 'adagrad', 'nesterov', 'sgd'):\n"
        "    optimizer = make(kind, model, 0.1)\n"
        "    model(torch.ones(2)).backward()\n"
        "    optimizer.step()\n"
        "    optimizer.load_state_dict(optimizer.state_dict())\n"
        "    optimizer.zero_grad()\n"
        "print('torch._dynamo' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("False\n", "")
