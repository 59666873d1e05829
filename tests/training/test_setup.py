import importlib.util

import pytest
import torch

from charrnn.errors import TrainingError
from charrnn.settings import TrainConfig
from charrnn.text.corpus import Corpus
from charrnn.training import kernels
from charrnn.training.kernels import products
from charrnn.training.setup import choose_kernel, prepare
from charrnn.training.timing import seconds_per_step

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


@pytest.mark.parametrize(
    ("name", "device", "fused"),
    [
        ("auto", CPU, True),
        ("auto", CUDA, False),
        ("fused", CPU, True),
        ("torch", CPU, False),
    ],
)
def test_the_kernel_depends_on_wish_and_device(name, device, fused):
    assert choose_kernel(name, device) == (fused, [])


def test_without_numba_torch_does_the_work_and_says_so(monkeypatch):
    monkeypatch.setattr(kernels, "missing", lambda: "numba is not installed")
    fused, notes = choose_kernel("auto", CPU)
    assert not fused
    assert notes == ["numba is not installed: torch.nn runs the recurrence, more slowly"]
    assert choose_kernel("torch", CPU) == (False, [])
    with pytest.raises(TrainingError, match="cannot run here: numba is not installed"):
        choose_kernel("fused", CPU)


def test_what_is_missing_is_named(monkeypatch):
    assert kernels.missing() == ""
    monkeypatch.setattr(products, "AVAILABLE", False)
    assert kernels.missing() == "torch's BLAS cannot be reached from compiled code"
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert kernels.missing() == "numba is not installed"


def test_the_fused_kernels_are_refused_on_another_device():
    with pytest.raises(TrainingError, match="cannot run here: the device is cuda"):
        choose_kernel("fused", CUDA)


def test_timing_chooses_a_number_of_threads_and_leaves_the_model_untouched():
    ready = prepare(TrainConfig(hidden=8, batch=4, sequence=10), Corpus("x", "abcd" * 1000, ""))
    before = {name: value.clone() for name, value in ready.model.state_dict().items()}
    assert seconds_per_step(ready) > 0
    assert ready.model.engine.shards in (1, torch.get_num_threads())
    assert all((value == before[name]).all() for name, value in ready.model.state_dict().items())
