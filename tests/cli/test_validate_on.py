"""A file of its own to validate on: named, kept, checked, and refused where it cannot be."""

import itertools
import json
import os
from pathlib import Path

import numpy as np
import pytest

from charrnn import checkpoint, config, tasks
from charrnn.errors import CorpusError, UsageError
from charrnn.settled import settle
from charrnn.training.trainer import train
from tests import processes

FAST = ["--steps", "8", "--hidden", "8", "--batch", "2", "--sequence", "8", "-q"]
TEXT = "the cat sat on the mat. " * 40
OTHER = "a dog ran to the log! " * 9


def run(folder, *arguments, code=0):
    done = processes.run(*arguments, cwd=folder)
    assert done.returncode == code, done.stderr
    return done


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT)
    (tmp_path / "b.txt").write_text(OTHER)
    for name, count in (("a", 40), ("b", 6)):
        rows = "".join(f"text {n}\t{'xy'[n % 2]}\n" for n in range(count))
        (tmp_path / f"{name}.tsv").write_text(rows)
    return tmp_path


def made(folder, **settings):
    flags = {"corpus": ("a.txt",), "validate_on": "b.txt"} | settings
    os.chdir(folder)
    resolved = config.resolve(flags, None, {})
    task = tasks.of(resolved.task)
    return task.make(resolved, task.read(resolved))


@pytest.fixture(autouse=True)
def back():
    here = Path.cwd()
    yield
    os.chdir(here)


def test_a_text_is_learned_whole_and_the_named_one_validates(folder):
    found = made(folder)
    assert found.vocabulary.decode(found.source.ids) == TEXT
    assert found.vocabulary.decode(found.validation) == OTHER
    assert found.vocabulary.decode(found.stored) == OTHER
    assert set(found.vocabulary.characters) == set(TEXT + OTHER)
    assert (found.characters, found.aside) == (len(TEXT), len(OTHER))


def test_a_large_text_is_learned_whole_too(folder, monkeypatch, tmp_path):
    monkeypatch.setattr("charrnn.text.mapped.LARGE", 100)
    monkeypatch.setattr("charrnn.text.mapped.cache_folder", lambda: tmp_path / "cache")
    found = made(folder)
    assert isinstance(found.source.ids, np.memmap)
    assert found.vocabulary.decode(found.source.ids) == TEXT
    assert found.vocabulary.decode(found.validation) == OTHER


def test_records_validate_on_the_records_of_the_named_text(folder):
    (folder / "a.txt").write_text("one\ntwo\nthree\n")
    (folder / "b.txt").write_text("four\nfive\n")
    found = made(folder, records="line")
    assert found.vocabulary.decode(found.source.ids) == "\none\ntwo\nthree\n"
    assert found.vocabulary.decode(found.validation.ids) == "\nfour\nfive\n"


def test_the_file_is_kept_as_an_absolute_path_and_its_text_in_the_checkpoint(folder):
    done = run(folder, "train", "a.txt", "--validate-on", "b.txt", *FAST[:-1], "-o", "run")
    assert "b.txt validates: 198 characters" in done.stderr
    written = (folder / "run" / "config.yaml").read_text()
    assert f"validate_on: {folder / 'b.txt'}\n" in written
    assert "validation: 0.0\n" in written
    loaded = checkpoint.load(folder / "run" / "best.safetensors")
    assert loaded.vocabulary.decode(loaded.heldout) == OTHER
    scored = json.loads(run(folder, "inspect", "score", "b.txt", "-m", "run", "--json").stdout)
    made = loaded.provenance
    assert made["validation_nats"] == pytest.approx(scored["nats"], rel=1e-3)
    again = config.resolve({}, folder / "run" / "config.yaml", {})
    assert (again.validate_on, again.validation) == (str(folder / "b.txt"), 0)


def test_labelled_texts_validate_on_a_table(folder):
    arguments = ["--task", "classify", "--validate-on", "b.tsv", *FAST[:-1], "-o", "run"]
    arguments[arguments.index("--sequence")] = "--seed"
    done = run(folder, "train", "a.tsv", *arguments)
    assert "6 texts of b.tsv validate" in done.stderr
    loaded = checkpoint.load(folder / "run" / "best.safetensors")
    texts = loaded.vocabulary.decode(loaded.heldout).split(loaded.record_end)[1:]
    assert texts == [f"text {n}" for n in range(6)]
    assert loaded.heldout_labels.tolist() == [0, 1, 0, 1, 0, 1]


