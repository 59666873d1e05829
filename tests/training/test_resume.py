"""A run that was stopped goes on as if it never had been."""

import itertools
import json

import pytest
from safetensors.numpy import load_file

from charrnn.config import resolve
from charrnn.errors import CheckpointError
from charrnn.text.corpus import Corpus
from charrnn.training import run as running
from charrnn.training.events import Finished, Plan
from charrnn.training.trainer import train

TEXT = "she sells sea shells by the sea shore, and he sees the shells she sells.\n" * 40
SMALL = {"hidden": 6, "batch": 4, "sequence": 16, "steps": 48, "threads": 1, "validate_every": 8}


def run(folder, stop_after=None, resume=False, text=TEXT, **settings):
    """Train, stopping after so many steps of this sitting; return the events."""
    folder.mkdir(exist_ok=True)
    asked = itertools.count()
    stop = (lambda: next(asked) == stop_after) if stop_after is not None else (lambda: False)
    resolved = resolve(SMALL | settings, None, {})
    corpus = Corpus("shells", text, f"sha of {len(text)}")
    return list(train(resolved, corpus, folder, command="the first", stop=stop, resume=resume))


def learned(folder):
    return {name: load_file(folder / f"{name}.safetensors") for name in ("best", "last")}


def same(one, other):
    return all((one[kind][name] == other[kind][name]).all() for kind in one for name in one[kind])


def metrics(folder):
    """Return the events written, without what a clock decides."""
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    timed = ("elapsed_seconds", "chars_per_second", "folder")
    return [{k: v for k, v in json.loads(line).items() if k not in timed} for line in lines]


@pytest.mark.parametrize("backbone", ["lstm", "gru", "vanilla"])
@pytest.mark.parametrize("kernel", ["fused", "torch"])
def test_stopped_anywhere_it_ends_the_same_to_the_bit(tmp_path, backbone, kernel):
    run(tmp_path / "whole", backbone=backbone, kernel=kernel)
    before = 0
    for step in (1, 11, 45, 47, None):  # an epoch has 41
        sitting = step and step - before
        events = run(tmp_path / "parts", sitting, before > 0, backbone=backbone, kernel=kernel)
        assert (f"continues after step {before} of 48" in events[0].notes) == (before > 0)
        before = step
    assert same(learned(tmp_path / "whole"), learned(tmp_path / "parts"))
    assert metrics(tmp_path / "whole") == metrics(tmp_path / "parts")


@pytest.mark.parametrize(
    "settings",
    [
        {"optimizer": "adamw", "weight_decay": 0.1, "average": 0.9},
        {"optimizer": "sgd", "learning_rate": 0.5, "schedule": "exponential"},
        {"optimizer": "nesterov", "learning_rate": 0.5, "rising_momentum": True},
        {"optimizer": "rmsprop", "schedule": "step", "decay_every": 0.5},
        {"optimizer": "adagrad", "learning_rate": 0.1, "schedule": "one-cycle"},
        {"schedule": "plateau", "learning_rate": 0.2, "decay": 0.1, "validate_every": 2},
        {"dropout": 0.3, "weight_drop": 0.3, "embedding": 6, "embedding_dropout": 0.1},
        {"initial_state": "noise", "random_offsets": True, "loss_on": "last-5"},
        {"initial_state": "learned", "residual": True, "all_layers": True, "layers": 2},
        {"records": "line", "validation": 0.2},
        {"tied": True, "embedding": 6, "activation_penalty": 2.0, "change_penalty": 1.0},
    ],
    ids=lambda settings: " ".join(str(value) for value in settings.values()),
)
def test_stopped_it_ends_the_same_whatever_the_settings(tmp_path, settings):
    run(tmp_path / "whole", **settings)
    run(tmp_path / "parts", stop_after=11, **settings)
    run(tmp_path / "parts", stop_after=34, resume=True, **settings)
    run(tmp_path / "parts", resume=True, **settings)
    assert same(learned(tmp_path / "whole"), learned(tmp_path / "parts"))
    assert metrics(tmp_path / "whole") == metrics(tmp_path / "parts")


def test_stopped_many_times_it_ends_the_same(tmp_path):
    run(tmp_path / "whole")
    run(tmp_path / "parts", stop_after=5)
    for _ in range(8):
        run(tmp_path / "parts", resume=True, stop_after=5)
    end = run(tmp_path / "parts", resume=True)[-1]
    assert isinstance(end, Finished)
    assert not end.interrupted
    assert same(learned(tmp_path / "whole"), learned(tmp_path / "parts"))


def test_killed_between_two_states_it_goes_on_from_the_earlier_one(tmp_path):
    run(tmp_path / "whole")
    run(tmp_path / "parts", stop_after=20)
    state = (tmp_path / "parts" / "resume.safetensors").read_bytes()
    run(tmp_path / "parts", resume=True, stop_after=15)
    (tmp_path / "parts" / "resume.safetensors").write_bytes(state)
    with (tmp_path / "parts" / "metrics.jsonl").open("a") as file:
        file.write('{"event": "progress", "ste')  # the line at which it was killed
    run(tmp_path / "parts", resume=True)
    assert same(learned(tmp_path / "whole"), learned(tmp_path / "parts"))
    assert metrics(tmp_path / "whole") == metrics(tmp_path / "parts")


def test_killed_before_the_first_state_it_starts_again(tmp_path):
    run(tmp_path / "whole")
    (tmp_path / "parts").mkdir()
    events = run(tmp_path / "parts", resume=True)
    assert isinstance(events[0], Plan)
    assert events[0].notes == ()
    assert same(learned(tmp_path / "whole"), learned(tmp_path / "parts"))


def test_a_state_is_saved_between_validations_when_they_are_far_apart(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "SAVE_SECONDS", 0)
    settings = resolve(SMALL | {"validate_every": 48}, None, {})
    steps = iter(train(settings, Corpus("s", TEXT, ""), tmp_path))
    next(steps), next(steps), next(steps)  # the plan, and progress after 10 and 20 steps
    steps.close()
    assert not (tmp_path / "last.safetensors").exists()
    assert "continues after step 10 of 48" in run_on(tmp_path).notes


def run_on(folder) -> Plan:
    return next(train(resolve(SMALL, None, {}), Corpus("s", TEXT, ""), folder, resume=True))


def test_the_command_of_the_first_sitting_stays_recorded(tmp_path):
    run(tmp_path, stop_after=5)
    resolved = resolve(SMALL, None, {})
    list(train(resolved, Corpus("shells", TEXT, f"sha of {len(TEXT)}"), tmp_path, resume=True))
    from charrnn import checkpoint

    assert checkpoint.load(tmp_path / "last.safetensors").provenance["command"] == "the first"


def test_a_finished_run_leaves_no_state(tmp_path):
    run(tmp_path, stop_after=5)
    assert (tmp_path / "resume.safetensors").exists()
    run(tmp_path, resume=True)
    assert not (tmp_path / "resume.safetensors").exists()


def test_another_text_is_refused(tmp_path):
    run(tmp_path, stop_after=5)
    with pytest.raises(CheckpointError, match="is not the text"):
        run(tmp_path, resume=True, text=TEXT + "!")


@pytest.mark.parametrize("length", [0, 7, 200, 2000])
def test_a_damaged_state_says_so(tmp_path, length):
    run(tmp_path, stop_after=5)
    path = tmp_path / "resume.safetensors"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(CheckpointError, match="cannot be read"):
        run(tmp_path, resume=True)
