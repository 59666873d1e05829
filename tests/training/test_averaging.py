import pytest
import torch

from charrnn.training.averaging import Average


def test_the_average_by_hand():
    model = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(model.weight, 8.0)
    average = Average(model, memory=0.25)
    for step, value in ((1, 4.0), (2, 0.0)):
        torch.nn.init.constant_(model.weight, value)
        average.update(model, step)
    # memory 2/11 after the first step, then 0.25 (3/12): 8·2/11 + 4·9/11, then a quarter of it
    assert average.tensors[0].item() == pytest.approx((8 * 2 / 11 + 4 * 9 / 11) / 4)


def test_it_stands_in_for_the_weights_and_gives_them_back():
    model = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(model.weight, 1.0)
    average = Average(model, memory=0.5)
    torch.nn.init.constant_(model.weight, 3.0)
    with average.in_place_of(model):
        assert model.weight.item() == 1.0
    assert model.weight.item() == 3.0
    assert average.tensors[0].item() == 1.0
