"""Fused recurrence on the CPU: one matrix product and one pass over the units a step.

Each cell has a file with its loop through time and back, compiled by numba; `layer` makes of it
an autograd function. The oracle is the cell's equations in `charrnn.cells`. A kernel is found by
its cell's name; a cell without one runs more slowly.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from charrnn import fast

if TYPE_CHECKING:
    from charrnn.training.kernels.layer import Engine


def engine(cell: str, threads: int) -> Optional["Engine"]:
    """Return what runs the layers of the cell with a name, None where it has no kernel."""
    if not find_spec(f"{__name__}.{cell}"):
        return None
    from charrnn.training.kernels.layer import Engine  # compiled by numba, which may be missing

    return Engine(cell, threads)


def used_before(cell: str) -> bool:
    """Return whether a cell's kernel was compiled before on this machine."""
    return fast.used_before(f"{cell}.backward", Path(__file__).parent)


def missing() -> str:
    """Return what the kernels lack here; nothing if they can run."""
    if reason := fast.missing():
        return reason
    from charrnn.training.kernels import products

    return "" if products.AVAILABLE else "torch's BLAS cannot be reached from compiled code"
