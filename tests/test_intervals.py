"""Intervals held to scipy's bootstrap, and to what they are of: known shares."""

import numpy as np
import pytest
from scipy import stats

from charrnn import intervals, measures
from charrnn.intervals import Tallies, grouped, tallied


def share(sums):
    return {"share": sums[:, 0] / np.maximum(sums[:, 1], 1)}


def of_texts(right, lengths):
    return Tallies(tallied(grouped(len(right)), [right, lengths]), share, len(right))


def drawn(texts, seed=0):
    """Return texts of 1 to 9 characters, and how many of them are right: 0.8 of all."""
    random = np.random.default_rng(seed)
    lengths = random.integers(1, 10, texts)
    return random.binomial(lengths, random.choice([0.6, 1.0], texts)), lengths


def test_an_interval_is_that_of_scipy_on_the_same_texts():
    right, lengths = drawn(60)
    low, high = of_texts(right, lengths).intervals["share"]
    there = stats.bootstrap(
        (right, lengths),
        lambda a, b, axis: a.sum(axis) / b.sum(axis),
        paired=True,
        vectorized=True,
        method="BCa",
        rng=0,
    ).confidence_interval
    width = there.high - there.low
    assert low == pytest.approx(there.low, abs=0.05 * width)
    assert high == pytest.approx(there.high, abs=0.05 * width)
    middle = [(right.sum() / lengths.sum()) - one for one in (low, high)]
    assert abs(sum(middle)) > 0.05 * width  # it is not symmetric: shares are near 1


def test_an_interval_corrects_the_bias_of_a_measure_as_scipys_does():
    """The spread of twenty numbers is too small in most draws."""
    values = np.random.default_rng(0).exponential(size=20)

    def spread(sums):
        squares, total, count = sums.T
        return {"spread": np.sqrt(np.maximum(squares / count - (total / count) ** 2, 0))}

    sums = np.stack([values**2, values, np.ones(20)], axis=1)
    low, high = Tallies(sums, spread, 20).intervals["spread"]
    there = stats.bootstrap((values,), np.std, method="BCa", rng=0).confidence_interval
    assert (low, high) == pytest.approx((there.low, there.high), rel=0.04)
    plain = stats.bootstrap((values,), np.std, method="percentile", rng=0).confidence_interval
    assert plain.low < 0.9 * low


def test_95_of_100_intervals_hold_the_share_that_the_texts_were_made_with():
    """Of 200 sets of 200 texts: 190 in the mean, with a standard deviation of 3."""
    held = 0
    for seed in range(200):
        low, high = of_texts(*drawn(200, seed)).intervals["share"]
        held += low <= 0.8 <= high
    assert 190 - 3 * 3.1 < held < 190 + 3 * 3.1


def test_many_texts_are_drawn_in_groups_with_the_interval_of_the_normal_distribution():
    right, lengths = drawn(100_000)
    assert np.bincount(grouped(100_000)).min() == 100_000 // intervals.GROUPS
    low, high = of_texts(right, lengths).intervals["share"]
    value = right.sum() / lengths.sum()
    half = 1.96 * np.sqrt(((right - value * lengths) ** 2).sum()) / lengths.sum()
    assert (high - low) / 2 == pytest.approx(half, rel=0.08)
    assert (high + low) / 2 == pytest.approx(value, abs=0.1 * half)


def test_the_same_texts_have_the_same_interval_and_one_alone_has_none():
    right, lengths = drawn(50)
    assert of_texts(right, lengths).intervals == of_texts(right, lengths).intervals
    assert of_texts(right[:1], lengths[:1]).intervals == {}
    assert of_texts(lengths, lengths).intervals == {"share": (1.0, 1.0)}


def test_a_difference_is_drawn_on_the_same_texts():
    """B is right wherever A is, and on one text more: all draws that hold it say so."""
    right, lengths = drawn(100)
    better = right.copy()
    better[np.flatnonzero(right < lengths)[0]] += 1
    less = of_texts(better, lengths).less(of_texts(right, lengths))
    assert less.values["share"] == pytest.approx(1 / lengths.sum())
    low, high = less.intervals["share"]
    assert 0 <= low < high < 6 / lengths.sum()
    assert of_texts(right, lengths).less(of_texts(right, lengths)).intervals["share"] == (0, 0)


def test_the_tallies_of_labels_give_the_measures():
    random = np.random.default_rng(0)
    logs = np.log(random.dirichlet(np.ones(5), size=5000))
    labels = random.choice([0, 1, 2, 4], size=5000)  # grouped, with a label that no text has
    found, tallies = measures.measures(logs, labels), measures.tallies(logs, labels)
    wanted = {name: getattr(found, name) for name in ("accuracy", "macro_f1", "log_loss")}
    assert tallies.values == pytest.approx(wanted)
    for name, (low, high) in tallies.intervals.items():
        assert low < wanted[name] < high
