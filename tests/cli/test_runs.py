"""Runs seen from outside: compared, carried on with other text, and what they leave on disk."""

import json
import re
from pathlib import Path

import pytest
from safetensors.numpy import load_file

import charrnn as package
from charrnn import checkpoint

SHORT = "--hidden 8 --layers 1 --batch 4 --sequence 16 --steps 40 --quiet".split()
POEM = "she sells sea shells by the sea shore\n" * 40


@pytest.fixture
def poem(tmp_path) -> str:
    (tmp_path / "poem.txt").write_text(POEM)
    return "poem.txt"


def test_a_run_is_drawn_with_its_best_loss(charrnn, poem):
    charrnn("train", poem, *SHORT)
    done = charrnn("inspect", "run")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "training" in done.stdout
    assert "nats per character" in done.stdout
    assert lines[-3] == "checkpoints/poem-lstm"
    assert re.fullmatch(r"  best validation \d\.\d{3} nats, .*", lines[-2])
    assert re.fullmatch(r"  at step \d+ of 40 · .* of training", lines[-1])
    assert "\x1b" not in done.stdout
    assert max(map(len, lines)) <= 80


def test_runs_are_compared_over_minutes_and_drawn_into_a_file(charrnn, poem, tmp_path):
    for name in ("one", "two"):
        charrnn("train", poem, *SHORT, "--out", name)
    done = charrnn("inspect", "run", "one", "two", "--over", "minutes", "--svg", "both.svg")
    assert done.returncode == 0, done.stderr
    named = [line.split()[-1] for line in done.stdout.splitlines()[-6::3]]
    assert named == ["one", "two"]
    assert "minutes" in done.stdout
    assert (tmp_path / "both.svg").read_text().startswith("<svg")


def test_the_points_of_runs_as_json(charrnn, poem):
    charrnn("train", poem, *SHORT, "--out", "one")
    (line,) = charrnn("inspect", "run", "one", "--json").stdout.splitlines()
    read = json.loads(line)
    (course,) = read["runs"]
    assert (read["version"], course["name"]) == (1, "one")
    assert course["validation"]["steps"] == list(range(2, 41, 2))
    assert len(course["validation"]["nats"]) == 20


def test_curves_on_a_terminal_that_has_ascii_alone(charrnn, poem):
    charrnn("train", poem, *SHORT)
    done = charrnn("inspect", "run", PYTHONIOENCODING="ascii")
    assert done.stdout.isascii()
    assert "?" not in done.stdout
    assert "*" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "nowhere has no run: metrics.jsonl is missing"),
        ([], "there is no run under checkpoints/"),
    ],
)
def test_a_run_that_is_not_there_is_named(charrnn, arguments, said):
    done = charrnn("inspect", "run", *arguments)
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == f"charrnn inspect run: {said}"


def test_other_text_is_learned_from_old_weights(charrnn, poem, tmp_path):
    charrnn("train", poem, *SHORT, "--out", "old")
    (tmp_path / "other.txt").write_text("He sells bells, she sells shells!\n" * 40)
    charrnn("train", "other.txt", *SHORT, "--steps", "20", "--out", "afresh")
    flags = ["--batch", "4", "--sequence", "16", "--steps", "20", "--out", "new"]
    done = charrnn("train", "other.txt", "--init-from", "old", *flags)
    assert done.returncode == 0, done.stderr
    assert f"weights from {tmp_path / 'old'}: 7 of 10 characters known, 3 new" in done.stderr
    new, afresh = (
        checkpoint.load(tmp_path / name / "last.safetensors") for name in ("new", "afresh")
    )
    assert new.architecture == afresh.architecture
    assert new.provenance["validation_nats"] < afresh.provenance["validation_nats"]


def test_another_shape_than_that_of_the_old_weights_is_refused(charrnn, poem):
    charrnn("train", poem, *SHORT, "--out", "old")
    done = charrnn("train", poem, "--init-from", "old", "--hidden", "9")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "charrnn train: --hidden is 9, but old has 8",
        "  leave --hidden out; --init-from takes it from the checkpoint",
    ]


def test_models_are_kept_evenly_over_the_run(charrnn, poem, tmp_path):
    charrnn("train", poem, *SHORT, "--out", "run", "--keep", "3")
    kept = sorted(path.name for path in (tmp_path / "run").glob("step-*"))
    assert kept == [f"step-00000{step}.safetensors" for step in (14, 28, 40)]
    assert checkpoint.load(tmp_path / "run" / kept[0]).provenance["steps"] == 14


def test_presets_are_listed_with_what_they_are_for(charrnn):
    done = charrnn("train", "--preset", "list")
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == [
        "race", "tiny", "small", "medium", "quality", "large", "ancestor",
    ]  # fmt: skip


def test_the_plan_says_what_was_chosen_and_why_and_leaves_alone_what_was_given(charrnn, poem):
    done = charrnn("train", poem, *SHORT[:-1])
    assert "note        preset small: The default: one to three minutes on two cores" in done.stderr
    chosen = [line for line in done.stderr.splitlines() if line.startswith("chosen")]
    assert any("learning rate" in line and " · " in line for line in chosen)
    assert not any("hidden" in line for line in chosen)


def test_a_config_file_repeats_a_run_whose_settings_were_chosen(charrnn, poem, tmp_path):
    charrnn("train", poem, "--steps", "20", "--quiet", "--out", "one")
    again = charrnn("train", "--config", "one/config.yaml", "--out", "two")
    assert "chosen" not in again.stderr
    assert f"note        {Path('one/config.yaml')}, over preset small: " in again.stderr
    one, two = (load_file(tmp_path / name / "last.safetensors") for name in ("one", "two"))
    assert all((one[name] == two[name]).all() for name in one)


def test_the_settings_are_printed_with_the_reasons_of_those_that_were_chosen(charrnn, poem):
    done = charrnn("train", poem, "--print-config", "--hidden", "48")
    assert "\nhidden: 48\n" in done.stdout
    assert re.search(
        r"^weight_decay: [\d.]+  # .* epochs, .* parameters per character$", done.stdout, re.M
    )


def test_a_model_of_records_writes_one_and_stops(charrnn, tmp_path):
    (tmp_path / "names.txt").write_text("ada\nbo\ncyril\n" * 60)
    trained = charrnn(
        "train", "names.txt", "--records", "line", "--hidden", "24", "--batch", "16",
        "--epochs", "60", "--learning-rate", "0.02", "--quiet",
    )  # fmt: skip
    assert trained.returncode == 0, trained.stderr
    for seed in "1234":
        written = charrnn("sample", "--seed", seed, "--temp", "0.5").stdout
        assert written in ("ada\n", "bo\n", "cyril\n")
    assert charrnn("sample", "--prompt", "cy", "--temp", "0.3").stdout == "cyril\n"
    model = package.load(tmp_path / "checkpoints" / "names-lstm")
    assert (
        "".join(model.sample(prompt="cy", temp=0)) == "ril"
    )  # and ends, though no length is given


def test_records_of_several_lines_end_where_no_line_does(charrnn, tmp_path):
    (tmp_path / "poems.txt").write_text("a rose\nis a rose\n\nan ode\n\n" * 60)
    charrnn(
        "train", "poems.txt", "--records", "blank", "--hidden", "24", "--batch", "16",
        "--epochs", "80", "--learning-rate", "0.02", "--quiet",
    )  # fmt: skip
    written = {charrnn("sample", "--seed", seed, "--temp", "0.6").stdout for seed in "0123456789"}
    assert written == {"a rose\nis a rose\n", "an ode\n"}
