"""The code itself: style, types and layers, checked by the tools that know."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    ["ruff check", "ruff format --check", "mypy", "lint-imports"],
    ids=lambda command: command.replace(" ", "-"),
)
def test_the_code_passes(command):
    name, *arguments = command.split()
    done = subprocess.run([BIN / name, *arguments], cwd=ROOT, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_top_level_holds_nothing_else():
    allowed = {"pyproject.toml", "README.md", "LICENSE", "charrnn", "tests", "corpora"}
    allowed |= {"checkpoints", "dist", "build"}
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert found <= allowed
