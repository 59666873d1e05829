"""What numba compiles, for training and, where weights are int8, for writing; without torch."""

import importlib.util
from pathlib import Path


def missing() -> str:
    """Return why nothing can be compiled here; nothing if it can."""
    if importlib.util.find_spec("numba") is None:
        return "numba is not installed"
    try:
        from charrnn.compiled import arithmetic  # noqa: F401
    except Exception as error:  # a numba that is broken, or too old for NumPy, can raise anything
        reason = " ".join(str(error).split())
        return f"numba cannot be used ({reason})"
    return ""


def used_before(function: str, sources: Path = Path(__file__).parent) -> bool:
    """Return whether a function was compiled before on this machine.

    function: with its file, as in steps.lstm. sources: the folder of its package.
    """
    from charrnn.compiled.arithmetic import folder

    return any(folder(sources).rglob(f"{function}-*.nbc"))
