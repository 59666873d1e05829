"""Filters on logits: hand-made cases, and the properties that every one of them must have."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from charrnn.losses import log_softmax
from charrnn.sampling import filters
from charrnn.sampling.filters import Filters, draw

PROBABILITIES = np.array([0.5, 0.05, 0.3, 0.15])
LOGITS = np.log(PROBABILITIES)[None]

ROWS = arrays(np.float32, (3, 7), elements=st.floats(-30, 30, width=32))
CUTS = {
    "top_k": st.tuples(st.just(filters.top_k), st.integers(1, 9)),
    "top_p": st.tuples(st.just(filters.top_p), st.floats(0, 1)),
    "min_p": st.tuples(st.just(filters.min_p), st.floats(1e-6, 1)),
    "typical": st.tuples(st.just(filters.typical), st.floats(0, 1)),
}


def kept(logits) -> list[int]:
    return np.flatnonzero(np.isfinite(logits[0])).tolist()


def masses(logits):
    return np.exp(log_softmax(logits.astype(np.float64)))


@pytest.mark.parametrize(
    ("filtered", "left"),
    [
        (filters.top_k(LOGITS, 1), [0]),
        (filters.top_k(LOGITS, 2), [0, 2]),
        (filters.top_k(LOGITS, 9), [0, 1, 2, 3]),
        (filters.top_p(LOGITS, 0.0), [0]),
        (filters.top_p(LOGITS, 0.49), [0]),
        (filters.top_p(LOGITS, 0.51), [0, 2]),
        (filters.top_p(LOGITS, 0.81), [0, 2, 3]),
        (filters.min_p(LOGITS, 0.29), [0, 2, 3]),  # 0.29 × 0.5 is just below 0.15
        (filters.min_p(LOGITS, 0.31), [0, 2]),
        # The entropy is 1.142 nats: nearest to it is 0.3 (1.204), then 0.5 (0.693).
        (filters.typical(LOGITS, 0.2), [0, 2]),  # the likeliest stays, typical or not
        (filters.typical(LOGITS, 0.85), [0, 2, 3]),
    ],
)
def test_each_filter_keeps_what_arithmetic_by_hand_does(filtered, left):
    assert kept(filtered) == left


@pytest.mark.parametrize("name", CUTS)
@given(data=st.data(), logits=ROWS)
def test_a_filter_only_takes_out_and_never_the_likeliest(name, data, logits):
    cut, value = data.draw(CUTS[name])
    filtered = cut(logits, value)
    np.testing.assert_allclose(masses(filtered).sum(axis=-1), 1, rtol=1e-12)
    left = np.isfinite(filtered)
    np.testing.assert_array_equal(filtered[left], logits[left])
    assert np.take_along_axis(left, logits.argmax(axis=-1)[:, None], axis=-1).all()


@given(logits=ROWS, temp=st.floats(0, 10))
def test_a_temperature_keeps_the_order(logits, temp):
    heated = filters.tempered(logits, temp)
    np.testing.assert_allclose(masses(heated).sum(axis=-1), 1, rtol=1e-12)
    best = np.take_along_axis(heated, logits.argmax(axis=-1)[:, None], axis=-1)
    assert (best[:, 0] == heated.max(axis=-1)).all()


def test_the_repetition_penalty_divides_the_odds_of_recent_characters_in_their_stream():
    both = np.repeat(LOGITS, 2, axis=0)
    penalised = filters.penalised(both, np.array([[0, 1], [0, 1]]), penalty=2.0)
    np.testing.assert_allclose(np.exp(penalised[0]), [0.25, 0.05, 0.3, 0.15])
    np.testing.assert_allclose(np.exp(penalised[1]), [0.5, 0.025, 0.3, 0.15])


def test_the_penalty_looks_no_further_back_than_its_window():
    recent = np.array([[0], [2]])
    only_last = Filters(repetition_penalty=1e9, window=1).apply(LOGITS, 1.0, recent)
    assert only_last.argmax() == 0
    assert Filters(repetition_penalty=1e9, window=2).apply(LOGITS, 1.0, recent).argmax() == 3


def test_the_order_is_allowed_then_temperature_then_top_p():
    """Half as hot, 0.3 to 0.15 becomes 4 to 1, so that the likelier one has 0.8 of the mass."""
    allowed = np.array([False, False, True, True])
    assert kept(Filters(allowed=allowed, top_p=0.75).apply(LOGITS, 0.5, np.zeros((0, 1)))) == [2]
    assert kept(Filters(allowed=allowed, top_p=0.75).apply(LOGITS, 1.0, np.zeros((0, 1)))) == [2, 3]


def test_without_a_filter_the_very_same_logits_are_drawn_from():
    assert Filters().apply(LOGITS, 1.0, np.zeros((0, 1))) is LOGITS


@pytest.mark.parametrize("streams", [1, 50])
def test_sampled_frequencies_are_the_filtered_probabilities(streams):
    """Chi-square with two degrees of freedom: 13.8 leaves p > 0.001."""
    logits = Filters(top_k=3).apply(np.repeat(LOGITS, streams, axis=0), 0.8, np.zeros((0, 1)))
    random = np.random.default_rng(1)
    drawn = np.concatenate([draw(logits, random) for _ in range(20_000 // streams)])
    seen = np.bincount(drawn, minlength=4)
    expected = 20_000 * masses(logits)[0]
    assert seen[1] == expected[1] == 0
    there = expected > 0
    assert ((seen - expected)[there] ** 2 / expected[there]).sum() < 13.8
