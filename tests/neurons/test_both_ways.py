"""Views of units on a model that reads both ways: each text as a whole, each unit by its name."""

import itertools

import numpy as np
import pytest

from charrnn import network as networks
from charrnn.neurons import activations
from charrnn.neurons.activations import Activations
from charrnn.neurons.gates import gates
from charrnn.neurons.record import record
from charrnn.neurons.survey import survey
from charrnn.reading import Opened


@pytest.fixture
def model(make_labeller):
    return make_labeller()


def alone(network, ids, name):
    """Return a signal (T, units) with each text read by itself."""
    begins = [*network.text_begins(ids).tolist(), len(ids)]
    parts = itertools.pairwise(begins)
    read = [network.run(ids[a:b, None], record=[name]).signals[name][:, 0] for a, b in parts]
    return np.concatenate(read)


def test_every_view_reads_each_text_as_if_it_stood_alone(model, monkeypatch):
    """Pieces are cut in the midst of texts, so that a unit would read backwards from there."""
    monkeypatch.setattr(activations, "PIECE", 64)
    monkeypatch.setattr(networks, "CHUNK", 50)
    network, ids = model.network(np.float64), model.heldout
    expected = alone(network, ids, "h")
    read = Activations(network, ids, ["h"])
    np.testing.assert_allclose(read.columns(range(16))[1:], expected[1:], atol=1e-12)
    assert sorted(np.concatenate([one.places for one in read.pieces()])) == list(range(1, len(ids)))
    for unit in read.signals[::5]:
        part = record(network, ids, unit.neuron, signal="h", offset=777, length=333)
        values = expected[777 : 777 + 333, unit.neuron.number]
        np.testing.assert_allclose(part.values, values, atol=1e-12)


def test_gates_name_the_units_of_both_directions(model):
    found = gates(model.network(), model.heldout)
    assert found.deviations.shape == (2, 8)
    assert [one.both_names for one in found.neurons[6:10]] == [
        "6 (backward:1:2)",
        "7 (backward:1:3)",
        "8 (2:0)",
        "9 (2:1)",
    ]


def test_a_unit_is_measured_against_the_characters_that_it_reads(model, tmp_path):
    """Before training no unit, of either direction, encodes what stands around it."""
    opened = Opened(tmp_path / "m.safetensors", model, "m")
    for one in survey(opened.path, model, model.heldout):
        assert set(one.forward.lexical) == {
            f"{side} {n}" for side in ("last", "next", "around") for n in (1, 3, 8)
        }
        for each in one.evidence:
            assert not one.verdict(each).startswith("encodes"), one.concept.name


@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize("all_layers", [True, False])
def test_what_a_unit_promotes_is_the_heads_row_for_its_output(make_checkpoint, both, all_layers):
    made = make_checkpoint("gru", layers=2, hidden=4, bidirectional=both, all_layers=all_layers)
    network = made.network(np.float64)
    ids = made.vocabulary.encode("the sea was wet")
    read = network.read_texts(ids[:, None], np.array([len(ids)]))[:, 0]
    signals = network.run(ids[:, None], record=["h"]).signals["h"][:, 0]
    for number in range(made.architecture.neurons):
        rows = [n for n in range(read.shape[1]) if np.allclose(read[:, n], signals[:, number])]
        pushed = network.pushes(number)
        assert (pushed is None) == (not rows)
        if rows:
            np.testing.assert_array_equal(pushed, network.head[0][rows[0]])
