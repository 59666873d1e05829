"""The search's verdicts: on the model that ships with charrnn, and where nothing is to find."""

import numpy as np
import pytest

from charrnn import checkpoint, runs
from charrnn.neurons.activations import Activations
from charrnn.neurons.baselines import all_untrained, untrained
from charrnn.neurons.concepts import Concept, built_in
from charrnn.neurons.evidence import ENCODES, ENCODES_AND_USED, LEXICAL, NOTHING, REFUSED
from charrnn.neurons.find import find, moved, refusal

CHARACTERS = 24_000


class Found:
    """The demonstration model, or an untrained one of its shape, on some of its held-out text."""

    def __init__(self, network=None) -> None:
        loaded = checkpoint.load(runs.demo())
        ids, shape = loaded.heldout[:CHARACTERS], loaded.architecture
        self.text = loaded.vocabulary.characters_of(ids)
        self.activations = Activations(network or loaded.network(), ids, shape.cell.STATES)
        self.plain = all_untrained(loaded.network(), ids, shape.cell.STATES, seed=0)

    def find(self, *names, **options):
        concepts = [built_in(self.text)[name] for name in names]
        return list(find(self.activations, self.plain, self.text, concepts, **options))


@pytest.fixture(scope="module")
def demo():
    return Found()


def test_the_demonstration_model_has_a_bracket_neuron_which_is_used(demo):
    brackets = demo.find("brackets", top=2)[0]
    best = brackets.evidence[0]
    assert brackets.verdict(best) == ENCODES_AND_USED
    assert (best.signal.neuron.number, best.signal.name, best.sign) == (204, "c", 1)
    assert best.over_lexical_interval[0] > 0.1
    assert best.use.resolving > 0.8 > 0.1 > best.use.off
    assert moved(brackets, demo.activations, demo.text)[0] == pytest.approx(
        (best.score + best.chosen_by) / 2, abs=0.03
    )


def test_a_lexical_concept_gets_no_better_verdict_than_that(demo):
    space = demo.find("space", ablating=False)[0]
    assert space.evidence[0].score > 0.9
    assert {space.verdict(one) for one in space.evidence} <= {LEXICAL, NOTHING}


def test_an_untrained_network_has_no_neuron_for_anything():
    loaded = checkpoint.load(runs.demo())
    bare = Found(untrained(loaded.architecture, loaded.vocabulary, seed=100))
    names = ["brackets", "quotes", "line-end", "line-position", "indent"]
    for finding in bare.find(*names, ablating=False):
        said = {finding.verdict(one) for one in finding.evidence}
        assert said <= {LEXICAL, NOTHING, REFUSED}, finding.concept.name


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
    assert refusal(concept, few).startswith("199 of 9,000 characters are on, and 200 are needed")
    assert refusal(concept, 1 - few).startswith("8,801 of 9,000 characters are on")
    assert refusal(concept, rare).startswith("1 separate spans are on, and 20 are needed")
    rare[1000::40] = 1
    assert refusal(concept, rare) == ""
