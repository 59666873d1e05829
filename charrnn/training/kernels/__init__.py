"""Fused recurrence on the CPU: one matrix product and one pass over the units a step.

Each cell has a file with its forward and its backward step, compiled by numba; `sequence` runs
them through time. The readable twins are in `charrnn.cells`, and torch.nn is the oracle of both.
"""

import importlib.util

# Where the kernel beat torch.nn when it was measured (tests/benchmarks/kernels.py). A fixed choice,
# so that the same command gives the same run; torch.nn's LSTM is as fast as ours.
FASTER = ("gru", "vanilla")


def available() -> bool:
    """Return whether numba, which compiles the kernels, is installed."""
    return importlib.util.find_spec("numba") is not None
