"""A model that writes a text for a label: trained, resumed, sampled, inspected by the commands."""

import json
import re

import numpy as np
import pytest

import charrnn
from charrnn import checkpoint
from tests import processes

FAST = ["--hidden", "16", "--epochs", "12", "--batch", "8", "--dropout", "0", "--lr", "0.01", "-q"]
TRAIN = ["train", "train.tsv", "--task", "conditional"]
LETTERS = {"consonant": "bdgkm", "vowel": "aeiou"}


def run(folder, *arguments, stdin="", code=0):
    done = processes.run(*arguments, cwd=folder, stdin=stdin)
    assert done.returncode == code, done.stderr
    return done


def rows(count, seed):
    """Return texts of which the label decides every letter; three of four are vowels."""
    random = np.random.default_rng(seed)
    for number in range(count):
        label = "consonant" if number % 4 == 0 else "vowel"
        yield "".join(random.choice(list(LETTERS[label]), random.integers(2, 9))), label


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a table for training, one for testing, and two models."""
    folder = tmp_path_factory.mktemp("conditional")
    for name, seed in (("train", 0), ("test", 1)):
        lines = [f"{text}\t{label}\n" for text, label in rows(400, seed)]
        (folder / f"{name}.tsv").write_text("".join(lines))
    run(folder, *TRAIN, *FAST, "-o", "lstm")
    run(
        folder, *TRAIN, *FAST, "--backbone", "gru", "--layers", "2", "--embedding", "0", "-o", "gru"
    )
    return folder


@pytest.mark.parametrize("how", [[], ["--weights", "int8"], ["--top-p", "0.9"], ["--beam", "3"]])
@pytest.mark.parametrize("label", LETTERS)
@pytest.mark.parametrize("model", ["lstm", "gru"])
def test_what_is_written_follows_the_label(folder, model, label, how):
    many = ["--temp", "0.5", "--samples", "20"] if how[:1] in ([], ["--top-p"]) else []
    start = ["--prompt", LETTERS[label][0]] if "--beam" in how else []  # the likeliest is short
    done = run(folder, "sample", model, "--label", label, "--seed", "1", *how, *many, *start)
    letters = set("".join(done.stdout.split()))
    assert letters
    assert letters <= set(LETTERS[label])
    assert f"label {label}" in done.stderr


def test_a_mixture_lies_between_the_labels(folder):
    """Of two vectors halfway the texts have letters of both, of one alone hardly any."""
    shares = []
    for label in ("vowel", "vowel:0.5,consonant:0.5", "consonant"):
        flags = ["--label", label, "--samples", "200", "--seed", "1"]
        out = "".join(run(folder, "sample", "lstm", *flags).stdout.split())
        shares.append(sum(one in "aeiou" for one in out) / len(out))
    assert shares[0] > 0.97 > shares[1] > 0.03 > shares[2]


def test_without_a_label_they_are_drawn_by_their_frequency_and_named(folder):
    done = run(folder, "sample", "lstm", "--samples", "400", "--seed", "1", "--json")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    vowels = sum(one["label"] == "vowel" for one in found)
    assert len(found) == 400
    assert 260 < vowels < 340  # of 300 expected; the standard deviation is 9
    line = f"labels drawn by their frequency: vowel {vowels}, consonant {400 - vowels}"
    assert done.stderr.splitlines()[0] == line
    right = [set(one["text"]) <= set(LETTERS[one["label"]]) for one in found]
    assert np.mean(right) > 0.9
    one = run(folder, "sample", "lstm", "--seed", "2")
    assert re.match("labels drawn by their frequency: (vowel|consonant)\n", one.stderr)


def test_the_modes_of_writing_work_for_a_label(folder):
    sample = ["sample", "lstm", "--label", "vowel", "--seed", "1"]
    assert run(folder, *sample, "--prompt", "aei").stdout.startswith("aei")
    assert re.fullmatch("a[aeiou]{3}", run(folder, *sample, "--match", "a[a-z]{3}").stdout.strip())
    fill = [*sample[:-2], "--prompt", "a_e", "--fill", "_"]
    assert run(folder, *fill).stdout.split()[1][1] in "aeiou"
    copies = run(folder, *sample, "--samples", "5", "--max-copy", "3").stdout.split()
    learned = {text for text, _ in rows(400, 0)}
    assert not [text for text in copies if len(text) > 3 and text in learned]
    said = json.loads(run(folder, *sample, "--json", "--log-probs").stdout)
    assert said["label"] == said["settings"]["label"] == "vowel"
    talk = run(folder, "sample", "lstm", "--label", "vowel", "--interactive", stdin="a\n").stdout
    assert set(talk.strip()) <= set("aeiou")
    live = run(folder, *sample, "--color", "neuron:3", "--clamp", "2=0.5").stdout
    assert live.strip()


def test_score_has_the_loss_with_the_label_and_without_and_the_likeliest_label(folder):
    """The label decides a text wholly: without it a text costs its share, -ln p(label), more."""
    found = json.loads(run(folder, "inspect", "score", "test.tsv", "-m", "lstm", "--json").stdout)
    assert found["accuracy"] == found["macro_f1"] == 1.0
    low, high = found["intervals"]["nats"]
    assert low < found["nats"] < high
    assert found["confusion"] == [[100, 0], [0, 300]]
    characters = sum(len(text) + 1 for text, _ in rows(400, 1))
    assert found["characters"] == characters
    model = checkpoint.load(folder / "lstm" / "best.safetensors")
    costs = -np.log(model.label_shares)
    gain = (100 * costs[0] + 300 * costs[1]) / characters
    assert found["nats_without_label"] - found["nats"] == pytest.approx(gain, abs=1e-3)
    each = {}
    for label in LETTERS:
        lines = [f"{text}\t{label}\n" for text, one in rows(400, 1) if one == label]
        (folder / f"{label}.tsv").write_text("".join(lines))
        flags = [f"{label}.tsv", "--label", label, "-m", "lstm", "--json"]
        each[label] = json.loads(run(folder, "inspect", "score", *flags).stdout)
    total = sum(one["characters"] * one["nats"] for one in each.values())
    assert found["nats"] == pytest.approx(total / characters, abs=1e-6)
    shown = run(folder, "inspect", "score", "-m", "lstm").stdout
    assert "by Bayes, the label under which a text is the likeliest" in shown


@pytest.mark.parametrize(("model", "flags"), [("lstm", ["--label", "vowel"]), ("gru", [])])
@pytest.mark.parametrize(
    "view",
    [["gates"], ["neuron", "3"], ["explain", "3"], ["ablate", "3"], ["text"], ["errors"],
     ["find", "vowel"], ["page", "p.html"]],
)  # fmt: skip
def test_each_view_reads_texts_with_their_labels_or_for_one(folder, view, model, flags):
    done = run(folder, "inspect", *view, *flags, "-t", "test.tsv", "-m", model, "-f")
    assert done.stdout or (folder / "p.html").stat().st_size > 10_000


def test_views_read_each_text_with_its_own_label(folder):
    """The loss over all texts is that of `score`; for one label, the other's cost far more."""
    score = json.loads(run(folder, "inspect", "score", "-m", "lstm", "--json").stdout)
    flags = ["inspect", "text", "-m", "lstm", "-n", "100000", "--json"]
    own = [one["bits"] for one in json.loads(run(folder, *flags).stdout)["rows"]]
    assert np.mean(own[1:]) * np.log(2) == pytest.approx(score["nats"], abs=1e-5)
    table = [*flags, "-t", "consonant.tsv", "--label"]
    (folder / "consonant.tsv").write_text("bdg\tconsonant\nkm\tconsonant\n")
    right, wrong = (
        np.mean([one["bits"] for one in json.loads(run(folder, *table, label).stdout)["rows"]][1:])
        for label in ("consonant", "vowel")
    )
    assert wrong > right + 2


