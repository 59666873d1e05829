"""The shipped models: renumbering changed nothing but numbers, and 42 is the neuron to see."""

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from charrnn import checkpoint, runs
from charrnn.network import Network
from charrnn.neurons.concepts import built_in
from tests.benchmarks.demonstration import exchanged


@pytest.mark.parametrize("backbone", ["lstm", "gru", "vanilla"])
@pytest.mark.parametrize("residual", [False, True])
def test_two_units_that_change_places_compute_what_they_did(make_checkpoint, backbone, residual):
    made = make_checkpoint(backbone, layers=2, hidden=5, embedding=3, residual=residual)
    swapped = Network(
        made.architecture, exchanged(made.weights, made.architecture, 1, 4), made.vocabulary
    )
    before, after = (
        network.run(made.heldout[:99, None], record=["h"]) for network in (made.network(), swapped)
    )
    assert after.logits == pytest.approx(before.logits, abs=1e-6)
    places = np.array([0, 4, 2, 3, 1, 5, 9, 7, 8, 6])
    assert after.signals["h"] == pytest.approx(before.signals["h"][..., places], abs=1e-6)


@pytest.fixture(scope="module")
def read():
    """Return a function: a shipped model's name to its text and its states h and c (C, 2, H)."""

    def of(name):
        loaded = checkpoint.load(runs.demo(name))
        ids = loaded.heldout[:20_000]
        signals = loaded.network().run(ids[:, None], record=["h", "c"]).signals
        states = np.stack([signals["h"][:, 0], signals["c"][:, 0]], axis=1)
        return loaded.vocabulary.characters_of(ids), states

    return of


def aurocs(labels, states):
    """Return how well each unit tells on from off (H,), by its better state, either way round."""
    wins = mannwhitneyu(states[labels], states[~labels]).statistic  # (2, H)
    scores = wins / (labels.sum() * (~labels).sum())
    return np.maximum(scores, 1 - scores).max(axis=0)


def test_unit_42_of_the_model_of_code_is_its_first_bracket_neuron(read):
    text, states = read("demo")
    scores = aurocs(built_in(text)["brackets"].labels(text) > 0, states)
    assert scores[:160].argmax() == 42  # of the first layer
    assert scores[42] > 0.9


def test_unit_42_of_the_model_of_prose_foresees_the_end_of_a_line(read):
    text, states = read("demo:prose")
    scores = aurocs(built_in(text)["line-end"].labels(text) > 0, states)
    assert scores.argmax() == 42
    assert scores[42] > 0.93


def test_the_model_of_prose_counts_the_characters_of_a_line_and_knows_quotations(read):
    text, states = read("demo:prose")
    position = built_in(text)["line-position"].labels(text)
    cells = states[:, 1]
    assert max(abs(np.corrcoef(position, cell)[0, 1]) for cell in cells.T) > 0.95
    assert aurocs(built_in(text)["quotes"].labels(text) > 0, states).max() > 0.97
