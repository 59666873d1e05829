"""Scores against scikit-learn and SciPy, ties included."""

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st

from charrnn.neurons import bootstrap, scores

FEW = st.lists(st.integers(-3, 3), min_size=4, max_size=60)


def drawn(values, seed):
    """Return values, among them ties, and labels of both kinds."""
    values = np.array(values, float)
    labels = np.random.default_rng(seed).integers(0, 2, len(values)).astype(float)
    labels[:2] = 0, 1
    return values, labels


@given(FEW, st.integers(0, 9))
def test_auroc_average_precision_and_f1_are_those_of_scikit_learn(values, seed):
    values, labels = drawn(values, seed)
    assert scores.auroc(values, labels) == pytest.approx(
        sklearn.metrics.roc_auc_score(labels, values)
    )
    assert scores.average_precision(values, labels) == pytest.approx(
        sklearn.metrics.average_precision_score(labels, values)
    )
    for threshold in (-1, 0, 2.5):
        assert scores.f1_at(values, labels, threshold) == pytest.approx(
            sklearn.metrics.f1_score(labels, values >= threshold)
        )


@given(FEW, st.integers(0, 9))
def test_the_best_threshold_has_the_best_f1_of_all(values, seed):
    values, labels = drawn(values, seed)
    threshold, f1 = scores.best_threshold(values, labels)
    every = [scores.f1_at(values, labels, one) for one in values]
    assert f1 == pytest.approx(max(every)) == pytest.approx(scores.f1_at(values, labels, threshold))


@given(FEW, FEW)
def test_correlations_are_those_of_scipy(one, other):
    size = min(len(one), len(other))
    one, other = np.array(one[:size], float), np.array(other[:size], float)
    one[:2], other[:2] = (0, 1), (1, 3)
    assert scores.spearman(one, other) == pytest.approx(scipy.stats.spearmanr(one, other)[0])
    assert scores.correlation(one, other) == pytest.approx(scipy.stats.pearsonr(one, other)[0])
    np.testing.assert_allclose(scores.ranks(one) * size, scipy.stats.rankdata(one))


def test_spans_are_separate_stretches():
    assert [scores.spans(np.array(one)) for one in ([1, 1, 0, 1], [0, 0], [0, 1], [1])] == [
        2,
        0,
        1,
        1,
    ]


def test_the_drawn_scores_are_those_of_the_drawn_texts():
    """A draw of whole blocks, against the score of the text that they make up."""
    random = np.random.default_rng(0)
    length = 7 * bootstrap.BLOCK
    labels = (random.random(length) < 0.3).astype(float)
    values = np.round(labels + random.normal(size=length), 1)
    drawn = bootstrap.weights(length, random)[:5]
    assert (drawn.sum(axis=1) == 7).all()
    for row, area, r, mean in zip(
        drawn,
        bootstrap.aurocs(values, labels, drawn),
        bootstrap.spearmans(values, labels, drawn),
        bootstrap.means(values, labels > 0, drawn),
        strict=True,
    ):
        blocks = np.repeat(np.arange(7), row.astype(int))
        places = (blocks[:, None] * bootstrap.BLOCK + np.arange(bootstrap.BLOCK)).reshape(-1)
        assert area == pytest.approx(scores.auroc(values[places], labels[places]), abs=0.002)
        ranks = scores.ranks(values)[places], scores.ranks(labels)[places]
        assert r == pytest.approx(scores.correlation(*ranks))
        assert mean == pytest.approx(values[places][labels[places] > 0].mean())
