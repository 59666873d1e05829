"""A model that labels texts: trained, resumed, asked and scored by the commands."""

import io
import json
import subprocess
import sys

import numpy as np
import pytest

import charrnn
from charrnn import checkpoint, labelling
from charrnn.cli import labels
from charrnn.sampling.settings import SampleConfig
from tests import processes

FAST = ["--hidden", "16", "--epochs", "6", "--batch", "8", "--dropout", "0", "-q"]
ENDS = {"vowel": "aeiou", "consonant": "bdgkm"}


def run(folder, *arguments, stdin="", code=0):
    done = processes.run(*arguments, cwd=folder, stdin=stdin)
    assert done.returncode == code, done.stderr
    return done


def rows(count, seed):
    """Return texts whose last letter decides the label."""
    random = np.random.default_rng(seed)
    for number in range(count):
        label = list(ENDS)[number % 2]
        body = "".join(random.choice(list("aeioubdgkm"), random.integers(2, 9)))
        yield body + random.choice(list(ENDS[label])), label


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a table for training, one for testing, and a model of each kind."""
    folder = tmp_path_factory.mktemp("classify")
    for name, seed in (("train", 0), ("test", 1)):
        lines = [f"{text}\t{label}\n" for text, label in rows(400, seed)]
        (folder / f"{name}.tsv").write_text("".join(lines))
    run(folder, "train", "train.tsv", "--task", "classify", *FAST, "-o", "both")
    one_way = ["--no-bidirectional", "--pool", "last"]
    run(folder, "train", "train.tsv", "--task", "classify", *FAST, *one_way, "-o", "one")
    return folder


@pytest.mark.parametrize("model", ["both", "one"])
def test_it_learns_what_decides_the_label(folder, model):
    found = json.loads(run(folder, "inspect", "score", "test.tsv", "-m", model, "--json").stdout)
    assert found["accuracy"] > 0.95
    assert found["version"] == 2
    assert list(found["intervals"]) == ["accuracy", "macro_f1", "log_loss"]
    low, high = found["intervals"]["accuracy"]
    assert 0.9 < low <= found["accuracy"] <= high <= 1
    assert found["labels"] == ["consonant", "vowel"]
    assert np.sum(found["confusion"]) == found["texts"] == 400
    assert found["rows"][0]["texts"] == 200


def test_a_text_a_line_gets_a_line_of_label_and_probability(folder):
    lines = run(folder, "sample", "one", stdin="bada\nkam\n").stdout.splitlines()
    (first, p), (second, q) = (line.split("\t") for line in lines)
    assert (first, second) == ("vowel", "consonant")
    assert 0.5 < float(p) <= 1
    assert 0.5 < float(q) <= 1
    assert run(folder, "sample", "one", "--prompt", "bada").stdout == lines[0] + "\n"
    both = run(folder, "sample", "one", "--prompt", "bada", "--top", "2").stdout.split("\t")
    assert both[::2] == ["vowel", "consonant"]
    assert float(both[1]) + float(both[3]) == pytest.approx(1, abs=1e-3)


def test_json_has_the_text_and_its_labels(folder):
    out = run(folder, "sample", "one", "--top", "2", "--json", stdin="xyz→\n").stdout
    found = json.loads(out)
    assert found["text"] == "xyz→"  # letters that it has never seen are read as unknown
    assert [set(one) for one in found["labels"]] == [{"label", "probability"}] * 2


def test_texts_read_together_get_what_each_gets_alone(folder):
    for name in ("one", "both"):
        network = checkpoint.load(folder / name / "best.safetensors").network()
        texts = [text for text, _ in rows(40, 3)]
        together = labelling.log_probabilities(network, labelling.encoded(network, texts))
        alone = [
            labelling.log_probabilities(network, labelling.encoded(network, [text]))[0]
            for text in texts
        ]
        assert together == pytest.approx(np.array(alone), abs=1e-5)


@pytest.mark.parametrize("flag", [["--temp", "0.5"], ["--match", "a+"], ["-n", "5"]])
def test_what_is_for_writing_is_refused_by_name(folder, flag):
    done = run(folder, "sample", "one", "--prompt", "a", *flag, code=2)
    name = {"-n": "--length"}.get(flag[0], flag[0])
    assert done.stderr.startswith(
        f"charrnn sample: {name} is for models that write; one/best.safetensors labels texts\n"
    )


def test_without_a_model_the_newest_that_writes_is_taken(folder, tmp_path):
    (tmp_path / "checkpoints").symlink_to(folder)
    done = run(tmp_path, "sample", "-n", "3", "--seed", "1")
    assert done.stderr.startswith("checkpoints/one labels texts; it is passed over\n")
    assert len(done.stdout) == 3


def test_bad_rows_are_named_or_counted(folder):
    (folder / "bad.tsv").write_text("bada\tvowel\nno tab\nkam\tunheard\n")
    done = run(folder, "inspect", "score", "bad.tsv", "-m", "one", code=1)
    assert done.stderr.splitlines()[0] == (
        "charrnn inspect score: bad.tsv, line 2: there is no tab (and 1 more bad row)"
    )
    done = run(folder, "inspect", "score", "bad.tsv", "-m", "one", "--skip-bad", "--json")
    assert json.loads(done.stdout)["texts"] == 1
    assert "2 bad rows skipped" in done.stderr


def test_a_stopped_run_goes_on_to_the_same_model(folder, stopped_at):
    """Six epochs of 45 steps: the second of two sittings begins where the first was killed."""
    whole = json.loads(run(folder, "inspect", "checkpoint", "both", "--json").stdout)
    flags = {"task": "classify", "corpus": ("train.tsv",), "hidden": 16, "epochs": 6, "batch": 8}
    stopped_at(100, folder, **flags, dropout=0.0)
    run(folder, "train", "--resume", "parts", "-q")
    parts = json.loads(run(folder, "inspect", "checkpoint", "parts", "--json").stdout)
    assert parts["provenance"]["steps"] == whole["provenance"]["steps"]
    assert parts["provenance"]["validation_nats"] == whole["provenance"]["validation_nats"]


@pytest.mark.parametrize("model", ["one", "both"])
@pytest.mark.parametrize(
    "view", [["gates"], ["neuron", "3"], ["find", "vowel"], ["page", "p.html"]]
)
def test_a_view_of_neurons_reads_a_model_that_labels(folder, view, model):
    done = run(folder, "inspect", *view, "-m", model, "-f")
    assert done.stdout or (folder / "p.html").stat().st_size > 10_000


@pytest.mark.parametrize("model", ["one", "both"])
def test_each_view_answers_for_a_model_that_labels(folder, model):
    """Its texts end in what decides their label, so the label is decided at the last character."""
    found = json.loads(run(folder, "inspect", "text", "test.tsv", "-m", model, "--json").stdout)
    late = [one["decided"] == one["characters"] for one in found["texts"] if one["decided"]]
    first = [one for one in found["texts"] if one["label"] == one["known"]]
    assert len(first) > 0.9 * len(found["texts"])
    assert any(late)
    found = json.loads(run(folder, "inspect", "errors", "test.tsv", "-m", model, "--json").stdout)
    score = json.loads(run(folder, "inspect", "score", "test.tsv", "-m", model, "--json").stdout)
    assert found["texts"] == 400
    assert len(found["rows"]) == found["mistakes"] == round(400 * (1 - score["accuracy"]))
    address = "backward:1:3" if model == "both" else "1:3"
    view = ["inspect", "ablate", address, "-m", model, "-t", "test.tsv"]
    assert "nats per text added to the loss" in run(folder, *view).stdout
    (row,) = json.loads(run(folder, *view, "--json").stdout)["rows"]
    assert row["accuracy"][0] == score["accuracy"]
    assert sum(one["texts"] for one in row["labels"]) == 400
    card = run(folder, "inspect", "explain", address, "-m", model).stdout
    assert "nats per text without it" in card
    assert "promotes" in card


def test_two_models_are_compared_on_the_same_texts(folder):
    view = ["inspect", "compare", "one", "both", "-t", "test.tsv"]
    found = json.loads(run(folder, *view, "--json").stdout)
    paired, scores = (
        found["paired"],
        [
            json.loads(run(folder, "inspect", "score", "test.tsv", "-m", model, "--json").stdout)
            for model in ("one", "both")
        ],
    )
    assert paired["accuracy"] == [one["accuracy"] for one in scores]
    assert found["nats"] == pytest.approx([one["log_loss"] for one in scores])
    assert paired["loss"]["mean"] == pytest.approx(found["nats"][0] - found["nats"][1])
    assert paired["both"] + paired["only_a"] == round(400 * scores[0]["accuracy"])
    assert "per character" not in run(folder, *view).stdout


@pytest.mark.parametrize(
    ("view", "line"),
    [
        (
            ["text", "--prompt", "bada", "--top", "2", "-m", "one"],
            "--top is for models that predict",
        ),
        (["errors", "plain.txt", "-m", "one"], "these texts have no labels to compare the model's"),
        (["compare", "one", "demo"], "one model labels texts, and the other predicts characters"),
    ],
)
def test_what_makes_no_sense_for_labels_is_one_line(folder, view, line):
    (folder / "plain.txt").write_text("bada\nkam\n")
    assert line in run(folder, "inspect", *view, code=2).stderr


def test_one_label_and_both_ways_for_a_text_that_is_written_are_refused(folder):
    (folder / "same.tsv").write_text("a\tx\nb\tx\n")
    done = run(folder, "train", "same.tsv", "--task", "classify", code=1)
    assert "same has one label, 'x'" in done.stderr
    done = run(folder, "train", "train.tsv", "--bidirectional", code=2)
    assert "cannot read backwards" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["train", "train.tsv", "--pool", "max"], "train: pool: it is for learning a label"),
        (["train", "train.tsv", "--pool", "mean"], "train: pool: it is for learning a label"),
        (
            ["train", "train.tsv", "--no-bidirectional"],
            "train: bidirectional: it is for learning a label",
        ),
        (["train", "--task", "classify"], "train: python has no labels; name a table, or a folder"),
        (["sample", "one", "--prompt", "a", "--top", "0"], "sample: --top is 0, but must be at"),
    ],
)
def test_what_a_newcomer_forgets_is_one_line(folder, arguments, line):
    code = 1 if "classify" in arguments else 2
    assert run(folder, *arguments, code=code).stderr.startswith(f"charrnn {line}")


def test_a_line_that_is_no_text_is_named(folder):
    program = [sys.executable, "-m", "charrnn", "sample", "one"]
    done = subprocess.run(program, cwd=folder, input=b"bada\n\xff\n", capture_output=True)
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == b"charrnn sample: stdin, line 2: it is not utf-8"


def test_without_validation_the_last_model_is_kept(folder):
    run(
        folder,
        "train",
        "train.tsv",
        "--task",
        "classify",
        "--validation",
        "0",
        "--steps",
        "5",
        "--hidden",
        "4",
        "--out",
        "none",
        "-q",
    )
    assert (
        json.loads(run(folder, "inspect", "checkpoint", "none", "--json").stdout)[
            "heldout_characters"
        ]
        == 0
    )


def test_two_models_are_scored_on_the_same_texts_in_pairs(folder):
    both = ["-m", "both", "-m", "one"]
    found = json.loads(run(folder, "inspect", "score", "test.tsv", *both, "--json").stdout)
    assert found["texts"] == 400
    rows = {row["measure"]: row for row in found["rows"]}
    for letter, model in zip("ab", ("both", "one"), strict=True):
        alone = charrnn.load(folder / model).measure(folder / "test.tsv").tallies.values
        assert {name: row[letter] for name, row in rows.items()} == pytest.approx(alone)
    low, high = rows["log_loss"]["interval"]
    assert low < rows["log_loss"]["a"] - rows["log_loss"]["b"] < high


def test_a_line_is_answered_before_the_next_one_is_there(make_labeller):
    stream, answered = io.StringIO(), []

    def lines():
        for _ in range(2):
            yield ["ab"]
            answered.append(stream.getvalue().count("\n"))

    labels.answer(make_labeller(), lines(), SampleConfig(), stream)
    assert answered == [1, 2]
