"""What the README shows is what the program does."""

import re
import shlex
from pathlib import Path

import pytest

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\w*\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
SHOWN = [block for block in BLOCKS if block.startswith("$ charrnn")]
HELP = [block for block in SHOWN if block.split("\n")[0].endswith("--help")]
SEARCHES = ("$ charrnn inspect find", "$ charrnn inspect explain")  # long; see test_find
SEEDED = [
    block
    for block in SHOWN
    if "checkpoints/demo" in block.split("\n")[0] and not block.startswith(SEARCHES)
]


def run(charrnn, tmp_path, block):
    """Run the first line of a block beside the demonstration model; return what was expected."""
    (tmp_path / "checkpoints").symlink_to(Path(__file__).parent.parent / "checkpoints")
    command, _, expected = block.partition("\n")
    done = charrnn(*shlex.split(command)[2:])
    assert done.returncode == 0, done.stderr
    return trimmed(done.stdout), trimmed(expected)


def trimmed(text):
    return [line.rstrip() for line in text.strip().split("\n")]


@pytest.mark.parametrize("block", HELP, ids=lambda block: block.split("\n")[0])
def test_the_help_is_that_of_the_program(charrnn, tmp_path, block):
    shown, expected = run(charrnn, tmp_path, block)
    assert shown == expected


@pytest.mark.parametrize("block", SEEDED, ids=lambda block: block.split("\n")[0][:40])
def test_the_output_is_that_of_the_program(charrnn, tmp_path, block):
    shown, expected = run(charrnn, tmp_path, block)
    assert shown == expected


def test_every_command_has_its_help_and_an_example():
    titles = [block.split("\n")[0] for block in HELP]
    for command in ("", " train", " sample", " inspect neuron", " inspect checkpoint"):
        assert f"$ charrnn{command} --help" in titles
    assert len(SEEDED) >= 3


def test_every_file_that_the_readme_names_is_there():
    for name in re.findall(r"\]\((?!https?:|#)([^)]+)\)|src=\"([^\"]+)\"", README):
        path = next(part for part in name if part)
        assert (Path(__file__).parent.parent / path).exists(), path
