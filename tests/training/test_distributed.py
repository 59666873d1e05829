"""Several processes train as one does: real ones, one time started by torchrun itself.

The others get the variables that torchrun sets, and are forked, see `tests.processes`.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from safetensors.numpy import load_file

from tests.processes import Process

TEXT = "she sells sea shells by the sea shore, and he sees the shells she sells.\n" * 60
FLAGS = "--hidden 12 --layers 2 --batch 8 --sequence 16 --dropout 0 --learning-rate 0.01".split()
TORCHRUN = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


def start(folder, *arguments, processes=1) -> list[Process]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free.getsockname()[1])}
    ranks = ({"RANK": str(n), "LOCAL_RANK": str(n)} for n in range(processes))
    given = os.environ | meeting | {"WORLD_SIZE": str(processes)}
    return [Process("train", *arguments, cwd=folder, env=given | rank) for rank in ranks]


def train(folder, *arguments, processes=1) -> str:
    done = [one.end() for one in start(folder, *arguments, processes=processes)]
    assert [one.returncode for one in done] == [0] * processes, done
    return "".join(one.stderr for one in done)


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
    done = subprocess.run(
        [sys.executable, *TORCHRUN, "-m", "charrnn", "train", "poem.txt", *FLAGS, "--steps", "60",
         "--out", "two"],
        cwd=poem, stderr=subprocess.PIPE, encoding="utf-8", timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    one, two = losses(poem / "one"), losses(poem / "two")
    assert len(one) == len(two) > 20
    assert two == pytest.approx(one, abs=1e-5)
    assert done.stderr.count("best validation") == 1  # one speaks for both
    assert [path.name for path in sorted((poem / "two").iterdir())] == [
        "best.safetensors", "config.yaml", "last.safetensors", "metrics.jsonl",
    ]  # fmt: skip


def test_processes_agree_on_what_a_budget_of_minutes_holds(poem):
    (poem / "long.txt").write_text((poem / "poem.txt").read_text() * 50)
    small = [*FLAGS, "--layers", "1", "--batch", "2", "--sequence", "8"]
    train(poem, "long.txt", *small, "--minutes", "0.15", "--out", "two", processes=2)
    lines = (poem / "two" / "metrics.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    (settled,) = [event for event in events if event["event"] == "settled"]
    assert (events[-1]["event"], events[-1]["step"]) == ("finished", settled["steps"])


def test_processes_that_were_stopped_go_on_as_if_they_never_had_been(poem):
    flags = [*FLAGS, "--dropout", "0.3", "--steps", "160", "--validate-every", "20"]
    train(poem, "poem.txt", *flags, "--out", "whole", processes=2)
    stopped = start(poem, "poem.txt", *flags, "--out", "parts", processes=2)
    while not (poem / "parts" / "metrics.jsonl").exists() or len(losses(poem / "parts")) < 8:
        time.sleep(0.05)
    for one in stopped:
        os.kill(one.pid, signal.SIGTERM)
    assert [one.end().returncode for one in stopped] == [130, 130]
    assert (poem / "parts" / "resume.safetensors").exists()
    train(poem, "--resume", "parts", processes=2)
    whole, parts = (load_file(poem / name / "last.safetensors") for name in ("whole", "parts"))
    assert all((whole[name] == parts[name]).all() for name in whole)


def test_streams_that_cannot_be_shared_evenly_are_refused(poem):
    first, second = (
        one.end() for one in start(poem, "poem.txt", *FLAGS, "--batch", "7", processes=2)
    )
    assert first.returncode == second.returncode == 1
    line = "charrnn train: a batch of 7 sequences cannot be divided evenly"
    assert first.stderr.startswith(line)
    assert second.stderr == ""
