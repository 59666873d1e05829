import json

import pytest

from charrnn import curves
from charrnn.errors import CheckpointError

EVENTS = [
    {"event": "progress", "step": 10, "elapsed_seconds": 1.5, "loss_nats": 2.5},
    {"event": "validation", "step": 10, "elapsed_seconds": 2.0, "validation_nats": 2.6},
    {"event": "progress", "step": 20, "elapsed_seconds": 3.5, "loss_nats": 2.0},
    {"event": "validation", "step": 20, "elapsed_seconds": 4.0, "validation_nats": None},
    {"event": "finished", "step": 20},
]


def write(folder, events, end="") -> None:
    lines = [json.dumps(event) + "\n" for event in events]
    (folder / "metrics.jsonl").write_text("".join(lines) + end)


def test_the_losses_are_read_back(tmp_path):
    write(tmp_path, EVENTS)
    course = curves.read(tmp_path)
    assert course.name == str(tmp_path)
    assert course.training == curves.Curve((10, 20), (1.5, 3.5), (2.5, 2.0))
    assert course.validation == curves.Curve((10,), (2.0,), (2.6,))


def test_steps_and_seconds_are_those_of_the_last_event(tmp_path):
    ended = {"event": "finished", "step": 20, "steps": 30, "elapsed_seconds": 9.5}
    write(tmp_path, [{**EVENTS[0], "steps": 40}, *EVENTS[1:4], ended])
    course = curves.read(tmp_path)
    assert (course.steps, course.seconds) == (30, 9.5)
    assert course.best == (10, 2.6)


def test_a_run_that_wrote_down_no_plan_has_the_steps_that_it_took(tmp_path):
    write(tmp_path, EVENTS)
    assert curves.read(tmp_path).steps == 20


def test_the_line_at_which_a_run_was_killed_is_passed_over(tmp_path):
    write(tmp_path, EVENTS[:1], end='{"event": "progress", "st')
    assert curves.read(tmp_path).training.steps == (10,)


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match="has no run"):
        curves.read(tmp_path)


def test_a_file_is_no_run(tmp_path):
    (tmp_path / "poem.txt").write_text("poem")
    with pytest.raises(CheckpointError, match=r"poem\.txt is a file") as caught:
        curves.read(tmp_path / "poem.txt")
    assert caught.value.hint == "name the folder of a run"


def test_a_file_of_something_else_is_refused(tmp_path):
    (tmp_path / "metrics.jsonl").write_text('{"step": 1}\n')
    with pytest.raises(CheckpointError, match="does not hold the events of a run"):
        curves.read(tmp_path)


def test_damaged_lines_are_passed_over_and_counted(tmp_path):
    write(tmp_path, EVENTS)
    text = (tmp_path / "metrics.jsonl").read_bytes()
    damaged = [
        b'{"event": "progress", "step": 11, "elapsed_seconds": NaN, "loss_nats": 2}\n',
        b'{"event": "progress", "step": "x", "elapsed_seconds": 1, "loss_nats": 2}\n',
        b"\xff\xfe\n", b"[" * 100_000 + b"\n", b"7\n",
    ]  # fmt: skip
    (tmp_path / "metrics.jsonl").write_bytes(b"".join(damaged) + text)
    course = curves.read(tmp_path)
    assert course.training.steps == (10, 20)
    assert course.damaged == 5
