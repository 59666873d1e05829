"""Several processes train as one does: real ones, started by torchrun."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from safetensors.numpy import load_file

TEXT = "she sells sea shells by the sea shore, and he sees the shells she sells.\n" * 60
FLAGS = "--hidden 12 --layers 2 --batch 8 --sequence 16 --dropout 0 --learning-rate 0.01".split()
TORCHRUN = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


def start(folder, *arguments, processes=1) -> subprocess.Popen:
    torchrun = TORCHRUN if processes > 1 else []
    return subprocess.Popen(
        [sys.executable, *torchrun, "-m", "charrnn", "train", *arguments],
        cwd=folder,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def train(folder, *arguments, processes=1) -> str:
    done = start(folder, *arguments, processes=processes)
    _, talk = done.communicate(timeout=300)
    assert done.returncode == 0, talk
    return talk


def losses(folder) -> list[float]:
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    names = {"progress": "loss_nats", "validation": "validation_nats"}
    return [event[names[event["event"]]] for event in found if event["event"] in names]


@pytest.fixture
def poem(tmp_path):
    (tmp_path / "poem.txt").write_text(TEXT)
    return tmp_path


def test_two_processes_with_half_the_streams_each_learn_as_one_does(poem):
    train(poem, "poem.txt", *FLAGS, "--steps", "60", "--out", "one")
    talk = train(poem, "poem.txt", *FLAGS, "--steps", "60", "--out", "two", processes=2)
    one, two = losses(poem / "one"), losses(poem / "two")
    assert len(one) == len(two) > 20
    assert two == pytest.approx(one, abs=1e-5)
    assert talk.count("best validation") == 1  # one speaks for both
    assert [path.name for path in sorted((poem / "two").iterdir())] == [
        "best.safetensors", "config.yaml", "last.safetensors", "metrics.jsonl",
    ]  # fmt: skip


def test_processes_agree_on_what_a_budget_of_minutes_holds(poem):
    (poem / "long.txt").write_text((poem / "poem.txt").read_text() * 50)
    train(poem, "long.txt", *FLAGS, "--minutes", "0.3", "--out", "two", processes=2)
    lines = (poem / "two" / "metrics.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    (settled,) = [event for event in events if event["event"] == "settled"]
    assert (events[-1]["event"], events[-1]["step"]) == ("finished", settled["steps"])


def test_processes_that_were_stopped_go_on_as_if_they_never_had_been(poem):
    flags = [*FLAGS, "--dropout", "0.3", "--steps", "160"]
    train(poem, "poem.txt", *flags, "--out", "whole", processes=2)
    stopped = start(poem, "poem.txt", *flags, "--out", "parts", processes=2)
    while not (poem / "parts" / "metrics.jsonl").exists() or len(losses(poem / "parts")) < 8:
        time.sleep(0.05)
        assert stopped.poll() is None
    stopped.send_signal(signal.SIGTERM)
    stopped.communicate(timeout=60)
    assert (poem / "parts" / "resume.safetensors").exists()
    train(poem, "--resume", "parts", processes=2)
    whole, parts = (load_file(poem / name / "last.safetensors") for name in ("whole", "parts"))
    assert all((whole[name] == parts[name]).all() for name in whole)


def test_streams_that_cannot_be_shared_evenly_are_refused(poem):
    done = start(poem, "poem.txt", *FLAGS, "--batch", "7", processes=2)
    _, talk = done.communicate(timeout=300)
    assert done.returncode == 1
    assert "charrnn train: a batch of 7 sequences cannot be divided evenly" in talk
