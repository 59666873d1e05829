"""The JSON of each command has the names that the page of formats lists, and no others."""

import json
import re
from pathlib import Path

import pytest

from tests import processes

PAGE = Path(__file__).parents[2] / "charrnn" / "docs" / "format.md"
TEXT = PAGE.read_text(encoding="utf-8").split("## JSON")[1]
LISTED = dict(re.findall(r"^\| `([^`|]+)` \| (.+) \|$", TEXT, re.M))
COMMANDS = {
    "inspect": ["-m", "demo"],
    "inspect find": ["brackets", "--no-ablation"],
    "inspect neuron": ["42", "-n", "20", "--concept", "brackets"],
    "inspect explain": ["5"],
    "inspect ablate": ["5"],
    "inspect gates": [],
    "inspect text": ["-n", "20"],
    "inspect score": ["--per-character"],
    "inspect compare": ["demo", "demo"],
    "inspect checkpoint": ["demo"],
    "inspect run": ["run"],
    "inspect runs": ["."],
    "sample": ["demo", "-n", "5"],
    "train --preset list": [],
}
INNER = {"refused"}  # names within names, and options
POEM = "def f(x):\n    return [x, (x + 1)]\n" * 30


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """Return the JSON of each command, which a run and a text are there for."""
    folder = tmp_path_factory.mktemp("json")
    (folder / "poem.py").write_text(POEM)

    def run(*arguments):
        done = processes.run(*arguments, cwd=folder)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("train", "poem.py", "--hidden", "8", "--steps", "20", "-o", "run", "-q")
    found = {}
    for name, arguments in COMMANDS.items():
        reads = {"find", "neuron", "explain", "ablate", "gates", "text", "score"}
        chosen = "run" if arguments == ["5"] else "demo"
        model = ["-m", chosen, "-t", "poem.py"] if name.split()[-1] in reads else []
        given = [*model, "-t", "poem.py"] if name.endswith("compare") else model
        found[name] = json.loads(run(*name.split(), *arguments, *given, "--json"))
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_the_page_lists_the_names_that_a_command_prints(printed, command):
    got = printed[command]
    assert got["version"] == 1
    listed = set(re.findall(r"`(\w+)`", LISTED[command].split(": ")[0])) - INNER
    assert listed == set(got) - {"version"} | ({"log_probs"} if command == "sample" else set())


def test_a_model_is_a_path_a_step_and_a_loss(printed):
    for command in ("inspect find", "inspect text", "inspect score", "inspect checkpoint"):
        model = printed[command]["model"]
        assert set(model) == {"path", "step", "validation_nats"}
        assert Path(model["path"]).exists()
        assert isinstance(model["step"], int)
