"""The search on a network that learned, within a minute, a text whose state is known."""

import pytest

from charrnn import checkpoint, config, runs
from charrnn.neurons.activations import Activations
from charrnn.neurons.baselines import all_untrained, untrained
from charrnn.neurons.concepts import built_in
from charrnn.neurons.evidence import ENCODES, ENCODES_AND_USED, LEXICAL, NOTHING, REFUSED
from charrnn.neurons.find import find
from charrnn.text.corpus import read
from charrnn.training.trainer import train

MEMORY = ["brackets", "line-position", "line-end"]
RECIPE = {
    "preset": "small",
    "corpus": ["nested"],
    "backbone": "lstm",
    "layers": 1,
    "hidden": 128,
    "batch": 16,
    "sequence": 64,
    "embedding": 64,
    "steps": 1000,
    "validate_every": 300,
    "validation_chars": 20_000,
    "learning_rate": 0.01,
    "weight_decay": 0.01,
    "dropout": 0.0,
}


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nested")
    for _ in train(config.resolve(RECIPE, None), read(["nested"]), folder):
        pass
    return checkpoint.load(folder / runs.BEST)


def found(loaded, network, names, **options):
    """Search a network of the shape of the one that learned, on the text held out from it."""
    ids, states = loaded.heldout[:12_000], loaded.architecture.cell.STATES
    text = loaded.vocabulary.characters_of(ids)
    read, plain = Activations(network, ids, states), all_untrained(loaded, ids, states, seed=0)
    concepts = [built_in(text)[name] for name in names]
    return {one.concept.name: one for one in find(read, plain, text, concepts, **options)}


def test_a_bracket_neuron_that_is_used_and_one_for_the_place_in_the_line(learned):
    findings = found(learned, learned.network(), MEMORY, top=1)
    best = {name: one.evidence[0] for name, one in findings.items()}
    verdicts = {name: one.verdict(best[name]) for name, one in findings.items()}
    assert verdicts["brackets"] == ENCODES_AND_USED
    assert best["brackets"].score > 0.9
    assert best["brackets"].use.resolving > 0.5  # nats, at each closing bracket
    assert {verdicts["line-position"], verdicts["line-end"]} & {ENCODES, ENCODES_AND_USED}


def test_before_it_learned_there_was_none(learned):
    bare = untrained(learned, seed=100)
    for name, one in found(learned, bare, MEMORY, ablating=False).items():
        said = {one.verdict(each) for each in one.evidence}
        assert said <= {LEXICAL, NOTHING, REFUSED}, name
