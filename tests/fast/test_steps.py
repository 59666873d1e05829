import os
import subprocess
import sys

import numpy as np
import pytest

from charrnn.cells import CELLS
from charrnn.errors import UsageError
from charrnn.fast import has_int8
from charrnn.fast.int8.stepper import Int8Stepper
from charrnn.intervention import Intervention
from charrnn.stepper import Stepper

SHAPES = [
    {"hidden": 5},
    {"hidden": 33, "layers": 3},
    {"layers": 1, "embedding": 3},
    {"layers": 3, "residual": True},
    {"layers": 3, "residual": True, "all_layers": True},
    {"all_layers": True, "learned_start": True},
    {"hidden": 6, "embedding": 6, "tied": True},
]


def steppers(made):
    """Return the compiled stepper and, with the same rounded weights, its twin in float64."""
    fast = made.network(int8=True).stepper(1)
    slow = made.network(np.float64, int8=True).stepper(1)
    assert isinstance(fast, Int8Stepper)
    assert type(slow) is Stepper
    for one in (fast, slow):
        one.state = one.network.start()
    return fast, slow


@pytest.mark.parametrize("backbone", [name for name in CELLS if has_int8(name)])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_compiled_steps_are_those_of_numpy_with_the_same_weights(make_checkpoint, backbone, shape):
    fast, slow = steppers(make_checkpoint(backbone, **shape))
    for id in np.random.default_rng(0).integers(30, size=100):
        assert fast.step([id]) == pytest.approx(slow.step([id]), abs=2e-4)
    for mine, wanted in zip(fast.state, slow.state, strict=True):
        for part, other in zip(mine, wanted, strict=True):
            assert part == pytest.approx(other, abs=2e-4)
    for mine, wanted in zip(fast._steps, slow._steps, strict=True):
        if backbone != "vanilla":
            assert np.array(mine.gates) == pytest.approx(np.array(wanted.gates), abs=2e-4)


@pytest.mark.parametrize("held", [Intervention(0, 2, 7.5), Intervention(1, 1, -3.0, "c")])
def test_neurons_are_held_far_outside_their_range(make_checkpoint, held):
    fast, slow = steppers(make_checkpoint("lstm"))
    for id in range(20):
        assert fast.step([id], [held]) == pytest.approx(slow.step([id], [held]), abs=1e-3)


def test_logits_that_were_given_out_stay_as_they_were(make_checkpoint):
    fast, _ = steppers(make_checkpoint("gru"))
    first = fast.step([1])
    kept = first.copy()
    fast.step([2])
    assert np.array_equal(first, kept)


def test_many_streams_go_through_numpy_with_the_rounded_weights(make_checkpoint):
    made = make_checkpoint("gru")
    network = made.network(int8=True)
    assert type(network.stepper(3)) is Stepper
    one, _ = network.step([4], network.start())
    three, _ = network.step([4, 4, 4], network.start(3))
    assert three == pytest.approx(np.repeat(one, 3, axis=0), abs=1e-4)


def test_a_cell_without_compiled_steps_is_refused(make_checkpoint):
    made = make_checkpoint("gru", reset_gate="before")
    with pytest.raises(UsageError, match="GRU with the reset gate before"):
        made.network(int8=True)


WIDE = """
from concurrent.futures import ThreadPoolExecutor
from conftest import random_checkpoint

network = random_checkpoint("lstm", hidden=400).network(int8=True)

def write(_):
    state, sums = network.start(), []
    for id in range(30):
        logits, state = network.step([id], state)
        sums.append(float(logits.sum()))
    return sums

alone = write(0)
with ThreadPoolExecutor(4) as pool:
    print(all(one == alone for one in pool.map(write, range(8))))
"""


@pytest.mark.parametrize("layer", ["workqueue", "default"])
def test_a_wide_network_steps_in_several_threads_whatever_threads_numba_has(layer, pytestconfig):
    environment = os.environ | {"NUMBA_THREADING_LAYER": layer}
    environment["PYTHONPATH"] = str(pytestconfig.rootpath / "tests")
    command = [sys.executable, "-c", WIDE]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout == "True\n"
