import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrnn.arrays import rounded
from charrnn.fast.int8 import products
from charrnn.fast.int8.products import Buffers, Packed


def product(x, packed):
    out = np.full(len(packed.bias), np.nan, np.float32)
    products.product(x, *packed, *Buffers.of(packed), 1, out)
    return out


def random_weight(inputs, outputs, seed=0):
    random = np.random.default_rng(seed)
    return rounded(random.normal(size=(inputs, outputs)).astype(np.float32))


@given(st.integers(1, 70), st.integers(1, 300), st.integers(0, 99))
def test_a_product_is_that_of_numpy_to_half_a_step_of_what_is_read(inputs, outputs, seed):
    weight, random = random_weight(inputs, outputs, seed), np.random.default_rng(seed)
    bias = random.normal(size=outputs).astype(np.float32)
    x = random.uniform(-2, 2, size=inputs).astype(np.float32)
    steps = 2**15 - 1  # of so few inputs no sum leaves 32 bits
    half_a_step = np.abs(x).max() / steps / 2
    wanted = x.astype(np.float64) @ weight + bias
    allowed = half_a_step * np.abs(weight).sum(axis=0) + 1e-5
    assert (np.abs(product(x, Packed.of(weight, bias)) - wanted) <= allowed).all()


@pytest.mark.parametrize("inputs", [1, 2, 515, 516, 517, 2048, 5001])
def test_the_largest_sums_do_not_leave_their_32_bits(inputs):
    packed = Packed.of(np.full((inputs, 3), 0.5, np.float32), np.zeros(3, np.float32))
    for x in (np.ones(inputs, np.float32), -np.ones(inputs, np.float32)):
        assert product(x, packed) == pytest.approx(x.sum() / 2, rel=1e-6)


def test_packed_weights_lie_in_blocks_of_128_outputs_two_inputs_beside_each_other():
    whole = np.arange(-127, 128)[: 3 * 2].reshape(3, 2)  # three inputs, two outputs
    whole[0] = 127
    packed = Packed.of(whole.astype(np.float32), np.zeros(2, np.float32))
    wanted = np.zeros((2, 128, 2), np.int8)  # pair of inputs, output, which of the pair
    wanted[0, :2] = [[127, whole[1, 0]], [127, whole[1, 1]]]
    wanted[1, :2] = [[whole[2, 0], 0], [whole[2, 1], 0]]
    assert np.array_equal(packed.weights, wanted.reshape(-1))
    assert packed.scale == pytest.approx([1, 1])
    assert packed.weights.ctypes.data % 64 == 0


def test_sums_are_exact_and_do_not_depend_on_the_threads():
    random = np.random.default_rng(0)
    whole = random.integers(-127, 128, size=(600, 1000))
    whole[0] = 127
    packed = Packed.of(whole.astype(np.float32), np.zeros(1000, np.float32))
    x = random.integers(-20000, 20000, size=600).astype(np.int16)
    wanted = x.astype(np.int64) @ whole
    for parts in (1, 2, 3, 8):
        sums = np.full(1024, -1, np.int32)
        products.in_parts(x.view(np.int32), packed.weights, sums, parts)
        assert np.array_equal(sums[:1000], wanted)


def test_nothing_read_gives_the_bias():
    packed = Packed.of(random_weight(5, 7), np.arange(7, dtype=np.float32))
    assert product(np.zeros(5, np.float32), packed).tolist() == [0, 1, 2, 3, 4, 5, 6]


def test_a_weight_is_rounded_by_at_most_half_a_127th_of_its_outputs_largest():
    weight = np.random.default_rng(0).normal(size=(50, 20)).astype(np.float32)
    weight[:, 3] = 0
    half_a_step = np.abs(weight).max(axis=0) / 127 / 2
    near = rounded(weight)
    assert (np.abs(near - weight) <= half_a_step * 1.001).all()
    assert rounded(near) == pytest.approx(near, rel=1e-6)
