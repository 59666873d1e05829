import dataclasses

import numpy as np
import pytest

from charrnn.architecture import Architecture
from charrnn.neurons.address import numbered
from charrnn.neurons.baselines import Lexical, all_untrained, sides, untrained
from charrnn.neurons.halves import Half

NONE = np.zeros(0, np.uint8)


def half(*places):
    return Half(np.array(places), np.zeros(0, np.intp))


def test_the_lexical_baseline_is_the_mean_label_after_the_same_characters():
    ids = np.array([0, 1, 0, 2, 0, 1, 0, 2, 0, 1, 0, 3], np.uint8)
    labels = np.array([1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0], float)
    told = Lexical(ids, NONE).guesses(np.zeros(0), labels, half(*range(8)), half(8, 9, 10, 11))
    # After 0: 1, 0, 1, 0 in A; its mean with the prior of one character's worth of 1/2 is 1/2.
    # After 1: 0, 0, so 0.5 / 3; after 2: 1, 1, so 2.5 / 3; 3 was never seen.
    np.testing.assert_allclose(told["last 1"], [0.5, 0.5 / 3, 0.5, 0.5])
    # After 2, 0: 1 in A; with the prior of what one character says, (1 + 0.5) / 2; then after
    # 1, 2, 0 the same with the prior of that: (1 + 0.75) / 2.
    assert told["last 3"][0] == pytest.approx((1 + 0.75) / 2)
    assert list(told) == ["last 1", "last 3", "last 8"]


def test_with_training_text_it_is_fitted_there_and_not_on_what_is_read():
    learned, labels = np.array([0, 1] * 50, np.uint8), np.array([0.0, 1.0] * 50)
    ids = np.array([1, 0, 1, 0], np.uint8)
    told = Lexical(ids, learned).guesses(labels, np.zeros(4), half(0, 1), half(2, 3))
    np.testing.assert_allclose(told["last 1"], [50.5 / 51, 0.5 / 51])


def test_eight_characters_tell_what_three_do_not():
    random = np.random.default_rng(0)
    ids = random.integers(1, 4, size=40_000).astype(np.uint8)
    labels = np.append(np.zeros(6), (ids[:-6] == 1).astype(float))  # the seventh-last
    learned, there = ids[:30_000], labels[:30_000]
    reports = half(*range(100, 10_000))
    told = Lexical(ids[30_000:], learned).guesses(there, labels[30_000:], reports, reports)
    truth = labels[30_000:][100:]
    assert abs(np.corrcoef(told["last 3"], truth)[0, 1]) < 0.05
    assert np.corrcoef(told["last 8"], truth)[0, 1] > 0.8


def test_a_unit_that_reads_backwards_must_beat_what_comes_next():
    """The label is what the second-next character is: nothing that came before tells it."""
    random = np.random.default_rng(0)
    ids = random.integers(1, 4, size=20_000).astype(np.uint8)
    labels = np.append((ids[2:] == 1).astype(float), [0.0, 0.0])
    a, b = half(*range(10_000)), half(*range(10_000, 20_000))
    told = Lexical(ids, NONE, both_ways=True).guesses(np.zeros(0), labels, a, b)
    r = {name: abs(np.corrcoef(guess, labels[10_000:])[0, 1]) for name, guess in told.items()}
    assert list(r) == [f"{side} {n}" for side in ("last", "next", "around") for n in (1, 3, 8)]
    assert min(r["next 3"], r["next 8"], r["around 8"]) > 0.9
    assert max(r["last 1"], r["last 3"], r["last 8"], r["next 1"], r["around 3"]) < 0.1
    shape = Architecture("gru", layers=2, hidden=4, vocabulary=4, bidirectional=True)
    assert [sides(numbered(number, shape)) for number in (0, 4, 8, 12)] == [
        ("last",),
        ("next",),
        ("last", "next", "around"),
        ("last", "next", "around"),
    ]
    assert sides(numbered(8, dataclasses.replace(shape, bidirectional=False))) == ("last",)


def made(make_checkpoint, backbone="lstm", **provenance):
    model = make_checkpoint(backbone, layers=1, hidden=6)
    return dataclasses.replace(model, provenance=provenance)


def recurrent(network):
    return network.layers[0].recurrent.weight


def test_the_untrained_network_begins_as_the_run_began(make_checkpoint):
    identity = untrained(made(make_checkpoint, "vanilla", initialisation="identity"))
    assert (recurrent(identity) == np.eye(6)).all()
    orthogonal = recurrent(untrained(made(make_checkpoint, "vanilla")))
    np.testing.assert_allclose(orthogonal @ orthogonal.T, np.eye(6), atol=1e-6)
    before = made(make_checkpoint, "gru", initialisation="xavier")
    before = dataclasses.replace(
        before, architecture=dataclasses.replace(before.architecture, reset_gate="before")
    )
    assert untrained(before).architecture.cell_name == "gru_before"


@pytest.mark.parametrize(("bias", "low", "high"), [(1.0, 0.6, 0.8), (-2.0, 0.05, 0.25)])
def test_its_forget_gates_have_the_runs_own_bias(make_checkpoint, bias, low, high):
    network = untrained(made(make_checkpoint, forget_bias=bias))
    ids = network.vocabulary.encode("abcdef")[:, None]
    gates = network.run(ids, record=["i", "f"]).signals
    assert low < gates["f"].mean() < high  # σ(1) is 0.73, σ(-2) 0.12
    assert 0.35 < gates["i"].mean() < 0.65


def test_five_seeds_are_taken_and_none_is_the_runs_own(make_checkpoint):
    model = made(make_checkpoint, seed=2)
    own = recurrent(untrained(model, seed=2))
    ids = model.vocabulary.encode("abc" * 200)
    networks = [one.network for one in all_untrained(model, ids, ["h"], seed=0)]
    assert len(networks) == 5
    assert not any(np.array_equal(recurrent(one), own) for one in networks)