@pytest.mark.parametrize(("task", "ending"), [("language-model", "txt"), ("classify", "tsv")])
def test_a_resumed_run_reads_the_file_again_and_refuses_another(folder, monkeypatch, task, ending):
    named = [f"a.{ending}", f"b.{ending}"]
    monkeypatch.chdir(folder)
    flags = {"corpus": (named[0],), "validate_on": named[1], "hidden": 8, "batch": 2, "steps": 20}
    settings, text = settle({"task": task} | flags, None, {})
    Path("run").mkdir()
    asked = itertools.count()
    list(train(settings, text, Path("run"), stop=lambda: next(asked) == 6))
    right = (folder / named[1]).read_text()
    (folder / named[1]).write_text(right + right)
    done = run(folder, "train", "--resume", "run", "-q", code=1)
    assert done.stderr.startswith("charrnn train: b is not the text that run was validated on\n")
    (folder / named[1]).unlink()
    done = run(folder, "train", "--resume", "run", "-q", code=1)
    assert "there is no such file" in done.stderr
    assert "or --validate-on FILE" in done.stderr
    (folder / "moved").mkdir()
    (folder / "moved" / named[1]).write_text(right)
    run(folder, "train", "--resume", "run", "--validate-on", f"moved/{named[1]}", "-q")


def test_a_fraction_beside_it_is_refused(folder):
    flags = ["--validate-on", "b.txt", "--validation", "0.2"]
    done = run(folder, "train", "a.txt", *flags, code=2)
    first, second = done.stderr.splitlines()
    assert first == "charrnn train: validation and validate_on cannot be given together"
    assert second.strip() == "--validation 0 takes no fraction of the text"
    assert config.resolve({"validate_on": "b", "validation": 0.0}, None, {}).validation == 0


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (["--validate-on", "none.txt"], "none.txt: there is no such file, folder or named corpus"),
        (["--validate-on", "short"], "short has 1 characters; validation needs at least 2"),
    ],
)
def test_what_cannot_validate_is_one_line(folder, given, line):
    (folder / "short").write_text("a")
    done = run(folder, "train", "a.txt", *given, *FAST, code=1)
    assert done.stderr.splitlines()[0] == f"charrnn train: {line}"


def test_standard_input_validates_nothing(folder):
    done = run(folder, "train", "a.txt", "--validate-on", "-", *FAST, code=2)
    assert done.stderr.startswith("charrnn train: validate_on is standard input or a pipe, which ")


def test_labels_that_are_not_learned_are_named(folder):
    (folder / "b.tsv").write_text("text\tx\ntext\tz\n")
    flags = ["--task", "classify", "--validate-on", "b.tsv"]
    done = run(folder, "train", "a.tsv", *flags, code=1)
    line = "charrnn train: b.tsv, line 2: the label 'z' was never seen in training"
    assert done.stderr.splitlines()[0] == line


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.csv", "", "no text with a label is in a.csv"),
        ("a.txt", "one column\n", "a.txt is read as plain lines, which have one column"),
        ("a.txt", "", "a.txt is empty"),
        ("a.tsv", "one column\n", "no text with a label is in a.tsv: a.tsv, line 1: there is no "),
        ("a.csv", 'a,"b\n', "no text with a label is in a.csv: a.csv, line 1: a quote is opened "),
        ("a.jsonl", "{\n", "no text with a label is in a.jsonl: a.jsonl, line 1: this is not JSON"),
        ("a.conll", "EU\n", "no text with a label is in a.conll: a.conll, line 1: there is no tab"),
    ],
)
def test_data_that_is_none_is_one_line(folder, name, text, line):
    (folder / name).write_text(text)
    done = run(folder, "train", name, "--task", "classify", code=1)
    assert done.stderr.startswith(f"charrnn train: {line}")
    assert len(done.stderr.splitlines()) == 2


def test_a_form_can_be_forced_in_training_and_in_scoring(folder):
    (folder / "data").write_text(
        "label,text\n" + "".join(f"{'xy'[n % 2]},t {n}\n" for n in range(40))
    )
    form = ["--read", "csv", "--columns", "text,label"]
    arguments = ["--task", "classify", "--steps", "4", "--hidden", "8", "--batch", "2", "-q"]
    run(folder, "train", "data", *form, *arguments, "-o", "run")
    score = run(folder, "inspect", "score", "data", "-m", "run", *form, "--json")
    assert json.loads(score.stdout)["texts"] == 40
    done = run(folder, "train", "a.txt", "--read", "csv", code=2)
    assert done.stderr.startswith("charrnn train: read: it is for learning a label for a text\n")


def test_errors_are_those_of_python_too(folder):
    with pytest.raises(UsageError, match="cannot be given together"):
        config.resolve({"validate_on": "b", "validation": 0.2}, None, {})
    with pytest.raises(UsageError, match="bytes: a label for a text is learned from rows of text"):
        config.resolve({"task": "classify", "bytes": True}, None, {})
    with pytest.raises(CorpusError, match="no such file"):
        made(folder, validate_on="none.txt")
