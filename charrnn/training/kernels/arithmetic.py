"""How the kernels are compiled, and the squashing functions in a form that vectorises."""

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
from numba import types
from numba.extending import overload

Function = TypeVar("Function", bound=Callable[..., Any])

LIMIT = np.float32(8.0)  # beyond it tanh is ±1 to the last bit that counts
NUMERATOR = tuple(
    np.float32(value)
    for value in (0.9999999701, 0.1343818583, 3.564149334e-3, 2.177311458e-5, 1.506158458e-8)
)
DENOMINATOR = tuple(
    np.float32(value)
    for value in (1.0, 0.4677150664, 2.613599107e-2, 3.399167466e-4, 8.45357934e-7)
)


def compiled(function: Function) -> Function:
    """Compile a kernel: without the interpreter's lock, vectorised, kept on disk.

    Without `error_model="numpy"` a division is guarded against zero, which stops vectorisation.
    """
    decorate: Any = numba.njit(nogil=True, fastmath=True, error_model="numpy", cache=True)
    made: Function = decorate(function)
    return made


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
            x = min(LIMIT, max(-LIMIT, x))
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
