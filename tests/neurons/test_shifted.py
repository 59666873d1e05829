"""The Fourier transform against a slow twin: one signal, one shift at a time."""

import numpy as np
import pytest

from charrnn.neurons import scores, shifted

NONE = np.zeros(0, np.intp)


def some(length, signals=3, seed=0):
    random = np.random.default_rng(seed)
    values = random.normal(size=(length, signals)).cumsum(axis=0)
    ranks = np.stack([scores.ranks(column) for column in values.T], axis=1)
    on = (values[:, 0] + random.normal(size=length) * 5 > 0).astype(float)
    graded = scores.ranks(values[:, 1] + random.normal(size=length))
    return values, ranks.astype(np.float32), np.stack([on, graded]).astype(np.float32)


def slow(values, labels, shift):
    """Return the distance from telling nothing of the best signal, for both labels."""
    on, graded = (np.roll(row, -shift) for row in labels.astype(float))
    return (
        max(abs(scores.auroc(column, on) - 0.5) for column in values.T),
        max(abs(scores.spearman(column, graded)) for column in values.T),
    )


def test_each_shift_is_that_of_the_labels_rolled_around():
    values, ranks, labels = some(1500)  # = 2² · 3 · 5³: nothing has to be left out
    whole, best = shifted.told(ranks, labels, [False, True], NONE)
    shifts = np.arange(375, 1126)  # at least a quarter of so short a text
    assert best.shape == (2, len(shifts))
    for number in (0, 1, 200, 750):
        assert best[:, number] == pytest.approx(slow(values, labels, shifts[number]), abs=1e-4)
    assert whole.max(axis=1) == pytest.approx(slow(values, labels, 0), abs=1e-4)


def test_a_long_text_is_shifted_by_multiples_so_that_there_are_some_thousands():
    values, ranks, labels = some(12_000)
    _, best = shifted.told(ranks, labels, [False, True], NONE)
    shifts = np.arange(1002, 10_999, 6)  # 12,000 / 2,000, and at least 1,000 characters
    assert best.shape == (2, len(shifts))
    for number in (0, 5, len(shifts) - 1):
        assert best[:, number] == pytest.approx(slow(values, labels, shifts[number]), abs=1e-4)


def test_many_records_are_shifted_whole():
    values, ranks, labels = some(6000)
    begins = np.arange(0, 6000, 5)
    _, best = shifted.told(ranks, labels, [False, True], begins)
    shifts = begins[(begins >= 1000) & (begins <= 5000)]
    assert best.shape == (2, len(shifts))
    for number in (0, 7, len(shifts) - 1):
        assert best[:, number] == pytest.approx(slow(values, labels, shifts[number]), abs=1e-4)


def test_nothing_kept_gives_no_shifts():
    whole, best = shifted.told(
        np.zeros((0, 3), np.float32), np.zeros((2, 0), np.float32), [False, True], NONE
    )
    assert whole.shape == (2, 3)
    assert best.shape == (2, 0)


def test_what_never_varies_tells_nothing():
    _, ranks, labels = some(1500)
    ranks[:] = 0.5
    labels[0] = 0
    whole, best = shifted.told(ranks, labels, [False, True], NONE)
    assert whole.max() == best.max() == 0


@pytest.mark.parametrize(("length", "smooth"), [(1, 1), (7, 6), (30, 30), (2041, 2025), (11, 10)])
def test_lengths_are_cut_to_what_transforms_are_fast_at(length, smooth):
    assert shifted._smooth(length) == smooth
