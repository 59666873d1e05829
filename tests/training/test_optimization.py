import math

import numpy as np
import pytest
import torch

from charrnn.architecture import Architecture
from charrnn.initialisation import first_weights
from charrnn.training.learners.descent import descend
from charrnn.training.model import CharacterModel
from charrnn.training.tasks.language_model import Penalty, loss_of


def test_the_loss_before_learning_is_the_log_of_the_alphabet():
    model = CharacterModel(Architecture("gru", 1, 4, 7))
    for parameter in model.parameters():
        torch.nn.init.zeros_(parameter)
    ids = np.arange(14).reshape(7, 2) % 7
    loss, *_ = loss_of(model, ids, ids, None)
    assert loss.item() == pytest.approx(math.log(7))


def test_only_the_last_steps_are_learned():
    model = CharacterModel(Architecture("gru", 1, 4, 7))
    model.begin_with(first_weights(model.architecture, np.random.default_rng(0)))
    ids = np.arange(14).reshape(7, 2) % 7
    logits, _ = model(torch.from_numpy(ids))
    expected = torch.nn.functional.cross_entropy(
        logits[-3:].flatten(0, 1), torch.from_numpy(ids[-3:]).flatten()
    )
    loss, loss_nats, _ = loss_of(model, ids, ids, None, learned=3)
    assert loss.item() == loss_nats.item() == pytest.approx(expected.item())


def test_penalties_are_minimised_but_not_reported():
    outputs = torch.tensor([[[1.0, 2.0]], [[3.0, 2.0]]])  # T = 2, N = 1, H = 2
    assert float(Penalty(activation=0.5).of(outputs)) == pytest.approx(0.5 * (1 + 4 + 9 + 4) / 4)
    assert float(Penalty(change=0.5).of(outputs)) == pytest.approx(0.5 * (4 + 0) / 2)
    model = CharacterModel(Architecture("gru", 1, 4, 7))
    model.begin_with(first_weights(model.architecture, np.random.default_rng(0)))
    ids = np.arange(14).reshape(7, 2) % 7
    plain, *_ = loss_of(model, ids, ids, None)
    loss, loss_nats, _ = loss_of(model, ids, ids, None, penalty=Penalty(2.0, 1.0))
    outputs, _ = model.read(torch.from_numpy(ids))
    assert loss_nats.item() == plain.item()
    assert loss.item() == pytest.approx((plain + Penalty(2.0, 1.0).of(outputs)).item())


def step_with(**clipping):
    """Take one step of plain descent on 100·w from w = 0 and return the gradient and the norm."""
    model = torch.nn.Linear(2, 1, bias=False)
    torch.nn.init.zeros_(model.weight)
    loss = (model.weight * torch.tensor([[30.0, 40.0]])).sum()
    norm = descend(model, torch.optim.SGD(model.parameters(), lr=1.0), loss, **clipping)
    return (-model.weight.detach()).flatten().tolist(), norm.item()


def test_clipping_by_norm_keeps_the_direction():
    assert step_with(clip_norm=5.0, clip_value=0.0) == (pytest.approx([3, 4], rel=1e-4), 50)


def test_clipping_by_value_bounds_each_entry():
    assert step_with(clip_norm=0.0, clip_value=35.0) == ([30, 35], 50)


def test_without_clipping_the_gradient_is_whole():
    assert step_with(clip_norm=0.0, clip_value=0.0) == ([30, 40], 50)
