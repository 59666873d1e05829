"""The search on text whose truth is known: what a trained network must yield, and what none may."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from charrnn import checkpoint
from charrnn.neurons.activations import Activations
from charrnn.neurons.baselines import untrained
from charrnn.neurons.concepts import Concept, built_in
from charrnn.neurons.evidence import ENCODES, ENCODES_AND_USED, LEXICAL, NOTHING, REFUSED
from charrnn.neurons.find import find, refusal

NESTED = Path(__file__).parent.parent.parent / "corpora" / "nested.txt"
RECIPE = [
    "--backbone", "lstm", "--layers", "1", "--hidden", "128", "--batch", "8", "--sequence", "128",
    "--steps", "4500", "--epochs", "20", "--learning-rate", "0.01", "--dropout", "0",
    "--weight-decay", "0.01", "--forget-bias", "3", "--initial-state", "learned",
    "--clip-norm", "0.25", "--average", "0.995",
]  # fmt: skip


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A network that has read the nested corpus for less than a minute."""
    folder = tmp_path_factory.mktemp("nested") / "run"
    command = [sys.executable, "-m", "charrnn", "train", NESTED, *RECIPE, "--quiet"]
    threads = {"OMP_NUM_THREADS": str(os.cpu_count() or 1)}
    subprocess.run([*command, "--out", folder], check=True, env=os.environ | threads, timeout=600)
    return checkpoint.load(folder / "best.safetensors")


def both(loaded):
    """Return the activations of the network and of an untrained one, and the text."""
    ids = loaded.heldout
    networks = loaded.network(), untrained(loaded.architecture, loaded.vocabulary)
    text = loaded.vocabulary.characters_of(ids)
    return [Activations(one, ids, loaded.architecture.cell.STATES) for one in networks], text


def verdicts(loaded, names, of_untrained=False, **options):
    activations, text = both(loaded)
    if of_untrained:
        other = untrained(loaded.architecture, loaded.vocabulary, seed=1)
        activations[0] = Activations(other, loaded.heldout, loaded.architecture.cell.STATES)
    concepts = [built_in(text)[name] for name in names]
    return list(find(*activations, text, concepts, **options))


def test_a_trained_network_has_a_bracket_neuron_which_is_used(trained):
    brackets = verdicts(trained, ["brackets"])[0]
    said = [brackets.verdict(one) for one in brackets.evidence]
    assert ENCODES_AND_USED in said
    best = brackets.evidence[said.index(ENCODES_AND_USED)]
    assert best.score > 0.7
    assert best.use.resolving > 0.05


def test_a_trained_network_has_a_line_end_neuron_that_an_untrained_one_lacks(trained):
    ends = verdicts(trained, ["line-end"])[0]
    assert max(one.score for one in ends.evidence) > 0.8
    assert max(one.over_untrained_interval[0] for one in ends.evidence) > 0.1
    assert any(one.use.shown for one in ends.evidence)


def test_an_untrained_network_has_no_neuron_for_anything(trained):
    names = ["brackets", "quotes", "line-end", "line-position", "parens"]
    for finding in verdicts(trained, names, of_untrained=True):
        said = {finding.verdict(one) for one in finding.evidence}
        assert said <= {LEXICAL, NOTHING, REFUSED}, finding.concept.name


def test_shuffled_labels_are_encoded_at_most_once_in_twenty(trained):
    activations, text = both(trained)
    brackets = built_in(text)["brackets"]
    labels = brackets.labels(text)
    encoded = 0
    for seed in range(20):
        offset = int(np.random.default_rng(seed).integers(2000, len(labels) - 2000))
        shuffled = [np.roll(labels, offset)]
        found = next(
            find(*activations, text, [brackets], labels=shuffled, top=1, ablating=False, seed=seed)
        )
        encoded += found.verdict(found.evidence[0]) in (ENCODES, ENCODES_AND_USED)
    assert encoded <= 1


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
