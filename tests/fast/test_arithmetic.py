import os
import subprocess
import sys

import numpy as np
import pytest

from charrnn.fast import arithmetic
from charrnn.fast.arithmetic import compiled, sigmoid, tanh


@compiled
def over(values, squashed, which):
    for j in range(len(values)):
        squashed[j] = tanh(values[j]) if which == 0 else sigmoid(values[j])


def errors(dtype, which):
    values = np.linspace(-20, 20, 2_000_001).astype(dtype)
    squashed = np.full_like(values, np.nan)
    over(values, squashed, which)
    exact = values.astype(np.float64)
    exact = np.tanh(exact) if which == 0 else 1 / (1 + np.exp(-exact))
    return np.abs(squashed - exact), squashed


@pytest.mark.parametrize(("which", "low"), [(0, -1), (1, 0)])
def test_float32_is_within_4e_7_over_all_of_minus_20_to_20(which, low):
    error, squashed = errors(np.float32, which)
    assert error.max() <= 4e-7
    assert low <= squashed.min()
    assert squashed.max() <= 1


@pytest.mark.parametrize("which", [0, 1])
def test_float64_is_exact(which):
    assert errors(np.float64, which)[0].max() < 1e-15


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_not_a_number_stays_so(dtype, which):
    squashed = np.zeros(16, dtype)
    over(np.full(16, np.nan, dtype), squashed, which)
    assert np.isnan(squashed).all()


def double(x):
    return 2 * x


@pytest.mark.parametrize("damaged", ["*.nbi", "*.nbc"])
@pytest.mark.parametrize("length", [0, 20])
def test_damaged_code_on_disk_is_compiled_again(tmp_path, monkeypatch, damaged, length):
    monkeypatch.setattr(arithmetic, "folder", lambda sources: tmp_path)
    assert compiled(double)(2) == 4
    (path,) = tmp_path.rglob(damaged)
    path.write_bytes(path.read_bytes()[:length])
    assert compiled(double)(2) == 4
    healed = compiled(double)
    assert healed(2) == 4
    assert sum(healed.stats.cache_hits.values()) == 1


KEPT = """
import sys
import numpy as np
from charrnn.fast.arithmetic import sigmoid_slope
assert sigmoid_slope(np.float32(0.5)) == 0.25
print("numba.np.arraymath" in sys.modules)  # a part of the compiler
"""


def test_code_kept_on_disk_is_loaded_without_the_compiler(tmp_path):
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path)}
    for compiling in ("True", "False"):
        command = [sys.executable, "-c", KEPT]
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert ran.stdout.strip() == compiling


def test_without_a_folder_to_keep_it_code_is_compiled_each_time(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr(arithmetic, "folder", lambda sources: tmp_path / "file" / "kernels")
    kernel = compiled(double)
    assert kernel(2) == 4
    assert kernel.stats.cache_path is None
