"""What numba compiles, for training and, where weights are int8, for writing; without torch."""

import importlib.util
from pathlib import Path


def missing() -> str:
    """Return why nothing can be compiled here; nothing if it can."""
    if importlib.util.find_spec("numba") is None:
        return "numba is not installed"
    try:
        from charrnn.fast import arithmetic  # noqa: F401
    except Exception as error:  # a numba that is broken, or too old for NumPy, can raise anything
        reason = " ".join(str(error).split())
        return f"numba cannot be used ({reason})"
    return ""


def has_int8(cell: str) -> bool:
    """Return whether there is a version in int8 of the cell with a name."""
    return importlib.util.find_spec(f"charrnn.fast.int8.{cell}") is not None


def used_before(function: str, sources: Path = Path(__file__).parent) -> bool:
    """Return whether a function was compiled before on this machine.

    function: with its file, as in int8/lstm.advance. sources: the folder that it is named from.
    """
    from charrnn.fast.arithmetic import folder

    inside, _, name = function.rpartition("/")
    return any(folder(sources / inside).rglob(f"{name}-*.nbc"))
