"""Fused recurrence on the CPU: one matrix product and one pass over the units a step.

Each cell has a file with its loop through time and back, compiled by numba; `layer` makes of it
an autograd function. The readable twins are in `charrnn.cells`, and torch.nn is the oracle of
both.
"""

import importlib.util


def used_before(cell: str) -> bool:
    """Return whether a cell's kernel was compiled before on this machine."""
    from charrnn.training.kernels import arithmetic

    return any(arithmetic.folder().rglob(f"{cell}.backward-*.nbc"))


def missing() -> str:
    """Return what the kernels lack here; nothing if they can run."""
    if importlib.util.find_spec("numba") is None:
        return "numba is not installed"
    try:
        from charrnn.training.kernels import products
    except Exception as error:  # a numba that is broken, or too old for NumPy, can raise anything
        reason = " ".join(str(error).split())
        return f"numba cannot be used ({reason})"
    return "" if products.AVAILABLE else "torch's BLAS cannot be reached from compiled code"
