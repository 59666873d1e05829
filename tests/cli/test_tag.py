"""A model that tags characters: trained, resumed, asked and scored by the commands."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from scipy.special import log_softmax

import charrnn
from charrnn import checkpoint, tagging
from charrnn.errors import CharrnnError
from charrnn.text import tagged, tags
from tests.cli.test_classify import run

FAST = ["--layers", "1", "--hidden", "16", "--embedding", "8", "--batch", "8", "--dropout", "0"]
FAST += ["--average", "0", "--weight-decay", "0", "--learning-rate", "0.02", "--epochs", "8", "-q"]


def marked(text):
    """Put a caron on each s before a t: what comes next decides it, and no letter before."""
    return text.replace("st", "št")


def lines(count, seed):
    random = np.random.default_rng(seed)
    for _ in range(count):
        words = ["".join(random.choice(list("asto"), random.integers(1, 7))) for _ in range(4)]
        yield marked(" ".join(words))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with texts for training and testing, and a model of each kind."""
    folder = tmp_path_factory.mktemp("tag")
    for name, seed in (("train", 0), ("test", 1)):
        whole = list(lines(400, seed))
        (folder / f"{name}.txt").write_text("".join(f"{line}\n" for line in whole), "utf-8")
        rows = [
            (line, " ".join("vowel" if one in "ao" else "other" for one in line)) for line in whole
        ]
        (folder / f"{name}.tsv").write_text("".join(f"{a}\t{b}\n" for a, b in rows), "utf-8")
    made = ["train", "train.txt", "--task", "tag", "--tag", "diacritics"]
    run(folder, *made, *FAST, "-o", "both")
    run(folder, *made, *FAST, "--no-bidirectional", "-o", "one")
    run(folder, "train", "train.tsv", "--task", "tag", *FAST, "--epochs", "2", "-o", "named")
    return folder


def scored(folder, model, file="test.txt", *more):
    out = run(folder, "inspect", "score", file, "-m", model, "--json", *more).stdout
    return json.loads(out)


def test_what_comes_next_decides_a_tag_for_a_model_that_reads_both_ways(folder):
    found = scored(folder, "both")
    assert found["tag_accuracy"] > 0.99
    assert found["labels"] == ["", "\u030c"]
    assert np.sum(found["confusion"]) == found["characters"]
    other = scored(folder, "one")
    assert other["tag_accuracy"] < 0.97
    for name, (low, high) in other["intervals"].items():
        assert low < other[name] < high
    assert {"word_accuracy", "diacritic_error_rate", "log_loss"} < set(other["intervals"])


def test_measures_are_those_of_the_text_that_sample_writes(folder):
    """The same, counted on the words and letters of the texts themselves."""
    whole = (folder / "test.txt").read_text("utf-8")
    restored = run(folder, "sample", "one", stdin=whole).stdout
    found = scored(folder, "one")
    pairs = list(zip(whole.split(), restored.split(), strict=True))
    assert found["words"] == len(pairs)
    assert found["word_accuracy"] == pytest.approx(sum(a == b for a, b in pairs) / len(pairs))
    letters = [(a, b) for a, b in zip(whole, restored, strict=True) if a.isalpha()]
    assert found["letters"] == len(letters)
    wrong = sum(a != b for a, b in letters) / len(letters)
    assert 0 < found["diacritic_error_rate"] == pytest.approx(wrong)


def test_a_line_gets_its_line_restored_and_its_own_marks_do_not_count(folder):
    text = "sta sat\n\nšaš tost\n"
    assert run(folder, "sample", "both", stdin=text).stdout == "šta sat\n\nsas tošt\n"
    assert run(folder, "sample", "both", "--prompt", "ost").stdout == "ošt\n"
    assert run(folder, "sample", "both", stdin="xyz→").stdout == "xyz→\n"  # never seen, and kept
    (line,) = run(folder, "sample", "both", "--json", "--prompt", "sta").stdout.splitlines()
    assert json.loads(line) == {"version": 1, "text": "šta"}