def test_two_models_are_compared_on_texts_with_their_labels(folder):
    view = ["inspect", "compare", "lstm", "gru", "-t", "test.tsv", "--json"]
    found = json.loads(run(folder, *view).stdout)
    scores = [
        json.loads(run(folder, "inspect", "score", "test.tsv", "-m", model, "--json").stdout)
        for model in ("lstm", "gru")
    ]
    assert found["nats"] == pytest.approx([one["nats"] for one in scores], abs=1e-5)


def test_from_python_a_label_is_given(folder):
    net = charrnn.load(folder / "lstm")
    texts = list(net.sample(label="vowel", samples=10, seed=1, temp=0.5))
    assert set("".join(texts)) <= set("aeiou")
    measured = net.measure(folder / "test.tsv")
    score = json.loads(run(folder, "inspect", "score", "test.tsv", "-m", "lstm", "--json").stdout)
    assert (measured.nats, measured.nats_without) == pytest.approx(
        (score["nats"], score["nats_without_label"])
    )
    assert "by Bayes" in measured._repr_html_()
    vowel = net.given("vowel")
    assert vowel.score("aeiou") < vowel.score("bdgkm") - 2
    assert charrnn.surprise(vowel, text="aeiou").bits[1:].mean() * np.log(2) == pytest.approx(
        vowel.score("aeiou")
    )
    assert set("".join(vowel.sample(temp=0.5, seed=2))) <= set("aeiou")
    with pytest.raises(charrnn.errors.UsageError, match="a text is scored for a label"):
        net.score("aeiou")
    with pytest.raises(charrnn.errors.UsageError, match="for a label already"):
        vowel.sample(label="consonant")


