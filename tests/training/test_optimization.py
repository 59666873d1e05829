import math

import numpy as np
import pytest
import torch

from charrnn.architecture import Architecture
from charrnn.training.model import CharacterModel
from charrnn.training.optimization import descend, loss_of, rate_share


def test_the_rate_warms_up_then_falls_along_a_cosine():
    assert rate_share(0, 1100) == 0.01
    assert rate_share(99, 1100) == 1
    assert rate_share(100, 1100) == 1
    assert rate_share(600, 1100) == pytest.approx((1 + 0.01) / 2)
    assert rate_share(1100, 1100) == pytest.approx(0.01)


def test_short_runs_warm_up_for_a_tenth():
    assert [rate_share(step, 20) for step in range(3)] == [0.5, 1, 1]


def test_the_loss_before_learning_is_the_log_of_the_alphabet():
    model = CharacterModel(Architecture("gru", 1, 4, 7))
    for parameter in model.parameters():
        torch.nn.init.zeros_(parameter)
    ids = np.arange(14).reshape(7, 2) % 7
    loss, _ = loss_of(model, ids, ids, None)
    assert loss.item() == pytest.approx(math.log(7))


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
