import os
import subprocess
import sys
from pathlib import Path

import pytest

from charrnn import checkpoint, runs
from charrnn.errors import CheckpointError


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make_run(here, checkpoint_made, name, modified):
    folder = here / "checkpoints" / name
    folder.mkdir(parents=True)
    checkpoint.save(folder / runs.BEST, checkpoint_made)
    os.utime(folder / runs.BEST, (modified, modified))


def test_the_newest_run_is_meant_when_none_is_named(here, make_checkpoint):
    for name, modified in [("old", 1000), ("new", 3000), ("middle", 2000)]:
        make_run(here, make_checkpoint(), name, modified)
    assert runs.find(None) == runs.FOLDER / "new" / runs.BEST


def test_without_runs_the_demonstration_model_is_meant(here):
    assert runs.find(None) == runs.demo()
    assert runs.describe(runs.find(None)) == "the demonstration model"
    assert runs.demo().exists()


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("demo", "the demonstration model"),
        ("demo:prose", "the demonstration model of prose"),
    ],
)
def test_a_model_that_ships_with_charrnn_is_found_by_its_name(here, name, called):
    found = runs.find(Path(name))
    assert found == runs.demo(name)
    assert runs.describe(found) == called
    assert checkpoint.load(found).provenance["corpus"] == {"demo": "python"}.get(name, "prose")


def test_a_path_that_is_called_as_a_shipped_model_wins(here, make_checkpoint):
    checkpoint.save(here / "demo", make_checkpoint())
    (here / "demo:prose").mkdir()
    checkpoint.save(here / "demo:prose" / runs.BEST, make_checkpoint())
    for given, found in [("demo", "demo"), ("demo:prose", f"demo:prose/{runs.BEST}")]:
        assert runs.find(Path(given)) == Path(found)
        assert runs.describe(runs.find(Path(given))) == found


def test_the_absolute_name_of_a_shipped_model_is_its_name(here):
    assert runs.absolute("demo:prose") == "demo:prose"
    assert runs.absolute("run") == str(here / "run")
    (here / "demo").mkdir()
    assert runs.absolute("demo") == str(here / "demo")


def test_a_wrong_name_of_a_shipped_model_is_refused_with_the_right_ones(here):
    with pytest.raises(CheckpointError) as caught:
        runs.find(Path("demo:xyz"))
    assert caught.value.message == "demo:xyz: there is no such checkpoint"
    assert caught.value.hint == "runs here: none; models that come with charrnn: demo, demo:prose"


def test_in_a_clone_the_shipped_models_are_never_the_newest_run(here, make_checkpoint, monkeypatch):
    monkeypatch.setattr(runs.assets, "path", lambda name: here / name)
    for name, modified in [("mine", 1000), ("demo", 3000), ("prose", 2000)]:
        make_run(here, make_checkpoint(), name, modified)
        for file in (runs.METRICS, runs.RESUME):
            (runs.FOLDER / name / file).touch()
            os.utime(runs.FOLDER / name / file, (modified, modified))
    assert runs.find(None) == runs.FOLDER / "mine" / runs.BEST
    assert runs.latest() == runs.resumable(None) == runs.FOLDER / "mine"
    (runs.FOLDER / "mine" / runs.BEST).unlink()
    assert runs.find(None) == runs.demo()


def test_a_folder_means_its_best_model_and_a_file_itself(here, make_checkpoint):
    make_run(here, make_checkpoint(), "one", 1000)
    folder = runs.FOLDER / "one"
    assert runs.find(folder) == folder / runs.BEST
    assert runs.find(folder / runs.BEST) == folder / runs.BEST


def test_a_path_that_leads_nowhere_is_refused_with_the_runs_there_are(here, make_checkpoint):
    make_run(here, make_checkpoint(), "one", 1000)
    with pytest.raises(CheckpointError) as caught:
        runs.find(runs.FOLDER / "two")
    assert caught.value.message == f"{runs.FOLDER / 'two'}: there is no such checkpoint"
    assert caught.value.hint == (
        f"runs here: {runs.FOLDER / 'one'}; models that come with charrnn: demo, demo:prose"
    )
    with pytest.raises(CheckpointError, match=r"no best\.safetensors is in this folder") as caught:
        runs.find(runs.FOLDER)
    assert caught.value.hint == f"runs in it: {runs.FOLDER / 'one'}"


def test_a_new_run_never_takes_a_name_that_is_there(here):
    for name in ("poems-lstm", "poems-lstm-2", "poems-lstm-3"):
        with runs.claimed(None, "poems-lstm", force=False) as folder:
            assert folder == runs.FOLDER / name
            (folder / "kept").touch()


def test_names_are_made_fit_for_folders(here):
    with runs.claimed(None, "a b/../c:d-lstm", force=False) as folder:
        assert folder.name == "a-b-..-c-d-lstm"


def test_a_folder_that_holds_something_is_not_written_to_without_force(here):
    (here / "mine").mkdir()
    (here / "mine" / "thesis.txt").write_text("precious")
    with (
        pytest.raises(CheckpointError, match="mine exists and is not empty"),
        runs.claimed(here / "mine", "x", force=False),
    ):
        pass
    with runs.claimed(here / "mine", "x", force=True) as folder:
        assert folder == here / "mine"
    assert (here / "mine" / "thesis.txt").read_text() == "precious"


def test_only_an_empty_folder_that_was_made_is_taken_away_again(here):
    with runs.claimed(here / "new", "x", force=False):
        pass
    assert not (here / "new").exists()
    (here / "mine").mkdir()
    with runs.claimed(here / "mine", "x", force=False):
        pass
    assert (here / "mine").exists()


def test_a_folder_that_cannot_be_made_is_refused_before_training(here):
    (here / "file").write_text("in the way")
    with (
        pytest.raises(CheckpointError, match="cannot be written: Not a directory"),
        runs.claimed(here / "file" / "run", "x", force=False),
    ):
        pass


def test_two_runs_in_one_folder_at_once_are_refused(here):
    with (
        runs.claimed(here / "run", "x", force=False),
        pytest.raises(CheckpointError, match="another run is writing into it"),
        runs.claimed(here / "run", "x", force=True),
    ):
        pass
    (here / "run").mkdir()
    with (
        runs.locked(here / "run"),
        pytest.raises(CheckpointError, match="another run is writing into it"),
        runs.locked(here / "run"),
    ):
        pass


def test_the_lock_of_a_process_that_was_killed_does_not_count(here):
    (here / "run").mkdir()
    code = (
        "import os, sys; from pathlib import Path; from charrnn import runs\n"
        "with runs.locked(Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(here / "run")], check=False)
    assert (here / "run" / ".lock").exists()
    with runs.locked(here / "run"):
        pass
    assert not list((here / "run").iterdir())