def test_a_stopped_run_goes_on_to_the_same_model(folder, stopped_at):
    """Twelve epochs of 45 steps: the second of two sittings begins where the first was stopped."""
    whole = json.loads(run(folder, "inspect", "checkpoint", "lstm", "--json").stdout)
    flags = {"task": "conditional", "corpus": ("train.tsv",), "hidden": 16, "epochs": 12}
    stopped_at(100, folder, **flags, batch=8, dropout=0.0, learning_rate=0.01)
    run(folder, "train", "--resume", "parts", "-q")
    parts = json.loads(run(folder, "inspect", "checkpoint", "parts", "--json").stdout)
    assert parts["provenance"]["steps"] == whole["provenance"]["steps"]
    assert parts["provenance"]["validation_nats"] == whole["provenance"]["validation_nats"]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["sample", "lstm", "--label", "vowl"], "sample: there is no label 'vowl'\n  near: vowel"),
        (["sample", "lstm", "--label", "vowel:x,consonant"], "sample: --label: 'vowel:x' has no"),
        (["sample", "demo", "--label", "vowel"], "sample: --label is for models that write texts"),
        (["sample", "lstm", "--fill", "_", "--prompt", "a_"], "sample: --fill: the model writes"),
        (
            ["inspect", "gates", "-m", "demo", "--label", "x"],
            "inspect gates: --label is for models",
        ),
        (["inspect", "text", "--prompt", "ab", "-m", "lstm"], "inspect text: this model reads a"),
        (
            ["train", "train.tsv", "--task", "conditional", "--bidirectional"],
            "train: bidirectional",
        ),
        (
            ["train", "train.tsv", "--task", "conditional", "--pool", "max"],
            "train: pool: it is for",
        ),
    ],
)
def test_what_makes_no_sense_is_one_line(folder, arguments, line):
    assert run(folder, *arguments, code=2).stderr.startswith(f"charrnn {line}")


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("", "train: no text with a label is in bad.tsv"),
        ("ab\nba\n", "train: no text with a label is in bad.tsv"),
        ("ab\tx\nba\tx\n", "train: bad has one label, 'x'"),
        ("ab\tx\ncd\ty\n", "train: bad has too few texts"),
    ],
)
def test_a_table_that_cannot_be_learned_is_one_line(folder, table, line):
    (folder / "bad.tsv").write_text(table)
    done = run(folder, "train", "bad.tsv", "--task", "conditional", "-o", "no", code=1)
    assert done.stderr.splitlines()[0].startswith(f"charrnn {line}")


def test_a_letter_never_seen_is_read_as_unknown(folder):
    (folder / "odd.tsv").write_text("aeż\tvowel\n")
    found = json.loads(run(folder, "inspect", "score", "odd.tsv", "-m", "lstm", "--json").stdout)
    assert found["characters"] == 4


def test_the_file_has_its_labels_their_counts_and_a_format_of_its_own(folder):
    assert json.loads(run(folder, "inspect", "checkpoint", "lstm", "--json").stdout)["format"] == 3
    model = checkpoint.load(folder / "lstm" / "best.safetensors")
    assert model.labels == ("consonant", "vowel")
    assert sum(model.label_counts) == 360
    assert model.weights["labels.weight"].shape == (2, 32)
