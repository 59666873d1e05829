"""The search's verdicts: on the model that ships with charrnn, and where nothing is to find."""

import functools
from dataclasses import replace

import numpy as np
import pytest

from charrnn import checkpoint, runs
from charrnn.neurons.activations import Activations
from charrnn.neurons.baselines import all_untrained, untrained
from charrnn.neurons.concepts import Concept, built_in
from charrnn.neurons.evidence import ENCODES, ENCODES_AND_USED, LEXICAL, NOTHING, REFUSED
from charrnn.neurons.find import find, moved
from charrnn.neurons.halves import halves
from charrnn.neurons.measure import refusal

CHARACTERS = 12_000


class Found:
    """The demonstration model, or an untrained one of its shape, on some of its held-out text."""

    def __init__(self, network=None) -> None:
        loaded = checkpoint.load(runs.demo())
        ids, shape = loaded.heldout[:CHARACTERS], loaded.architecture
        self.text = loaded.vocabulary.characters_of(ids)
        self.activations = Activations(network or loaded.network(), ids, shape.cell.STATES)
        self.plain = list(all_untrained(loaded, ids, shape.cell.STATES, seed=0))

    @functools.cache  # noqa: B019  # lives as long as the tests of this file
    def find(self, *names, **options):
        concepts = [built_in(self.text)[name] for name in names]
        return list(find(self.activations, self.plain, self.text, concepts, **options))


@pytest.fixture(scope="module")
def demo():
    return Found()


def test_the_demonstration_model_has_a_bracket_neuron_which_is_used(demo):
    brackets = demo.find("brackets", top=1)[0]
    best = brackets.evidence[0]
    assert brackets.verdict(best) == ENCODES_AND_USED
    assert (best.signal.neuron.number, best.signal.name, best.sign) == (42, "h", 1)
    assert best.over_lexical_interval[0] > 0.05
    assert best.use.resolving > 0.2 > 0.1 > best.use.off
    assert moved(brackets, demo.activations, demo.text)[best.signal] == pytest.approx(
        (best.score + best.chosen_by) / 2, abs=0.03
    )


def test_a_lexical_concept_gets_no_better_verdict_than_that(demo):
    space = demo.find("space", ablating=False)[0]
    assert space.evidence[0].score > 0.9
    assert {space.verdict(one) for one in space.evidence} <= {LEXICAL, NOTHING}


def test_an_untrained_network_has_no_neuron_for_anything():
    loaded = checkpoint.load(runs.demo())
    bare = Found(untrained(loaded, seed=100))
    names = ["brackets", "quotes", "line-end", "line-position", "indent"]
    for finding in bare.find(*names, ablating=False):
        said = {finding.verdict(one) for one in finding.evidence}
        assert said <= {LEXICAL, NOTHING, REFUSED}, finding.concept.name


def test_both_halves_choose_and_the_other_reports(demo):
    brackets = demo.find("brackets", top=3, ablating=False)[0]
    forward, backward = (
        {one.signal: one for one in side.evidence} for side in (brackets.forward, brackets.backward)
    )
    for side in (forward, backward):
        assert {signal.neuron.number for signal in side} == {42, 268, 319}
    both = forward.keys() & backward.keys()
    assert both
    for signal in both:
        one, other = forward[signal], backward[signal]
        assert (one.score, one.chosen_by) == pytest.approx((other.chosen_by, other.score), abs=2e-3)
    (upper,) = (one for one in backward.values() if one.signal.neuron.number == 268)
    assert brackets.verdict(upper, brackets.backward) == ENCODES
    assert len(brackets.forward.untrained) == 5


def test_p_can_pass_a_correction_for_all_concepts_that_are_tried(demo):
    (line,) = demo.find("brackets", top=3, ablating=False)
    p = line.evidence[0].p
    assert p * len(built_in("")) < 0.05
    many = replace(line, tried=len(built_in("")))
    assert many.verdict(many.evidence[0]) == ENCODES
    assert replace(line, tried=int(0.05 / p) + 1).verdict(line.evidence[0]) == NOTHING


def test_a_concept_that_stands_in_one_half_alone_is_unevenly_spread(demo):
    concept = Concept("mine", "tracks", lambda text, state: ([], None), "", given=True)
    a, b = halves(demo.activations)
    labels = np.zeros(CHARACTERS)
    labels[b.places[::3]] = 1
    labels[a.places[:60:3]] = 1
    one = next(
        find(demo.activations, demo.plain, demo.text, [concept], labels=[labels], ablating=False)
    )
    assert one.uneven
    assert one.forward.prevalence == pytest.approx(1 / 3, abs=0.01)
    assert one.forward.refused == ""
    assert one.backward.refused.startswith("20 of ")
    assert not demo.find("brackets", top=3, ablating=False)[0].uneven


def test_what_tanh_hides_is_drawn_raw(demo):
    one = demo.find("brackets", top=3, ablating=False)[0].evidence[0]
    assert not replace(one, r=0.9, squashed=0.8).hidden_by_tanh
    assert replace(one, r=-0.9, squashed=0.7).hidden_by_tanh


def test_shuffled_labels_are_encoded_at_most_once_in_twenty(demo):
    brackets = built_in(demo.text)["brackets"]
    labels = brackets.labels(demo.text)
    offsets = np.random.default_rng(0).integers(2000, len(labels) - 2000, size=20)
    found = find(
        demo.activations,
        demo.plain,
        demo.text,
        [brackets] * 20,
        labels=[np.roll(labels, int(offset)) for offset in offsets],
        top=1,
        ablating=False,
    )
    said = [one.verdict(one.evidence[0]) for one in found]
    assert sum(one in (ENCODES, ENCODES_AND_USED) for one in said) <= 1


def test_too_little_of_a_concept_is_refused_a_verdict():
    concept = Concept("x", "tracks", lambda text, state: ([], None), "")
    few, rare = np.zeros(9000), np.zeros(9000)
    few[:199] = 1
    rare[:1000] = 1
    assert refusal(concept, few).startswith("199 of 9,000 characters are on; 200 on and off")
    assert refusal(concept, 1 - few).startswith("8,801 of 9,000 characters are on")
    assert refusal(concept, rare).startswith("1 separate spans are on; 20 needed")
    rare[1000::40] = 1
    assert refusal(concept, rare) == ""
