"""What a page shows of all neurons: their states, and the concepts they encode."""

import numpy as np
import pytest

from charrnn import checkpoint
from charrnn.errors import UsageError
from charrnn.neurons import known
from charrnn.neurons import page as pages
from charrnn.neurons.evidence import ENCODES, ENCODES_AND_USED
from charrnn.neurons.known import Known
from charrnn.neurons.page import PLACES, candidates, page
from charrnn.neurons.survey import survey

TEXT = "ab (c d)\nA, 7.\t" * 200
STATES = ["c", "h"]


@pytest.fixture
def model(tmp_path, make_checkpoint):
    """An LSTM of 2 × 4 in a run's folder: its file and itself."""
    (tmp_path / "config.yaml").write_text("")
    path = tmp_path / "best.safetensors"
    checkpoint.save(path, make_checkpoint("lstm", alphabet=TEXT, hidden=4))
    return path, checkpoint.load(path)


def ids_of(model, text=TEXT):
    return model[1].vocabulary.encode(text)


def saw(neuron, concept, signal="c", strength=0.5, verdict=ENCODES_AND_USED):
    """What an earlier search has kept."""
    figures = {"score": 0.9, "low_end": 0.88, "high_end": 0.92, "baseline": 0.8}
    return Known(
        neuron, concept, signal, True, "AUROC", **figures, strength=strength, raw=False,
        verdict=verdict, place=0, characters=9, text="some/where/else.txt",
    )  # fmt: skip


@pytest.mark.parametrize(("backbone", "states"), [("lstm", ["c", "h"]), ("gru", ["h"])])
def test_states_are_those_of_one_run_over_the_whole_text(
    tmp_path, make_checkpoint, backbone, states
):
    model = make_checkpoint(backbone, alphabet=TEXT, hidden=4)
    ids = model.vocabulary.encode(TEXT)
    made = page(tmp_path / "model.safetensors", model, ids, offset=1100, length=700)
    signals = model.network().run(ids[:, None], record=states).signals
    assert list(made.signals) == states  # the one drawn by default comes first
    for name in states:
        values = np.tanh(signals[name]) if name == "c" else signals[name]
        np.testing.assert_allclose(made.signals[name], values[1100:1800, 0], atol=1e-6)
    np.testing.assert_array_equal(made.ids, ids[1100:1800])


def test_of_a_wide_model_only_the_state_drawn_by_default_is_searched_and_kept(model, monkeypatch):
    monkeypatch.setattr(pages, "MOST", 2 * 8 * 700)
    assert list(page(*model, ids_of(model), length=700).signals) == ["c", "h"]
    made = page(*model, ids_of(model), length=701)
    assert list(made.signals) == ["c"]
    assert {one.signal for concept in made.concepts for one in concept.neurons} == {"c"}


def test_candidates_are_what_a_survey_finds_the_best_supported_concept_first(model):
    found = survey(*model, ids_of(model), signals=STATES, top=pages.CANDIDATES)
    expected = {
        one.concept.name: [
            (each.signal.neuron.number, each.signal.name, each.score, one.verdict(each))
            for each in one.evidence
        ]
        for one in found
    }
    ranked = candidates(*model, ids_of(model), STATES)
    assert {
        one.concept.name: [(two.neuron, two.signal, two.score, two.verdict) for two in one.neurons]
        for one in ranked
    } == expected
    keys = [(PLACES[one.verdict], -one.best.strength if one.best else np.inf) for one in ranked]
    assert keys == sorted(keys)
    assert len({place for place, _ in keys}) > 1


def test_what_earlier_searches_found_comes_first_and_the_strongest_of_it_opens(model):
    earlier = [saw(6, "url", "h", 0.7, ENCODES), saw(2, "quotes", strength=0.6)]
    known._write(*model, earlier)
    made = page(*model, ids_of(model), length=50)
    assert made.opening == (6, "h")
    by_name = {one.concept.name: one for one in made.concepts}
    best = by_name["url"].best
    assert (best.neuron, best.low, best.score, best.text) == (6, True, 0.9, "some/where/else.txt")
    names = [one.concept.name for one in made.concepts]
    assert names.index("url") < names.index("quotes") < names.index("space")


def test_a_neuron_that_was_known_and_is_measured_again_stands_once(model):
    ids = ids_of(model)
    measured = {one.concept.name: one for one in candidates(*model, ids, STATES)}["parens"]
    last = measured.neurons[-1].neuron
    known._write(*model, [saw(last, "parens", strength=1.0)])
    again = candidates(*model, ids, STATES)[0]
    numbers = [one.neuron for one in measured.neurons]
    assert again.concept.name == "parens"
    assert [one.neuron for one in again.neurons] == [last, *numbers[:-1]]
    assert [one.text != "" for one in again.neurons] == [True] + [False] * (len(numbers) - 1)


def test_what_is_known_of_other_neurons_and_of_gates_is_left_out(model):
    known._write(*model, [saw(8, "quotes"), saw(-1, "quotes"), saw(1, "quotes", signal="f")])
    made = page(*model, ids_of(model, "ab (c d)\n"))
    assert all(one.neurons == () for one in made.concepts)


def test_a_text_too_short_to_search_opens_with_the_unit_that_varies_most(model):
    ids = ids_of(model, TEXT[:100])
    made = page(*model, ids)
    assert {one.refused for one in made.concepts} == {"the text is too short"}
    values = np.tanh(model[1].network().run(ids[:, None], record=["c"]).signals["c"][:, 0])
    assert made.opening == (int(np.std(values, axis=0).argmax()), "c")


def test_an_offset_past_the_end_is_refused(model):
    with pytest.raises(UsageError, match="has 100 characters, so none at offset 100"):
        page(*model, ids_of(model, TEXT[:100]), offset=100)
