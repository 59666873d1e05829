"""The search against slow twins: one stream, one signal, one shift at a time."""

import numpy as np
import pytest

from charrnn.errors import UsageError
from charrnn.neurons import activations as reading
from charrnn.neurons import scores
from charrnn.neurons.activations import COLD, Activations
from charrnn.neurons.baselines import lexical, untrained
from charrnn.neurons.concepts import built_in
from charrnn.neurons.search import Half, halves, search

NAMES = ["vowel", "line-position", "line-end"]


@pytest.fixture(scope="module")
def text():
    random = np.random.default_rng(0)
    return "".join(random.choice(list("abcdefgh  ,.\n"), size=3000))


@pytest.fixture
def network(make_checkpoint):
    return make_checkpoint("lstm", hidden=6).network()


def whole(network, ids, names):
    """Return the signals at every place, the cell state as it is, in one run."""
    signals = network.run(ids[:, None], record=names).signals
    return np.concatenate([signals[name][:, 0] for name in names], axis=1)


def test_the_pieces_of_one_stream_are_one_run(network, text):
    ids = network.vocabulary.encode(text)
    read = Activations(network, ids, ["h", "c"])
    columns = read.columns(range(24))
    np.testing.assert_array_equal(columns[:COLD], 0)
    np.testing.assert_allclose(columns[COLD:], whole(network, ids, ["h", "c"])[COLD:], atol=1e-6)
    assert (read.signals[17].neuron.number, read.signals[17].name) == (5, "c")


def test_many_streams_give_every_place_once_after_reading_what_comes_before(
    network, text, monkeypatch
):
    monkeypatch.setattr(reading, "LONG", 1000)
    monkeypatch.setattr(reading, "STREAMS", 7)
    monkeypatch.setattr(reading, "PIECE", 7 * 50)
    ids = network.vocabulary.encode(text)
    read = Activations(network, ids, ["h"])
    places = np.concatenate([piece.places for piece in read.pieces()])
    np.testing.assert_array_equal(np.sort(places), np.arange(COLD, 3000))
    columns = read.columns(range(12))
    np.testing.assert_allclose(columns[COLD:], whole(network, ids, ["h"])[COLD:], atol=1e-4)


def test_a_text_that_is_too_short_says_so(network):
    with pytest.raises(UsageError, match="the first 200 after a cold start are not counted"):
        Activations(network, network.vocabulary.encode("abc" * 100), ["h"])


def test_every_score_is_that_of_its_signal_alone(network, text):
    ids = network.vocabulary.encode(text)
    read = Activations(network, ids, ["h", "c"])
    concepts = [built_in(text)[name] for name in NAMES]
    labels = [concept.labels(text) for concept in concepts]
    found = search(read, concepts, labels, np.random.default_rng(0), shifts=3)
    a, b = halves(read)
    assert (a.start, a.length, b.start, b.length) == (200, 1400, 1600, 1400)
    columns = whole(network, ids, ["h", "c"])
    for one, label in zip(found, labels, strict=True):
        measure = scores.spearman if one.concept.graded else scores.auroc
        for signal in range(24):
            values = columns[:, signal]
            assert one.chosen_by[signal] == pytest.approx(
                measure(a.of(values), a.of(label)), abs=2e-3
            )
            assert one.reported[signal] == pytest.approx(
                measure(b.of(values), b.of(label)), abs=2e-3
            )


def test_the_null_is_the_best_signal_under_each_shift(network, text):
    ids = network.vocabulary.encode(text)
    read = Activations(network, ids, ["h"])
    concept = built_in(text)["vowel"]
    labels = concept.labels(text)
    found = search(read, [concept], [labels], np.random.default_rng(5), shifts=4)[0]
    _, b = halves(read)
    offsets = np.random.default_rng(5).integers(350, 1050, size=4)
    columns = b.of(whole(network, ids, ["h"]))
    for offset, best in zip(offsets, found.null, strict=True):
        shifted = np.roll(b.of(labels), -offset)
        areas = [abs(scores.auroc(column, shifted) - 0.5) for column in columns.T]
        assert best == pytest.approx(max(areas), abs=2e-3)
    signal = found.best(1)[0]
    distance = abs(found.reported[signal] - 0.5)
    assert found.p(signal) == (1 + (found.null >= distance).sum()) / 5


def test_the_lexical_baseline_is_the_mean_label_after_the_same_characters():
    ids = np.array([0, 1, 0, 2, 0, 1, 0, 2, 0, 1, 0, 3], np.uint8)
    labels = np.array([1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0], float)
    a, b = Half(0, 8), Half(8, 4)
    # After 0: 1, 0, 1, 0 in A; its mean with the prior of one character's worth of 1/2 is 1/2.
    # After 1: 0, 0, so 0.5 / 3; after 2: 1, 1, so 2.5 / 3; 3 was never seen.
    np.testing.assert_allclose(lexical(ids, labels, a, b, 1), [0.5, 0.5 / 3, 0.5, 0.5])
    # After 2, 0: 1 in A; with the prior of what one character says, (1 + 0.5) / 2.
    assert lexical(ids, labels, a, b, 2)[0] == pytest.approx(0.75)


def test_the_untrained_network_has_the_shape_and_the_forget_bias_of_one_that_begins(
    make_checkpoint,
):
    made = make_checkpoint("lstm", hidden=6)
    network = untrained(made.architecture, made.vocabulary)
    ids = network.vocabulary.encode("abcdef")[:, None]
    gates = network.run(ids, record=["i", "f"]).signals
    assert 0.6 < gates["f"].mean() < 0.8  # σ(1) is 0.73
    assert 0.4 < gates["i"].mean() < 0.6
