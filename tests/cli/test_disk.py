"""Disks that are too small or fill up while a run goes on: real ones, held in memory."""

import contextlib
import json
import subprocess
import sys
import time

import pytest

from charrnn import checkpoint
from tests.cli.test_app import wait_for
from tests.processes import Process

FLAGS = "--hidden 40 --layers 1 --batch 4 --sequence 16 --no-heldout --quiet".split()


@pytest.fixture
def disk(tmp_path):
    """Mount 600 kB as a disk, where this process may."""
    (tmp_path / "poem.txt").write_text("she sells sea shells by the sea shore\n" * 40)
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", folder]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root can mount a disk")
    yield folder
    subprocess.run(["umount", folder], check=True)


def start(disk, *flags) -> Process:
    run = disk / "run"
    return Process("train", "poem.txt", *FLAGS, *flags, "--out", run, cwd=disk.parent)


def fill(path) -> None:
    """Write a file until the disk holds no more."""
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(bytes(1000)):
            pass


def test_a_disk_that_is_too_small_is_known_before_the_first_step(disk):
    done = start(disk, "--keep", "100").end()
    assert done.returncode == 1
    line = "run: 1 MB are free on the disk, but the run will write 4 MB"
    assert line in done.stderr.splitlines()[0]
    assert not (disk / "run" / "best.safetensors").exists()


def test_a_disk_that_fills_up_ends_the_run_and_leaves_the_last_good_model(disk):
    process = start(disk, "--steps", "20000", "--epochs", "10000", "--validate-every", "100")
    wait_for(disk / "run" / "best.safetensors")
    fill(disk / "other")
    done = process.end()
    assert done.returncode == 1
    assert "No space left on device" in done.stderr.splitlines()[0]
    assert "Traceback" not in done.stderr
    assert checkpoint.load(disk / "run" / "best.safetensors").architecture.hidden == 40


def test_events_that_a_full_disk_cannot_hold_lose_no_step(disk):
    """The events go to the full disk; the run lies on another."""
    folder = disk.parent / "elsewhere"
    command = [sys.executable, "-m", "charrnn", "train"]
    flags = [*FLAGS, "--steps", "20000", "--epochs", "10000", "--out", folder, "--json"]
    with (disk / "events.jsonl").open("wb") as events:
        process = subprocess.Popen(
            [*command, "poem.txt", *flags],
            cwd=disk.parent, stdout=events, stderr=subprocess.PIPE, encoding="utf-8",
        )  # fmt: skip
        while not (folder / "best.safetensors").exists():
            time.sleep(0.05)
            assert process.poll() is None
        fill(disk / "other")
        _, talk = process.communicate(timeout=100)
    assert process.returncode == 1
    assert talk.splitlines()[0] == "charrnn train: stdout: No space left on device"
    assert "Traceback" not in talk
    written = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    reached = written[-1]["step"]
    again = [*command, "--resume", folder, "--json"]
    process = subprocess.Popen(again, stdout=subprocess.PIPE, encoding="utf-8")
    plan, first = (json.loads(process.stdout.readline()) for _ in range(2))
    process.kill()
    process.communicate()
    assert plan["event"] == "plan"
    assert reached < first["step"] <= reached + 10
