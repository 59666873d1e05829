"""How the kernels are compiled, and the squashing functions in a form that vectorises."""

import contextlib
import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import llvmlite.binding as llvm
import numba
import numpy as np
from numba import types
from numba.core.caching import FunctionCache
from numba.core.runtime import _nrt_python  # type: ignore[attr-defined]  # compiled
from numba.extending import overload

from charrnn import folders

Function = TypeVar("Function", bound=Callable[..., Any])

FAST = {"contract", "reassoc", "arcp", "nsz"}
LIMIT = np.float32(8.0)  # beyond it tanh is ±1 to the last bit that counts
NUMERATOR = tuple(
    np.float32(value)
    for value in (0.9999999701, 0.1343818583, 3.564149334e-3, 2.177311458e-5, 1.506158458e-8)
)
DENOMINATOR = tuple(
    np.float32(value)
    for value in (1.0, 0.4677150664, 2.613599107e-2, 3.399167466e-4, 8.45357934e-7)
)


def compiled(function: Function, parallel: bool = False) -> Function:
    """Compile a kernel: without the interpreter's lock, vectorised, kept on disk if it can be.

    parallel: its `prange` runs on several threads. Without `error_model="numpy"` a division is
    guarded against zero, which stops vectorisation. Of the fast-math rules those that a NaN would
    break are left out. What it calls is made part of it: else a function just compiled would call
    another's own code, one loaded from disk its copy of that, and the two may round differently.
    """
    made: Any = numba.njit(
        nogil=True, fastmath=FAST, error_model="numpy", parallel=parallel, forceinline=True
    )(function)
    config: Any = numba.config
    kept_in = folder(Path(function.__code__.co_filename).parent)
    others, config.CACHE_DIR = config.CACHE_DIR, str(kept_in)
    with contextlib.suppress(RuntimeError, OSError):  # no such folder can be written
        kept_in.mkdir(parents=True, exist_ok=True)
        made._cache = Cache(function)  # type: ignore[no-untyped-call]
    config.CACHE_DIR = others
    kept: Function = made
    return kept


class Cache(FunctionCache):
    """Compiled code on disk; what is damaged there, or does not fit, is as if it were not there."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the code for a signature, or None.

        numba would set up its whole compiler before it loads, which takes 30 MB and a third of
        a second. Code that was compiled needs only the functions of numba's that it calls.
        """
        _name_helpers()
        try:
            with self._guard_against_spurious_io_errors():
                return self._load_overload(sig, target_context)  # type: ignore[no-untyped-call]
        except Exception:  # a file cut short can raise anything
            with contextlib.suppress(OSError):
                self.flush()  # type: ignore[no-untyped-call]
        return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep the code for a signature."""
        with contextlib.suppress(OSError):
            super().save_overload(sig, data)  # type: ignore[no-untyped-call]


@functools.cache
def _name_helpers() -> None:
    """Tell the linker where the functions of numba's runtime are, as its compiler would."""
    for name, address in _nrt_python.c_helpers.items():
        llvm.add_symbol(name if name.startswith("_") else f"NRT_{name}", address)


@functools.cache
def folder(sources: Path) -> Path:
    """Return where the compiled code of a package is kept: a folder for each state of its sources.

    numba looks only at the file of a function, not at those of the functions that it calls.
    """
    digest = hashlib.sha256(numba.__version__.encode())
    for source in sorted({*Path(__file__).parent.glob("*.py"), *sources.glob("*.py")}):
        digest.update(source.read_bytes())
    return folders.cache() / "kernels" / digest.hexdigest()[:16]


def tanh(x: Any) -> Any:
    """Return tanh: exact for float64; for float32 a rational function, within 4e-7.

    x·P(x²) / Q(x²) of degree 4 each, fitted by least squares reweighted towards the largest
    error on [-8, 8].
    """
    raise NotImplementedError("only for compiled code")


@overload(tanh, inline="always")
def _tanh(x: Any) -> Any:
    if x == types.float32:

        def approximate(x: Any) -> Any:
            x = max(min(x, LIMIT), -LIMIT)  # in this order of arguments NaN stays NaN
            y = x * x
            p = NUMERATOR[4]
            p = p * y + NUMERATOR[3]
            p = p * y + NUMERATOR[2]
            p = p * y + NUMERATOR[1]
            p = p * y + NUMERATOR[0]
            q = DENOMINATOR[4]
            q = q * y + DENOMINATOR[3]
            q = q * y + DENOMINATOR[2]
            q = q * y + DENOMINATOR[1]
            q = q * y + DENOMINATOR[0]
            return x * p / q

        return approximate

    def exact(x: Any) -> Any:
        return np.tanh(x)

    return exact


def sigmoid(x: Any) -> Any:
    """Return 1 / (1 + e^-x) = tanh(x / 2) / 2 + 1/2, as exact as `tanh`."""
    raise NotImplementedError("only for compiled code")


@overload(sigmoid, inline="always")
def _sigmoid(x: Any) -> Any:
    half = np.float32(0.5) if x == types.float32 else 0.5

    def through_tanh(x: Any) -> Any:
        return half * tanh(half * x) + half

    return through_tanh


def tanh_slope(y: Any) -> Any:
    """Return the slope of tanh where it is y: 1 - y²."""
    raise NotImplementedError("only for compiled code")


@overload(tanh_slope, inline="always")
def _tanh_slope(y: Any) -> Any:
    one = np.float32(1) if y == types.float32 else 1.0  # an int would make float64 of float32

    def of_tanh(y: Any) -> Any:
        return one - y * y

    return of_tanh


@compiled
def sigmoid_slope(y: Any) -> Any:
    """Return the slope of the sigmoid where it is y: y (1 - y)."""
    return y - y * y