def test_each_line_is_answered_before_the_next_one_comes(folder):
    program = [sys.executable, "-m", "charrnn", "sample", "both"]
    with subprocess.Popen(
        program, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ
    ) as process:
        for text in ("sta", "as"):
            process.stdin.write(f"{text}\n".encode())
            process.stdin.flush()
            assert process.stdout.readline().decode() == f"{marked(text)}\n"
        process.stdin.close()


def test_tags_with_names_are_written_as_conll(folder):
    out = run(folder, "sample", "named", stdin="sa\no\n").stdout
    assert out == "s\tother\na\tvowel\n\no\tvowel\n\n"
    found = json.loads(run(folder, "sample", "named", "--json", "--prompt", "sa").stdout)
    assert found["tags"] == ["other", "vowel"]
    found = scored(folder, "named", "test.tsv")
    assert found["tag_accuracy"] == 1
    assert "diacritic_error_rate" not in found
    assert [row["tag"] for row in found["rows"]] == ["other", "vowel"]


@pytest.mark.parametrize("kind", ["case", "spaces", "punctuation"])
def test_a_plain_text_needs_no_labels(tmp_path, kind):
    text = "".join(" ".join([f"Ja, so {word}!"] * 3) + "\n" for word in ("Tat", "Tot", "Rat") * 30)
    (tmp_path / "plain.txt").write_text(text)
    fast = [*FAST, "--epochs", "3"]
    run(tmp_path, "train", "plain.txt", "--task", "tag", "--tag", kind, *fast, "-o", "run")
    line = "Ja, so Tat! Ja, so Rat! Ja, so Tot!"
    stripped, _ = tags.PAIRS[kind].strip(line)
    assert run(tmp_path, "sample", "run", "--prompt", stripped).stdout == line + "\n"


def test_lines_tagged_together_get_what_each_gets_alone_and_in_windows(folder):
    model = checkpoint.load(folder / "both" / "best.safetensors")
    network = model.network()
    some = [*lines(20, 3), " ".join(lines(60, 4))]
    together = tagging.restored(network, model, some)
    assert together == [tagging.restored(network, model, [line])[0] for line in some]
    assert together[-1] == some[-1]  # a text of several windows, marks at their edges too
    assert len(some[-1]) > 2 * tagged.WINDOW


@pytest.mark.parametrize("model", ["one", "both"])
def test_losses_are_those_of_the_network_in_torch(folder, model):
    import torch

    from charrnn.training.model import CharacterModel
    from charrnn.training.tasks import tag

    loaded = checkpoint.load(folder / model / "best.safetensors")
    network = loaded.network()
    rows = tagged.of_lines([*lines(30, 5), " ".join(lines(60, 6))], "diacritics")
    texts = tagged.encoded(rows, loaded.vocabulary, loaded.labels, loaded.record_end)
    torches = CharacterModel(loaded.architecture).eval()
    torches.begin_with(loaded.weights)
    found = tagging.judged(network, texts)
    wanted = np.full(len(texts.ids), np.nan)
    for first, last in zip(texts.starts, [*texts.starts[1:], len(texts.ids)], strict=True):
        for start, stop, begin, end in texts.windows[
            (texts.windows[:, 2] >= first) & (texts.windows[:, 2] < last)
        ]:  # one by one, so that nothing is padded
            with torch.no_grad():
                ids = torch.from_numpy(texts.ids[start:stop].astype(np.int64))
                logs = log_softmax(torches(ids[:, None])[0][:, 0].numpy(), axis=1)
            labels = texts.labels[begin:end]
            nats = -logs[np.arange(begin - start, end - start), np.maximum(labels, 0)]
            wanted[begin:end] = np.where(labels < 0, np.nan, nats)
    assert found.nats == pytest.approx(wanted, abs=1e-5, nan_ok=True)
    assert tag.evaluate(torches, texts).nats == pytest.approx(np.nanmean(wanted), abs=1e-5)


