"""Matrix products inside compiled code, by the BLAS that torch itself runs on.

torch's library exports the Fortran interface of its BLAS, so that compiled code can call it with
no interpreter in between. A recurrent weight is multiplied once a step: where the BLAS can (MKL,
float32), it is packed into the order of the product's inner loop once a sequence instead.
"""

import ctypes
import functools
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
import numpy as np
import torch
from numba import types
from numba.extending import overload

from charrnn.fast.arithmetic import compiled

POINTER = types.intp
LETTERS = np.frombuffer(b"NTPA", np.uint8)  # not transposed, transposed, packed; the operand A
N, T, PACKED, OPERAND = range(4)


def _library() -> ctypes.CDLL | None:
    """Return torch's library, through which its BLAS is reached, if there is one."""
    names = ("libtorch_cpu.so", "libtorch_cpu.dylib", "torch_cpu.dll")
    for name in names:
        path = Path(torch.__file__).parent / "lib" / name
        if path.exists():
            return ctypes.CDLL(str(path))
    return None


LIBRARY = _library()
AVAILABLE = hasattr(LIBRARY, "sgemm_") and hasattr(LIBRARY, "dgemm_")
PACKS = AVAILABLE and hasattr(LIBRARY, "sgemm_compute_")


def _function(name: str, arguments: int) -> Any:
    """Return a Fortran function of the library as compiled code can call it."""
    if hasattr(LIBRARY, name):
        address = ctypes.cast(getattr(LIBRARY, name), ctypes.c_void_p).value
        llvm.add_symbol(f"charrnn_{name}", address)
    return types.ExternalFunction(f"charrnn_{name}", types.void(*[POINTER] * arguments))


sgemm, dgemm = _function("sgemm_", 13), _function("dgemm_", 13)
sgemm_pack, sgemm_compute = _function("sgemm_pack_", 9), _function("sgemm_compute_", 12)


@functools.cache
def packed_size(streams: int, width: int, hidden: int) -> int:
    """Return how many float32 a packed weight (width, H), or some gates of it, takes at most."""
    function: Any = LIBRARY.sgemm_pack_get_size_  # type: ignore[union-attr]
    function.restype = ctypes.c_size_t
    widths = range(hidden, width + 1, hidden)
    shapes = [pair for gates in widths for pair in ((gates, hidden), (hidden, gates))]
    sizes = [
        int(
            function(
                b"A", *(ctypes.byref(ctypes.c_int(size)) for size in (outputs, streams, inputs))
            )
        )
        for outputs, inputs in shapes
    ]
    return -(-max(sizes) // 4)


@compiled
def dimensions(streams: int, weight: Any, transposed: bool) -> Any:
    """Return as Fortran wants it: outputs, streams, inputs, and the row length of the weight."""
    sizes = np.empty(4, np.int32)
    sizes[0] = weight.shape[0] if transposed else weight.shape[1]
    sizes[1] = streams
    sizes[2] = weight.shape[1] if transposed else weight.shape[0]
    sizes[3] = weight.shape[1]
    return sizes


def pack(weight: Any, transposed: bool, streams: int, packed: Any) -> None:
    """Lay out a weight for `multiply` with a number of streams; `packed` None: nothing to do."""
    raise NotImplementedError("only for compiled code")


@overload(pack)
def _pack(weight: Any, transposed: bool, streams: int, packed: Any) -> Any:
    def nothing(weight: Any, transposed: bool, streams: int, packed: Any) -> None:
        pass

    def by_mkl(weight: Any, transposed: bool, streams: int, packed: Any) -> None:
        sizes = dimensions(streams, weight, transposed)
        one = np.ones(1, weight.dtype)
        size, letter = sizes.ctypes.data, LETTERS.ctypes.data
        which = letter + (T if transposed else N)
        sgemm_pack(
            letter + OPERAND,
            which,
            size,
            size + 4,
            size + 8,
            one.ctypes.data,
            weight.ctypes.data,
            size + 12,
            packed.ctypes.data,
        )
        sizes[0] = one[0] = 0  # used again, lest they are freed before the call

    return nothing if isinstance(packed, types.NoneType) else by_mkl


def multiply(x: Any, weight: Any, transposed: bool, packed: Any, keep: float, out: Any) -> None:
    """Write x (n, k) · weight (k, m) + keep · out into out (n, m); transposed: weight is (m, k).

    x and out may be columns of wider arrays. packed: what `pack` made of the weight, or None.
    """
    raise NotImplementedError("only for compiled code")


@overload(multiply)
def _multiply(x: Any, weight: Any, transposed: bool, packed: Any, keep: float, out: Any) -> Any:
    gemm = sgemm if weight.dtype == types.float32 else dgemm

    def by_blas(x: Any, weight: Any, transposed: bool, packed: Any, keep: float, out: Any) -> None:
        sizes = dimensions(len(x), weight, transposed)
        rows = np.array([x.strides[0] // x.itemsize, out.strides[0] // x.itemsize], np.int32)
        scale = np.array([1, keep], weight.dtype)
        size, row, letter = sizes.ctypes.data, rows.ctypes.data, LETTERS.ctypes.data
        gemm(
            letter + (T if transposed else N),
            letter + N,
            size,
            size + 4,
            size + 8,
            scale.ctypes.data,
            weight.ctypes.data,
            size + 12,
            x.ctypes.data,
            row,
            scale.ctypes.data + scale.itemsize,
            out.ctypes.data,
            row + 4,
        )
        sizes[0] = rows[0] = scale[0] = 0  # used again, lest they are freed before the call

    def by_mkl(x: Any, weight: Any, transposed: bool, packed: Any, keep: float, out: Any) -> None:
        sizes = dimensions(len(x), weight, transposed)
        rows = np.array([x.strides[0] // x.itemsize, out.strides[0] // x.itemsize], np.int32)
        scale = np.array([keep], weight.dtype)
        size, row, letter = sizes.ctypes.data, rows.ctypes.data, LETTERS.ctypes.data
        sgemm_compute(
            letter + PACKED,
            letter + N,
            size,
            size + 4,
            size + 8,
            packed.ctypes.data,
            size,
            x.ctypes.data,
            row,
            scale.ctypes.data,
            out.ctypes.data,
            row + 4,
        )
        sizes[0] = rows[0] = scale[0] = 0  # used again, lest they are freed before the call

    return by_blas if isinstance(packed, types.NoneType) else by_mkl
