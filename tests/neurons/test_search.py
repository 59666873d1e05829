"""The search against slow twins: one stream, one signal, one shift at a time."""

import dataclasses

import numpy as np
import pytest

from charrnn.errors import UsageError
from charrnn.neurons import activations as reading
from charrnn.neurons import scores
from charrnn.neurons import search as searching
from charrnn.neurons.activations import COLD, Activations
from charrnn.neurons.concepts import built_in
from charrnn.neurons.halves import halves
from charrnn.neurons.search import search

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


def test_in_records_every_character_counts_and_each_begins_anew(make_checkpoint, monkeypatch):
    names = ["anna", "bob", "clarissa", "d"] * 60
    text = "\n" + "".join(name + "\n" for name in names)
    made = make_checkpoint("gru", hidden=6, alphabet="\nanbocdlrsi")
    network = dataclasses.replace(made, record_end="\n", records="line").network()
    ids = network.vocabulary.encode(text)
    for streams in (0, 7):
        read = Activations(network, ids, ["h"], streams)
        assert read.counted.tolist() == list(range(1, len(ids)))
        columns = read.columns(range(12))
        first = network.run(ids[:5, None], record=["h"]).signals["h"][1:, 0]  # anna
        np.testing.assert_allclose(columns[1:5], first, atol=1e-6)
        for place in np.flatnonzero(ids == ids[0])[:-1:4] + 1:
            np.testing.assert_allclose(columns[place : place + 4], first, atol=1e-6)
    assert read.record_begins.tolist()[:4] == [1, 6, 10, 19]


def test_moments_are_those_of_the_states_and_of_what_is_drawn(network, text):
    ids = network.vocabulary.encode(text)
    read = Activations(network, ids, ["h", "c"])
    values = whole(network, ids, ["h", "c"])[COLD:]
    for name, part in (("h", values[:, :12]), ("c", values[:, 12:])):
        mean, deviation, shown = read.moments[name]
        np.testing.assert_allclose(mean, part.mean(axis=0), atol=1e-6)
        np.testing.assert_allclose(deviation, part.std(axis=0), atol=1e-6)
        drawn = np.tanh(part) if name == "c" else part
        np.testing.assert_allclose(shown, drawn.std(axis=0), atol=1e-6)


def test_every_score_is_that_of_its_signal_alone_from_both_sides(network, text):
    ids = network.vocabulary.encode(text)
    read = Activations(network, ids, ["h", "c"])
    concepts = [built_in(text)[name] for name in NAMES]
    labels = [concept.labels(text) for concept in concepts]
    a, b = halves(read)
    columns = whole(network, ids, ["h", "c"])
    for (forward, backward), label in zip(search(read, concepts, labels), labels, strict=True):
        measure = scores.spearman if forward.concept.graded else scores.auroc
        for signal in range(24):
            on_a, on_b = (measure(half.of(columns[:, signal]), half.of(label)) for half in (a, b))
            assert forward.chosen_by[signal] == pytest.approx(on_a, abs=2e-3)
            assert forward.reported[signal] == pytest.approx(on_b, abs=2e-3)
            assert backward.chosen_by[signal] == forward.reported[signal]
            assert backward.reported[signal] == forward.chosen_by[signal]


def test_p_is_how_often_the_best_of_all_tells_shifted_labels_as_well(network, text):
    ids = network.vocabulary.encode(text)
    read = Activations(network, ids, ["h"])
    concept = built_in(text)["vowel"]
    labels = concept.labels(text)
    found = search(read, [concept], [labels])[0].forward
    _, b = halves(read)
    columns, there = b.of(whole(network, ids, ["h"]))[:1350], b.of(labels)[:1350]  # = 2 · 3³ · 5²
    assert len(found.null) == 677  # shifted by 337 to 1,013: a quarter at least, either way
    for shift in (337, 800, 1013):
        shifted = np.roll(there, -shift)
        areas = [abs(scores.auroc(column, shifted) - 0.5) for column in columns.T]
        assert found.null[shift - 337] == pytest.approx(max(areas), abs=2e-3)
    signal = found.best(1)[0]
    distance = abs(scores.auroc(columns[:, signal], there) - 0.5)
    assert found.distances[signal] == pytest.approx(distance, abs=2e-3)
    assert found.p(signal) == (1 + (found.null >= found.distances[signal]).sum()) / 678


def test_where_memory_does_not_hold_a_half_labels_are_shifted_on_its_start(
    network, text, monkeypatch
):
    ids = network.vocabulary.encode(text)
    concept = built_in(text)["vowel"]
    monkeypatch.setattr(searching, "SHIFTED_BYTES", 12 * 4 * 900)
    read = Activations(network, ids, ["h"])
    found = search(read, [concept], [concept.labels(text)])[0].forward
    assert len(found.null) == 451  # of 900 characters
