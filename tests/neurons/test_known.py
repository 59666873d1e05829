"""What `find` has found is there for the views that come after, and goes with the weights."""

import json

from charrnn.neurons import known
from charrnn.neurons.activations import Signal
from charrnn.neurons.address import Neuron
from charrnn.neurons.concepts import Concept, built_in
from charrnn.neurons.evidence import Evidence, Finding, Side, Use


def finding(concept, score, gain, number=3, used=True, p=0.005):
    """Return what is found for one neuron, whose gain over both rivals is certain if above 0."""
    use = Use(0.1, 0.1, 0.1, 0.3, 20, 0.0, 0.1, shown=used)
    one = Evidence(
        signal=Signal(Neuron(number, 1, number), "c", -1, 1, unbounded=True),
        sign=1,
        chosen_by=score,
        score=score,
        interval=(score - 0.01, score + 0.01),
        r=0.5,
        thresholded=None,
        p=p,
        over_lexical=gain,
        over_lexical_interval=(gain - 0.01, gain + 0.01),
        over_untrained=gain,
        over_untrained_interval=(gain - 0.01, gain + 0.01),
        squashed=0.5,
        use=use,
    )
    side = Side(0.2, 90, {1: 0.6, 3: 0.7, 8: 0.7}, (0.6, 0.7), "", (one,))
    return Finding(concept, 9000, 10, 1, 0, side, side)


BRACKETS, INDENT = built_in("")["brackets"], built_in("")["indent"]


def test_a_neuron_that_was_found_is_known_with_what_it_stands_for(make_checkpoint):
    model = make_checkpoint()
    assert known.of(model, 3) is None
    known.keep(model, [finding(BRACKETS, 0.95, 0.2)], "held-out text")
    expected = known.Known(
        concept="brackets",
        signal="c",
        low=False,
        measure="AUROC",
        score=0.95,
        gain=0.2,
        verdict="encodes and is used",
        text="held-out text",
    )
    assert known.of(model, 3) == expected
    assert known.of(model, 4) is None
    assert known.of(make_checkpoint(seed=1), 3) is None


def test_of_several_concepts_the_one_with_the_greater_gain_is_known(make_checkpoint):
    model = make_checkpoint()
    known.keep(model, [finding(BRACKETS, 0.95, 0.2), finding(INDENT, 0.7, 0.3, used=False)], "a")
    assert known.of(model, 3).concept == "indent"
    assert (known.of(model, 3).measure, known.of(model, 3).verdict[:7]) == ("|r|", "encodes")
    known.keep(model, [finding(BRACKETS, 0.9, 0.25)], "b")
    assert known.of(model, 3).concept == "indent"
    known.keep(model, [finding(INDENT, 0.7, 0.1)], "b")  # newer, of the same concept
    assert (known.of(model, 3).gain, known.of(model, 3).text) == (0.1, "b")


def test_what_is_no_find_is_not_known(make_checkpoint):
    model = make_checkpoint()
    own = Concept("mine", "tracks", BRACKETS.detector, "", given=True)
    chance = finding(BRACKETS, 0.95, 0.2, number=1, p=0.5)
    known.keep(model, [chance, finding(BRACKETS, 0.8, 0, number=2), finding(own, 0.9, 0.3)], "a")
    assert [known.of(model, number) for number in (1, 2, 3)] == [None] * 3


def test_a_file_that_is_damaged_or_cannot_be_written_is_as_none(make_checkpoint, state_folder):
    model = make_checkpoint()
    known.keep(model, [finding(BRACKETS, 0.95, 0.2)], "a")
    (path,) = state_folder.iterdir()
    for content in ("{", "[]", json.dumps({"3": {"concept": "brackets"}})):
        path.write_text(content)
        assert known.of(model, 3) is None
    path.unlink()
    state_folder.rmdir()
    state_folder.write_text("a file where the folder should be")
    known.keep(model, [finding(BRACKETS, 0.95, 0.2)], "a")
    assert known.of(model, 3) is None


def test_a_gain_of_rounding_over_a_baseline_is_none():
    for gain, said in ((0.0105, "lexical only"), (0.012, "encodes and is used")):
        one = finding(BRACKETS, 0.95, gain)  # its interval ends 0.01 lower
        assert one.verdict(one.evidence[0]) == said
