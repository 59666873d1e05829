"""Fused recurrence on the CPU: one matrix product and one pass over the units a step.

Each cell has a file with its loop through time and back, compiled by numba; `layer` makes of it
an autograd function. The readable twins are in `charrnn.cells`, and torch.nn is the oracle of
both.
"""

from pathlib import Path

from charrnn import fast


def used_before(cell: str) -> bool:
    """Return whether a cell's kernel was compiled before on this machine."""
    return fast.used_before(f"{cell}.backward", Path(__file__).parent)


def missing() -> str:
    """Return what the kernels lack here; nothing if they can run."""
    if reason := fast.missing():
        return reason
    from charrnn.training.kernels import products

    return "" if products.AVAILABLE else "torch's BLAS cannot be reached from compiled code"
