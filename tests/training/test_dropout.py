import numpy as np
import pytest
import torch

from charrnn.architecture import Architecture
from charrnn.cells import CELLS
from charrnn.initialisation import first_weights
from charrnn.training.dropout import NONE, Dropout, drop
from charrnn.training.model import CharacterModel


def model_of(backbone="lstm", dropout=NONE, fused=False, **shape) -> CharacterModel:
    model = CharacterModel(Architecture(backbone, 2, 16, 9, **shape), fused, dropout)
    model.begin_with(first_weights(model.architecture, np.random.default_rng(1)))
    return model


def test_what_is_left_weighs_more_so_that_the_mean_stays():
    torch.manual_seed(0)
    dropped = drop(torch.ones(1, 200, 500), 0.3, 200, 500)
    assert dropped.unique().tolist() == pytest.approx([0, 1 / 0.7])
    assert dropped.mean().item() == pytest.approx(1, abs=0.01)


def test_nothing_is_dropped_at_a_share_of_zero():
    x = torch.ones(3)
    assert drop(x, 0.0, 3) is x


def test_the_same_units_are_dropped_in_all_steps_but_not_in_all_streams():
    torch.manual_seed(0)
    outputs, _ = model_of(dropout=Dropout(outputs=0.5)).read(torch.randint(9, (7, 5)))
    zero = outputs == 0  # (T, N, H)
    assert (zero == zero[0]).all()
    assert not (zero[0] == zero[0, 0]).all()
    assert 0.3 < zero.double().mean() < 0.7


@pytest.mark.parametrize("backbone", CELLS)
@pytest.mark.parametrize("shape", [{}, {"residual": True}, {"all_layers": True}])
def test_both_kernels_drop_the_same_and_give_the_same_gradients(backbone, shape):
    dropout = Dropout(outputs=0.2, embedding=0.1, recurrent=0.3)
    ids = torch.randint(9, (11, 3), generator=torch.Generator().manual_seed(0))
    results = []
    for fused in (True, False):
        model = model_of(backbone, dropout, fused, embedding=4, **shape).double()
        torch.manual_seed(5)
        logits, _ = model(ids)
        value = logits.detach().clone()
        logits.square().sum().backward()
        results.append([value, *(parameter.grad for parameter in model.parameters())])
    for one, other in zip(*results, strict=True):
        assert torch.allclose(one, other, atol=1e-10)


def test_a_model_that_is_read_drops_nothing():
    ids = torch.randint(9, (7, 5), generator=torch.Generator().manual_seed(0))
    model = model_of(dropout=Dropout(0.5, 0.5, 0.5), embedding=4).eval()
    assert torch.allclose(model(ids)[0], model_of(embedding=4)(ids)[0], atol=1e-6)


def test_a_recurrent_weight_that_is_dropped_gets_no_gradient():
    torch.manual_seed(3)
    model = model_of(dropout=Dropout(recurrent=0.5), fused=True)
    logits, _ = model(torch.randint(9, (7, 5)))
    logits.sum().backward()
    share = (model.rnn.weight_hh_l0.grad == 0).double().mean().item()
    assert share == pytest.approx(0.5, abs=0.05)
