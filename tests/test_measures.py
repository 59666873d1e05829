import numpy as np
import pytest
from sklearn import metrics

from charrnn.measures import measures


def test_the_measures_by_hand():
    # labels 0, 0, 1; taken for 0, 1, 1
    found = measures(np.log([[0.8, 0.2], [0.4, 0.6], [0.3, 0.7]]), np.array([0, 0, 1]))
    assert found.confusion.tolist() == [[1, 1], [0, 1]]
    assert found.accuracy == pytest.approx(2 / 3)
    assert found.log_loss == pytest.approx(-np.log([0.8, 0.4, 0.7]).mean())
    assert found.precision.tolist() == [1, 0.5]
    assert found.recall.tolist() == [0.5, 1]
    assert found.macro_f1 == pytest.approx(2 / 3)


def test_they_are_those_of_scikit_learn_a_label_that_nothing_has_left_out():
    random = np.random.default_rng(0)
    shares = random.dirichlet(np.ones(5), size=200)
    shares[:, 3] = 1e-9  # is never the likeliest
    shares /= shares.sum(axis=1, keepdims=True)
    labels = random.choice([0, 1, 2, 4], size=200)
    found = measures(np.log(shares), labels)
    likeliest = shares.argmax(axis=1)
    assert found.accuracy == pytest.approx(metrics.accuracy_score(labels, likeliest))
    assert found.macro_f1 == pytest.approx(metrics.f1_score(labels, likeliest, average="macro"))
    there = metrics.confusion_matrix(labels, likeliest, labels=range(5))
    assert found.confusion.tolist() == there.tolist()
    assert found.log_loss == pytest.approx(metrics.log_loss(labels, shares, labels=range(5)))
