"""What many tests share: small random models, and the program as a real process."""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported: small sizes, busy machines

import itertools
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest

from charrnn import config, tasks
from charrnn.architecture import Architecture
from charrnn.checkpoint import Checkpoint
from charrnn.text.vocabulary import Vocabulary
from tests import processes

os.fsync = lambda descriptor: None  # disks are slow, and no test survives a power cut

hypothesis.settings.register_profile("unhurried", deadline=None)  # machines are busy
hypothesis.settings.load_profile("unhurried")

ALPHABET = "\n !,.abcdefghijklmnopqrstuvwxyz"


def random_checkpoint(
    backbone: str = "lstm",
    layers: int = 2,
    hidden: int = 5,
    embedding: int = 0,
    alphabet: str = ALPHABET,
    seed: int = 0,
    **shape: bool | int | str,
) -> Checkpoint:
    """Make a model with random weights, small enough that its recurrence is not chaotic."""
    vocabulary = Vocabulary.of(alphabet)
    architecture = Architecture(backbone, layers, hidden, len(vocabulary), embedding, **shape)
    random = np.random.default_rng(seed)
    weights = {
        name: random.normal(scale=0.6 * hidden**-0.5, size=shape).astype(np.float32)
        for name, shape in architecture.shapes().items()
    }
    heldout = vocabulary.encode(alphabet * 10)
    return Checkpoint(architecture, vocabulary, weights, {"steps": 7}, heldout)


@pytest.fixture
def make_checkpoint() -> Callable[..., Checkpoint]:
    return random_checkpoint


@pytest.fixture
def make_labeller() -> Callable[..., Checkpoint]:
    return random_labeller


def random_labeller(pool: str = "mean", both: bool = True, count: int = 300) -> Checkpoint:
    """Make a model with random weights that labels texts, some of which it holds."""
    shape = {"bidirectional": both, "classes": 3, "pool": pool}
    alphabet = "\x1e abcdefghij"
    made = random_checkpoint("gru", layers=2, hidden=4, alphabet=alphabet, **shape)
    random = np.random.default_rng(0)
    lengths = random.integers(1, 40, count)
    texts = ["".join(random.choice(list("abcdefghij"), length)) for length in lengths]
    return replace(
        made,
        heldout=made.vocabulary.encode("".join("\x1e" + text for text in texts)),
        record_end="\x1e",
        task="classify",
        labels=("x", "y", "z"),
        heldout_labels=random.integers(0, 3, count).astype(np.uint16),
    )


@pytest.fixture(autouse=True)
def state_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let no test see what searches have found before, nor leave what it finds."""
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder / "charrnn" / "neurons"


@pytest.fixture
def stopped_at(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Train in a folder until a step, and leave the run in its folder `parts`."""

    def stopped(step: int, folder: Path, **flags: Any) -> None:
        from charrnn.training.trainer import train

        monkeypatch.chdir(folder)
        settings, asked = config.resolve(flags, None, {}), itertools.count()
        corpus, parts = tasks.of(settings.task).read(settings), Path("parts")
        parts.mkdir()
        effort = config.effort(flags, None, {})
        for _ in train(settings, corpus, parts, stop=lambda: next(asked) == step, effort=effort):
            pass

    return stopped


@pytest.fixture
def charrnn(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command in an empty folder with nothing on stdin, and return what it did."""

    def run(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess:
        env = plain_environment() | environment
        fresh = any(name.startswith(processes.AT_START) for name in environment)
        return processes.run(*arguments, cwd=tmp_path, stdin=stdin, env=env, fresh=fresh)

    return run


def plain_environment() -> dict[str, str]:
    """Return the environment without what would change settings, colours or widths."""
    unset = ("CHARRNN_", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "COLORFGBG", "TERM")
    return {name: value for name, value in os.environ.items() if not name.startswith(unset)}
