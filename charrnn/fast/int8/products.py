"""Products of a vector with a weight in int8: a quarter of the bytes that a wide step waits for.

    y_j = b_j + s_j · (a / L) · Σ_k w_jk · round(x_k · L / a),   a = max |x|

An output's weights are s_j times whole numbers from -127 to 127. What is read becomes whole numbers
up to L, of 16 bits or fewer, so that no sum leaves 32: the sums are exact and alike everywhere.
"""

from functools import partial
from typing import Any, NamedTuple

import numba
import numpy as np

from charrnn.arrays import HIGHEST, Array, steps_of
from charrnn.fast.arithmetic import compiled
from charrnn.fast.vectors import LANES, add_products, store, zeros

LINE = 64  # bytes
SHARE = 1 << 19  # bytes of weights that one thread reads before another is worth its start

# Code that is loaded from disk calls numba's threads at an address that starting them makes known.
# numba sees to that only for what was compiled together with the parallel function.
numba.get_num_threads()


class Packed(NamedTuple):
    """A weight (K, M) and a bias in the order in which they are read.

    weights: int8, [M / 128][K / 2][128][2], zero where 2 or 128 do not divide. scale (M,):
    float32, s_j. bias (M,): float32.
    """

    weights: Any
    scale: Array
    bias: Array

    @classmethod
    def of(cls, weight: Array, bias: Array) -> "Packed":
        """Pack a weight that `rounded` has made."""
        inputs, outputs = weight.shape
        scale = steps_of(weight)
        padded = np.zeros((inputs + inputs % 2, -(-outputs // LANES) * LANES), np.int8)
        padded[:inputs, :outputs] = np.rint(weight / scale)
        blocks = padded.reshape(len(padded) // 2, 2, -1, LANES).transpose(2, 0, 3, 1)
        weights = _aligned(padded.size)
        weights[:] = blocks.reshape(-1)
        return cls(weights, scale.astype(np.float32), bias.astype(np.float32))


def _aligned(size: int) -> Any:
    """Return an array of int8 that begins where a cache line does: no load then needs two."""
    longer = np.empty(size + LINE, np.int8)
    start = -longer.ctypes.data % LINE
    return longer[start : start + size]


class Buffers(NamedTuple):
    """Where one product is made. whole: int16, K or one more of them. sums: int32, M or more."""

    whole: Any
    sums: Any

    @classmethod
    def of(cls, packed: Packed) -> "Buffers":
        """Make the buffers for the products of a weight."""
        outputs = -(-len(packed.bias) // LANES) * LANES
        return cls(np.zeros(len(packed.weights) // outputs, np.int16), np.zeros(outputs, np.int32))


def shares(weights: Any) -> int:
    """Return over how many threads a product is split.

    It is one where numba has but its own threads, which end the process that uses them from two
    threads of Python at once.
    """
    alone = numba.threading_layer() == "workqueue"  # type: ignore[attr-defined]
    return 1 if alone else -(-len(weights) // SHARE)


@compiled
def product(
    x: Any, weights: Any, scale: Any, bias: Any, whole: Any, sums: Any, parts: int, out: Any
) -> None:
    """Write x (K,) · weight (K, M) + bias into out (M,); see `Packed` and `Buffers`."""
    multiply(x, (weights, scale, bias), (whole, sums), parts, out)


@compiled
def multiply(x: Any, packed: Any, buffers: Any, parts: int, out: Any) -> None:
    """Write x (K,) · weight (K, M) + bias into out (M,), given what is `Packed`, and `Buffers`.

    parts: how many of them are made side by side.
    """
    weights, scale, bias = packed
    whole, sums = buffers
    largest = np.float32(0)
    for k in range(len(x)):
        largest = max(largest, abs(x[k]))
    limit = np.float32(min(2**15 - 1, (2**31 - 1) // (HIGHEST * len(whole))))
    factor = limit / largest if largest > 0 else limit
    for k in range(len(x)):
        whole[k] = np.int16(np.rint(x[k] * factor))
    pairs = whole.view(np.int32)
    if parts > 1:
        in_parts(pairs, weights, sums, parts)
    else:
        add_up(pairs, weights, sums, 0, len(sums) // LANES)
    back = largest / limit
    for j in range(len(out)):
        out[j] = np.float32(sums[j]) * (scale[j] * back) + bias[j]


@partial(compiled, parallel=True)
def in_parts(pairs: Any, weights: Any, sums: Any, parts: int) -> None:
    """Write the sums of all outputs, some in each of several threads."""
    blocks = len(sums) // LANES
    for part in numba.prange(parts):
        add_up(pairs, weights, sums, part * blocks // parts, (part + 1) * blocks // parts)


@compiled
def add_up(pairs: Any, weights: Any, sums: Any, first: int, last: int) -> None:
    """Write Σ_k w_jk · x_k for the outputs of some blocks. pairs: two x in each int32."""
    at = first * 2 * LANES * len(pairs)
    for block in range(first, last):
        block_sums: Any = zeros()
        for pair in pairs:
            block_sums = add_products(block_sums, weights, at, pair)
            at += 2 * LANES
        store(block_sums, sums, block * LANES)


def use_threads(count: int) -> None:
    """Make all later products on a number of threads, or on as many as there are."""
    config: Any = numba.config
    numba.set_num_threads(min(count, config.NUMBA_NUM_THREADS))