def test_a_stopped_run_goes_on_to_the_same_model(folder, stopped_at):
    """Eight epochs of 45 steps: the second of two sittings begins where the first was killed."""
    flags = {"task": "tag", "tag": "diacritics", "corpus": ("train.txt",), "layers": 1}
    flags |= {"hidden": 16, "embedding": 8, "batch": 8, "dropout": 0.0, "average": 0.0}
    stopped_at(100, folder, **flags, weight_decay=0.0, learning_rate=0.02, epochs=8)
    run(folder, "train", "--resume", "parts", "-q")
    whole, parts = (
        json.loads(run(folder, "inspect", "checkpoint", model, "--json").stdout)["provenance"]
        for model in ("both", "parts")
    )
    assert parts["steps"] == whole["steps"] == 360
    assert parts["validation_nats"] == whole["validation_nats"]


@pytest.mark.parametrize("model", ["one", "both"])
def test_each_view_answers_for_a_model_of_tags(folder, model):
    found = json.loads(run(folder, "inspect", "text", "test.txt", "-m", model, "--json").stdout)
    whole = (folder / "test.txt").read_text("utf-8")
    if model == "both":
        assert found["restored"][:500] == whole[:500]
    assert all(0 < row["probability"] <= 1 for row in found["rows"])
    score = scored(folder, model)
    found = json.loads(run(folder, "inspect", "errors", "test.txt", "-m", model, "--json").stdout)
    assert found["mistakes"] == len(found["rows"])
    assert found["mistakes"] == round(score["characters"] * (1 - score["tag_accuracy"]))
    for row in found["rows"]:
        assert row["tag"] != row["got"]
        assert row["around"] in whole


def test_a_view_of_neurons_reads_a_model_of_tags(folder):
    for view in (["gates"], ["neuron", "1:3"], ["find", "space"]):
        assert run(folder, "inspect", *view, "-m", "one").stdout
    address = "backward:1:3"
    card = run(folder, "inspect", "explain", address, "-m", "both").stdout
    assert "nats per character without it" in card
    assert "promotes" in card
    view = ["inspect", "ablate", address, "-m", "both", "-t", "test.txt"]
    assert "nats per character added to the loss" in run(folder, *view).stdout


def test_a_unit_that_decides_is_dear_to_lose(folder):
    """All units together hold the network's state: without them, a guess by frequency is left."""
    from charrnn import reading
    from charrnn.neurons.address import numbered
    from charrnn.neurons.use import ablations

    opened = reading.opened(folder / "both")
    text = reading.of_file(opened.checkpoint, folder / "test.txt")
    shape = opened.checkpoint.architecture
    units = [numbered(number, shape) for number in range(shape.neurons)]
    found = ablations(opened, text, units)
    assert found.costs[-1].costs["overall"] > 0.05
    assert found.counted == len(text.ids) - 400  # all but the marks of the texts


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["train", "train.tsv", "--tag", "case"], "train: tag: it is for learning a tag for each"),
        (
            ["train", "train.txt", "--task", "tag", "--pool", "max"],
            "train: pool: it is for learning a label for a text",
        ),
        (["train", "--task", "tag"], "train: python has no tags; name a table, or make them"),
        (
            ["train", "train.txt", "--task", "tag"],
            "train: train.txt is read as plain lines, which have one column",
        ),
        (
            ["sample", "both", "--prompt", "a", "--temp", "1"],
            "sample: --temp is for models that write; both/best.safetensors tags characters",
        ),
        (
            ["inspect", "errors", "-m", "named", "--prompt", "so"],
            "inspect errors: these texts have no tags",
        ),
        (["inspect", "compare", "one", "demo"], "inspect compare: one model"),
    ],
)
def test_what_makes_no_sense_is_one_line(folder, arguments, line):
    done = run(folder, *arguments, code=1 if "plain lines" in line or "has no tags" in line else 2)
    assert done.stderr.startswith(f"charrnn {line}")


def test_empty_text_one_tag_and_a_single_line_are_named(folder):
    for text, line in (
        ("", "is empty"),
        ("aaa\n" * 9, "has one tag, ''"),
        ("á\n", "has too few texts: 1"),
    ):
        (folder / "poor.txt").write_text(text)
        made = ["train", "poor.txt", "--task", "tag", "--tag", "diacritics", "-q"]
        assert line in run(folder, *made, code=1).stderr


