"""What `find` has found is there for the views that come after, and goes with the weights."""

import json
from dataclasses import asdict, replace

import pytest

from charrnn import checkpoint
from charrnn.neurons import known
from charrnn.neurons.concepts import Concept, built_in
from tests.findings import finding

BRACKETS, INDENT = built_in("")["brackets"], built_in("")["indent"]


@pytest.fixture
def run(tmp_path, make_checkpoint):
    """Return the best model of a run, in its folder."""
    (tmp_path / "config.yaml").write_text("")
    path = tmp_path / "best.safetensors"
    checkpoint.save(path, make_checkpoint())
    return path, checkpoint.load(path)


def test_a_neuron_that_was_found_is_known_with_the_evidence_for_it(run):
    assert known.of(*run) == []
    known.keep(*run, [finding(BRACKETS, 0.95, 0.2)], "held-out text")
    expected = known.Known(
        neuron=3,
        concept="brackets",
        signal="c",
        low=False,
        measure="AUROC",
        score=0.95,
        low_end=0.94,
        high_end=0.96,
        baseline=0.75,
        strength=0.8,  # of the 0.25 over the baseline
        raw=False,
        verdict="encodes and is used",
        place=0,
        characters=9000,
        text="held-out text",
    )
    (one,) = known.of(*run)
    for name, value in asdict(expected).items():
        assert getattr(one, name) == pytest.approx(value), name


def test_it_is_kept_with_the_run_and_goes_with_the_weights(run, make_checkpoint):
    path, model = run
    known.keep(path, model, [finding(BRACKETS, 0.95, 0.2)], "a")
    assert (path.parent / "neurons.json").exists()
    assert known.of(path, make_checkpoint(seed=1)) == []


def test_what_is_found_in_a_file_that_stands_alone_leaves_its_folder_as_it_is(
    tmp_path, make_checkpoint, state_folder
):
    path, model = tmp_path / "alone.safetensors", make_checkpoint()
    known.keep(path, model, [finding(BRACKETS, 0.95, 0.2)], "a")
    assert not list(tmp_path.glob("*.json"))
    assert list(state_folder.iterdir())
    assert [one.neuron for one in known.of(path, model)] == [3]


def test_a_neuron_may_encode_several_concepts_and_the_strongest_comes_first(run):
    known.keep(*run, [finding(BRACKETS, 0.95, 0.2), finding(INDENT, 0.9, 0.3)], "a")
    found = [(one.concept, one.measure) for one in known.of(*run)]
    assert found == [("brackets", "AUROC"), ("indent", "|r|")]  # 0.8 of the way, and 0.75


def test_a_newer_search_takes_the_place_of_an_older_one_on_the_same_text(run):
    known.keep(*run, [finding(BRACKETS, 0.95, 0.2, number=3)], "a")
    known.keep(*run, [finding(BRACKETS, 0.9, 0.1, number=4)], "a")
    assert [(one.neuron, one.score) for one in known.of(*run)] == [(4, 0.9)]


def test_a_search_that_read_less_or_tested_less_leaves_what_is_known(run):
    whole = finding(BRACKETS, 0.95, 0.2)
    known.keep(*run, [whole], "a")
    known.keep(*run, [replace(finding(BRACKETS, 0.9, 0.1), characters=8999)], "a")
    untested = replace(whole.evidence[0], use=None)
    side = replace(whole.forward, evidence=(untested,))
    known.keep(*run, [replace(whole, forward=side)], "a")
    (one,) = known.of(*run)
    assert (one.score, one.verdict) == (0.95, "encodes and is used")


def test_what_was_found_on_held_out_text_comes_before_what_others_told(run):
    known.keep(*run, [finding(BRACKETS, 0.99, 0.4, number=1)], "poem.txt")
    known.keep(*run, [finding(INDENT, 0.9, 0.3, number=2)], known.HELD_OUT)
    assert [one.neuron for one in known.ranked(*run)] == [2, 1]


def test_the_neuron_for_a_concept_is_the_one_that_was_chosen_not_the_one_that_scored_best(run):
    chosen, other = (finding(BRACKETS, score, 0.2, number=n) for n, score in ((1, 0.9), (2, 0.95)))
    side = replace(chosen.forward, evidence=(*chosen.evidence, *other.evidence))
    known.keep(*run, [replace(chosen, forward=side), finding(INDENT, 0.99, 0.5, number=4)], "a")
    ranked = [(one.neuron, one.concept) for one in known.ranked(*run)]
    assert ranked == [(4, "indent"), (1, "brackets")]


def test_what_does_not_encode_is_not_known(run):
    own = Concept("mine", "tracks", BRACKETS.detector, "", given=True)
    chance = finding(BRACKETS, 0.95, 0.2, number=1, p=0.5)
    known.keep(*run, [chance, finding(BRACKETS, 0.8, 0, number=2), finding(own, 0.9, 0.3)], "a")
    assert known.of(*run) == []


def test_a_file_that_is_damaged_or_cannot_be_written_is_as_none(run, state_folder):
    known.keep(*run, [finding(BRACKETS, 0.95, 0.2)], "a")
    path = run[0].parent / "neurons.json"
    digest = json.loads(path.read_text())["model"]
    broken = {"model": digest, "neurons": {"3": {"concept": "brackets"}}}
    for content in ("{", "[]", json.dumps(broken), "[" * 100_000):
        path.write_text(content)
        assert known.of(*run) == []
    path.unlink()
    path.mkdir()  # where the file should be
    state_folder.parent.mkdir(parents=True, exist_ok=True)
    state_folder.write_text("a file where the folder should be")
    known.keep(*run, [finding(BRACKETS, 0.95, 0.2)], "a")
    assert known.of(*run) == []


def test_a_gain_of_rounding_over_a_baseline_is_none():
    for gain, said in ((0.0105, "lexical only"), (0.012, "encodes and is used")):
        one = finding(BRACKETS, 0.95, gain)  # its interval ends 0.01 lower
        assert one.verdict(one.evidence[0]) == said
