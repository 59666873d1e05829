import pytest
import torch

from charrnn.errors import TrainingError
from charrnn.training import kernels
from charrnn.training.setup import choose_kernel

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


@pytest.mark.parametrize(
    ("name", "backbone", "device", "fused"),
    [
        ("auto", "gru", CPU, True),
        ("auto", "vanilla", CPU, True),
        ("auto", "lstm", CPU, False),
        ("auto", "gru", CUDA, False),
        ("fused", "lstm", CPU, True),
        ("torch", "gru", CPU, False),
    ],
)
def test_the_kernel_depends_on_wish_cell_and_device(name, backbone, device, fused):
    assert choose_kernel(name, backbone, device) == (fused, [])


def test_without_numba_torch_does_the_work_and_says_so(monkeypatch):
    monkeypatch.setattr(kernels, "available", lambda: False)
    fused, notes = choose_kernel("auto", "gru", CPU)
    assert not fused
    assert notes == ["numba is not installed: torch.nn runs the recurrence, more slowly"]
    assert choose_kernel("auto", "lstm", CPU) == (False, [])
    with pytest.raises(TrainingError, match="cannot run here: numba is not installed"):
        choose_kernel("fused", "gru", CPU)


def test_the_fused_kernels_are_refused_on_another_device():
    with pytest.raises(TrainingError, match="cannot run here: the device is cuda"):
        choose_kernel("fused", "gru", CUDA)
