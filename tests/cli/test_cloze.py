"""A model of both sides: trained, asked to fill gaps and to proof-read, by the commands."""

import json

import numpy as np
import pytest

import charrnn
from charrnn import between, checkpoint
from charrnn.cli import cloze
from charrnn.errors import UsageError
from tests.cli.test_classify import run

# From each letter of a chain to the next; b is followed by c, and d by a, three times out of four.
CHAIN = np.array([[0, 0.5, 0, 0.5], [0.25, 0, 0.75, 0], [0, 0.5, 0, 0.5], [0.75, 0, 0.25, 0]])
FAST = {"layers": 1, "embedding": 8, "batch": 16, "sequence": 40, "learning_rate": 0.01}
FAST |= {"dropout": 0.0, "weight_decay": 0.0, "validation": 0.05, "average": 0.0, "seed": 0}


def chain(length, seed):
    random = np.random.default_rng(seed)
    letters = [0]
    while len(letters) < length:
        letters.append(int(random.choice(4, p=CHAIN[letters[-1]])))
    return "".join("abcd"[one] for one in letters)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a text of a Markov chain, and a model of each kind that has learned it."""
    folder = tmp_path_factory.mktemp("cloze")
    (folder / "chain.txt").write_text("\n".join(chain(60, seed) for seed in range(300)))
    for name, given in {"both": {"task": "cloze", "hidden": 16}, "lm": {"hidden": 12}}.items():
        out = folder / name
        steps = 250 if name == "both" else 5
        for _ in charrnn.train(folder / "chain.txt", out=out, steps=steps, **FAST, **given):
            pass
    return folder


@pytest.fixture(scope="module")
def net(folder):
    return charrnn.load(folder / "both")


def test_a_gap_is_filled_as_bayes_fills_it(net):
    """Between l and r of a Markov chain, p(x) is proportional to P(l, x) P(x, r)."""
    whole = chain(41, 1000)
    for place in range(5, 35):
        left, right = ("abcd".index(whole[at]) for at in (place - 1, place + 1))
        expected = CHAIN[left] * CHAIN[:, right]
        expected /= expected.sum()
        found = net.fill(whole[:place] + "_" + whole[place + 1 :], "_")
        shares = {one.filling: one.probability for one in found}
        assert [shares[one] for one in "abcd"] == pytest.approx(expected, abs=0.08)


def test_an_impossible_letter_is_found_with_its_line_and_column(folder, net):
    lines = [chain(60, 2000 + number) for number in range(4)]
    right = net.measure(folder / "chain.txt").nats
    place = next(at for at in range(20, 60) if lines[2][at - 1 : at + 2] == "abc")
    lines[2] = lines[2][:place] + "c" + lines[2][place + 1 :]  # after a c never comes
    (folder / "typo.txt").write_text("\n".join(lines))
    read = run(folder, "inspect", "text", "typo.txt", "-m", "both", "--top", "5", "--json")
    found = json.loads(read.stdout)
    worst = found["rows"][0]
    assert (worst["line"], worst["column"], worst["character"]) == (3, place + 1, "c")
    assert worst["likelier"] in "bd"
    assert worst["bits"] > 4 * right / np.log(2)
    assert found["rows"] == sorted(found["rows"], key=lambda one: -one["gain"])
    piped = run(
        folder, "inspect", "text", "-", "-m", "both", "--top", "1", stdin="\n".join(lines)
    ).stdout
    assert f"3:{place + 1}  " in piped
    assert "[c]" in piped
    python = charrnn.proofread(net, text="\n".join(lines), top=1)
    assert python.found[0].place == worst["place"]
    assert "[c]" in python._repr_html_()


def test_a_word_is_listed_once(net):
    found = charrnn.proofread(net, text="bbb\n" * 30, top=30).found
    assert [one.times for one in found if one.word == "bbb"] == [30]


def test_gaps_are_filled_by_line_or_ranked(folder):
    lines = run(folder, "sample", "both", "--fill", "_", stdin="dabc_c\nabc_c\n").stdout
    assert lines == "dabcbc\nabcbc\n"
    made = run(folder, "sample", "both", "--fill", "__", "--prompt", "ab__cb", "--json").stdout
    found = json.loads(made)
    assert {len(one["filling"]) for one in found["fillings"]} == {2}
    nats = [one["nats"] for one in found["fillings"]]
    assert nats == sorted(nats)


def test_score_is_the_mean_loss_given_both_sides(folder, net):
    made = run(folder, "inspect", "score", "-m", "both", "--prompt", "abcbcd", "--json").stdout
    nats = between.judged(net, net.vocabulary.encode("abcbcd")).nats
    assert json.loads(made)["nats"] == pytest.approx(nats[1:].mean())
    assert net.score("abcbcd") == pytest.approx(nats[1:].mean())


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (["fill", "temp"], "--temp is for models that write; RUN fills gaps"),
        (["prompt"], "RUN writes no new text"),
    ],
)
def test_what_a_model_of_both_sides_does_not_do_is_one_line(given, line):
    with pytest.raises(UsageError, match=line) as error:
        cloze.refuse_writing(given, "RUN")
    assert "--fill ____" in error.value.hint


def test_from_python_what_is_not_there_says_so(folder, net):
    with pytest.raises(UsageError, match="fills gaps"):
        net.sample()
    with pytest.raises(UsageError, match="fills gaps"):
        net.label("abc")
    with pytest.raises(UsageError, match="predicts no next one"):
        charrnn.surprise(net, text="abc")
    with pytest.raises(UsageError, match="does not read both sides"):
        charrnn.proofread(charrnn.load(folder / "lm"), text="abc")
    given = FAST | {"embedding": 16, "hidden": 16, "tied": True, "steps": 1}
    with pytest.raises(UsageError, match="tied"):
        next(charrnn.train(folder / "chain.txt", task="cloze", out=folder / "t", **given))
    with pytest.raises(UsageError, match="cannot read backwards") as error:
        next(charrnn.train(folder / "chain.txt", bidirectional=True))
    assert "cloze" in error.value.hint


def test_a_language_model_gives_the_layers_that_read_forwards(folder):
    given = {"task": "cloze", "init_from": str(folder / "lm"), "out": folder / "begun"}
    for _ in charrnn.train(folder / "chain.txt", steps=1, learning_rate=1e-9, batch=16, **given):
        pass
    old, new = (
        checkpoint.load(folder / name / "last.safetensors").weights for name in ("lm", "begun")
    )
    for name in ("embedding.weight", "rnn.weight_ih_l0", "rnn.weight_hh_l0"):
        np.testing.assert_allclose(new[name], old[name], atol=1e-6)
    assert np.abs(new["rnn.weight_hh_l0_reverse"] - old["rnn.weight_hh_l0"]).max() > 0.1


def test_the_file_says_that_directions_are_apart_and_has_a_format_of_its_own(net):
    made = net.checkpoint
    assert made.architecture.apart
    assert made.architecture.bidirectional
    assert made.format == 5
    assert made.provenance["validation_nats"] == pytest.approx(net.measure().nats, abs=1e-4)