def test_without_a_model_the_newest_that_writes_is_taken(folder, tmp_path):
    (tmp_path / "checkpoints").symlink_to(folder)
    done = run(tmp_path, "sample", "-n", "3", "--seed", "1")
    assert "tags characters; it is passed over\n" in done.stderr
    assert len(done.stdout) == 3


def test_without_validation_the_last_model_is_kept(folder):
    made = ["train", "train.txt", "--task", "tag", "--tag", "case", "--validation", "0"]
    done = run(folder, *made, "--steps", "5", "--hidden", "4", "-o", "none", "-q", code=1)
    assert "has one tag, ''" in done.stderr  # it has no capitals
    made[5] = "diacritics"
    run(folder, *made, "--steps", "5", "--hidden", "4", "-o", "none", "-q")
    done = run(folder, "inspect", "score", "-m", "none", code=2)
    assert "this checkpoint holds no validation text" in done.stderr


def test_from_python_a_model_tags_restores_and_is_measured(folder):
    net = charrnn.load(folder / "both")
    assert net.restore(["sta", "sat"]) == ["šta", "sat"]
    assert net.tag("sta") == [[("s", "\u030c"), ("t", ""), ("a", "")]]
    found = net.measure(folder / "test.txt")
    assert found.word_accuracy == scored(folder, "both")["word_accuracy"]
    with pytest.raises(CharrnnError, match="tags characters"):
        net.label("sta")
    assert [one.written for one in charrnn.surprise(net, text="šta").found] == ["š", "t", "a"]
    wrong = charrnn.mistakes(charrnn.load(folder / "one"), text=folder / "test.txt")
    assert len(wrong.mistakes) == sum(len(some) for *_, some in wrong.pairs)


def test_two_models_are_compared_on_the_same_texts(folder):
    view = ["inspect", "compare", "one", "both", "-t", "test.txt", "--json"]
    found = json.loads(run(folder, *view).stdout)
    whole = (folder / "test.txt").read_text("utf-8")
    for model, accuracy in zip(("one", "both"), found["paired"]["accuracy"], strict=True):
        restored = run(folder, "sample", model, stdin=whole).stdout
        right = [a == b for a, b in zip(whole.splitlines(), restored.splitlines(), strict=True)]
        assert accuracy == sum(right) / 400


def test_a_file_that_is_named_validates(folder):
    made = ["train", "train.txt", "--task", "tag", "--tag", "diacritics", "--steps", "5"]
    run(folder, *made, "--hidden", "4", "--validate-on", "test.txt", "-o", "named-part", "-q")
    found = json.loads(run(folder, "inspect", "score", "-m", "named-part", "--json").stdout)
    whole = scored(folder, "named-part")
    assert found["characters"] == whole["characters"]
    assert found["tag_accuracy"] == whole["tag_accuracy"]


def test_words_in_sentences_are_learned_scored_and_written_as_conll(folder):
    random = np.random.default_rng(2)
    blocks = []
    for number in range(60):
        words = [random.choice(["sta", "ot", "a"]) for _ in range(random.integers(2, 5))]
        lines = [f"{word} {'N' if 's' in word else 'V'} _" for word in words]
        blocks += ["# newdoc"] * (number % 3 == 0) + lines[:-1]
        blocks += [f"{lines[-1][:-1]}No", ". P _", ""]
    (folder / "words.conll").write_text("".join(f"{line}\n" for line in blocks))
    run(folder, "train", "words.conll", "--task", "tag", *FAST, "--epochs", "40", "-o", "words")
    found = scored(folder, "words", "words.conll")
    assert min(found[name] for name in ("span_f1", "segmentation_f1", "sentence_f1")) > 0.95
    assert found["kind_accuracy"] > 0.95
    written = run(folder, "sample", "words", "--prompt", "sta ot. a ot.").stdout
    assert written.split("\n\n")[0] == (
        "# text = sta ot.\nsta\tN\t_\not\tV\tSpaceAfter=No\n.\tP\t_"
    )
