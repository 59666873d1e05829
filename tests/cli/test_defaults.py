"""What commands take when little is typed: the best-known neuron, a concept, standard input."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from charrnn import checkpoint, runs
from charrnn.cli import completion, found
from charrnn.cli.app import app
from charrnn.errors import CharrnnError
from charrnn.neurons import known, survey

CODE = "def f(x):\n    return [x, (x + 1)]\n" * 60


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Run a command in this process in an empty folder; return its stdout and its stderr."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "code.py").write_text(CODE)

    def command(*arguments):
        app([*arguments], prog_name="charrnn", standalone_mode=False)
        return capsys.readouterr()

    return command


@pytest.fixture
def folder(tmp_path):
    """A run whose best model is the demonstration model; nothing is known of its neurons."""
    path = tmp_path / "checkpoints" / "mine"
    path.mkdir(parents=True)
    for name in (runs.BEST, runs.CONFIG):
        shutil.copy(runs.demo().parent / name, path)
    return path


def test_inspect_alone_names_the_model_its_loss_its_neurons_and_the_views(run):
    shown = run("inspect").out.splitlines()
    nats = checkpoint.load(runs.demo()).provenance["validation_nats"]
    assert shown[0].startswith("model       the demonstration model, step ")
    assert shown[2].startswith(f"loss        validation {nats:.3f} nats")
    assert any(line.endswith("  charrnn inspect neuron 42") for line in shown)
    assert any("line-position" in line and "-m demo:prose" in line for line in shown)
    assert "find" in shown[-1] or "find" in shown[-2]


def test_of_a_run_in_which_nothing_was_searched_inspect_says_what_searches(run, folder):
    assert "No neuron is known yet: charrnn inspect find searches." in run("inspect").out


def test_without_a_number_the_best_known_neuron_is_drawn_and_named(run):
    best = known.ranked(runs.demo(), checkpoint.load(runs.demo()))[0]
    done = run("inspect", "neuron", "-n", "30")
    assert done.out.startswith(f"neuron {best.neuron} (")
    assert f"concept {best.concept}" in done.out.splitlines()[0]
    assert done.err.startswith(f"the best-known neuron: {best.neuron}, {best.concept}, ")
    assert "model: the demonstration model" in done.err


def test_without_a_number_and_nothing_known_the_neuron_that_varies_most_is_drawn(run, folder):
    model = checkpoint.load(folder / runs.BEST)
    ids = model.heldout[: survey.LOOKED_AT]
    values = model.network().run(ids[:, None], record=["c"]).signals["c"][:, 0]
    wanted = int(np.tanh(values).std(axis=0).argmax())
    done = run("inspect", "neuron", "-n", "30")
    assert done.out.startswith(f"neuron {wanted} (")
    assert "varies most; charrnn inspect find searches" in done.err


def test_a_concept_stands_for_its_neuron_and_is_the_row_that_is_drawn(run):
    done = run("inspect", "neuron", "line-end", "-m", "demo:prose", "-n", "90")
    assert done.out.startswith("neuron 42 (layer 1, unit 42) · h, output · concept line-end")
    assert done.err.startswith("42, line-end, AUROC 0.9")
    drawn = run("inspect", "ablate", "parens", "-m", "demo", "-t", "code.py", "--json").out
    assert '"neurons": "42 (1:42)"' in drawn


def test_neurons_are_typed_apart_or_with_commas(run):
    apart = run("inspect", "neuron", "42", "1:7", "-m", "demo", "-n", "40").out
    assert run("inspect", "neuron", "42,1:7", "-m", "demo", "-n", "40").out == apart
    with pytest.raises(CharrnnError, match="one neuron is shown, and 2 were given"):
        run("inspect", "explain", "42,1:7", "-m", "demo")
    with pytest.raises(CharrnnError, match="'moods' is neither a neuron nor a concept"):
        run("inspect", "neuron", "moods", "-m", "demo")


def test_a_held_neuron_may_be_named_by_its_concept(charrnn):
    by_number, by_name = (
        charrnn("sample", "demo", "--clamp", f"{name}=0.9", "-n", "60", "--seed", "1").stdout
        for name in ("42", "parens")
    )
    assert by_name == by_number


def test_the_end_of_a_run_names_the_neurons_that_it_found_and_keeps_them(
    folder, capsys, monkeypatch
):
    monkeypatch.setattr(survey, "readable", lambda model, seconds: 12_000)
    found.say_what_was_found(folder, f" -m {folder}")
    said = capsys.readouterr().err
    best = known.ranked(folder / runs.BEST, checkpoint.load(folder / runs.BEST))[0]
    assert best.concept in said
    assert f"charrnn inspect neuron {best.neuron} -m {folder}" in said
    assert (folder / "neurons.json").exists()


def test_the_end_of_a_run_that_found_nothing_names_the_neuron_that_varies_most(
    folder, capsys, monkeypatch
):
    monkeypatch.setattr(survey, "readable", lambda model, seconds: 100)  # too few to search
    found.say_what_was_found(folder, "")
    assert "no neuron encodes a concept so far" in capsys.readouterr().err


def test_runs_are_listed_with_the_default_and_with_what_is_damaged(run, folder):
    (folder.parent / "broken").mkdir()
    broken = folder.parent / "broken" / runs.BEST
    broken.write_bytes(b"no model")
    os.utime(broken, (1, 1))
    first, what, second, problem, last = run("inspect", "runs").out.splitlines()
    assert (first, second) == ("* checkpoints/mine", "  checkpoints/broken")
    assert what.startswith("    LSTM 2×160 · python · 1.2")
    assert problem.startswith("    checkpoints/broken/best.safetensors")
    assert last == "* the default where no model is named"


def test_a_folder_of_runs_that_is_not_there_is_named(run):
    with pytest.raises(CharrnnError, match="nowhere: there is no such folder"):
        run("inspect", "runs", "nowhere")
    assert run("inspect", "runs").out.startswith("no runs under checkpoints/")


def test_quiet_prints_the_result_alone(run):
    assert run("inspect", "neuron", "-q", "-n", "30").err == ""
    from charrnn.show import stdio

    stdio._quiet = False


def test_what_one_model_does_not_know_is_left_out_of_both(run, tmp_path):
    demo, prose = (
        set(checkpoint.load(runs.demo(name)).vocabulary.characters) for name in runs.SHIPPED
    )
    strange = min(demo - prose)
    (tmp_path / "odd.txt").write_text(f"plain text {strange} and more, " * 40)
    given = ["inspect", "compare", "demo", "demo:prose", "-t", "odd.txt"]
    with pytest.raises(CharrnnError, match="outside the model's alphabet"):
        run(*given)
    left = len("plain text  and more, ") * 40
    assert f"{left - 1:,} characters predicted" in run(*given, "--unknown", "skip").out


def test_completion_offers_models_concepts_presets_and_corpora(run, folder):
    assert completion.models("demo") == ["demo", "demo:prose"]
    assert completion.models("checkpoints/m") == ["checkpoints/mine"]
    assert completion.concepts("br") == ["brackets"]
    assert completion.presets("ti") == ["tiny"]
    assert completion.corpora("shake") == ["shakespeare"]
    assert completion.corpora("co") == ["code.py"]


@pytest.mark.parametrize(
    "arguments",
    [["inspect", "score", ""], ["sample", ""], ["train", ""], ["inspect", "gates", "-t", ""]],
)
def test_an_empty_argument_is_refused(charrnn, arguments):
    done = charrnn(*arguments)
    assert done.returncode == 2
    assert done.stderr.splitlines()[0].endswith(": an argument is empty")


def test_an_empty_text_is_refused_alike_in_every_view(charrnn, tmp_path):
    (tmp_path / "empty.txt").write_text("")
    for view in ("score", "text", "neuron", "find", "gates"):
        done = charrnn("inspect", view, "-m", "demo", "-t", "empty.txt")
        assert done.returncode == 1
        assert "empty.txt is empty" in done.stderr


def in_process(folder, *arguments, **how):
    command = [sys.executable, "-m", "charrnn", "inspect", *arguments]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **how
    )


def test_a_dash_is_standard_input(tmp_path):
    (tmp_path / "code.py").write_text(CODE)
    with in_process(tmp_path, "score", "code.py", "-m", "demo") as done:
        by_name, _ = done.communicate(timeout=60)
    with in_process(tmp_path, "score", "-", "-m", "demo", stdin=subprocess.PIPE) as done:
        from_stdin, _ = done.communicate(CODE, timeout=60)
    assert from_stdin == by_name.replace("code.py", "stdin")


def test_a_pipe_that_nobody_named_is_not_read_and_mentioned_if_it_holds_something(tmp_path):
    with in_process(tmp_path, "score", "-m", "demo", stdin=subprocess.PIPE) as done:
        shown, said = done.communicate(CODE, timeout=60)
    assert "held-out text" in shown
    assert "'-' as the text would read it" in said


def test_a_view_does_not_wait_for_a_pipe_that_stays_open(tmp_path):
    with in_process(tmp_path, "score", "-m", "demo", stdin=subprocess.PIPE) as done:
        assert "held-out text" in done.stdout.read()  # while stdin is open
        assert done.wait(timeout=60) == 0
        assert "standard input" not in done.stderr.read()
