"""What commands take, whole, and whether that is more than it was.

    python -m tests.benchmarks [--before FOLDER] [--rounds 5]

First character, sampling, training, find: each command is run as its user runs it; the time, and
the most memory that it had. With --before the same are run from FOLDER, another working tree, in
turn, on the model that ships with this one; medians of the rounds, and of the ratios of
neighbouring ones. The other files here measure one thing each, more closely.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent.parent.parent
DEMO = str(HERE / "checkpoints" / "demo")
TRAIN = ["--layers", "1", "--hidden", "128", "--batch", "16", "--steps", "200", "--force"]
TEXT = "text.txt"  # CHARACTERS long
CHARACTERS = 1_000_000
LINES = "for name in sorted(names):\n    print(name)\n"
COMMANDS = {
    "help": ["--help"],
    "first character": ["sample", DEMO, "--length", "1", "--seed", "1"],
    "sampling": ["sample", DEMO, "--length", "20000", "--seed", "1"],
    "sampling, int8": ["sample", DEMO, "--weights", "int8", "--length", "20000", "--seed", "1"],
    "64 at once": ["sample", DEMO, "--length", "1000", "--samples", "64", "--seed", "1"],
    "training": ["train", "nested", *TRAIN, "--quiet"],
    "find": ["inspect", "find", "brackets", "--no-ablation", "--checkpoint", DEMO],
    "find all": ["inspect", "find", "--all", "--no-ablation", "--checkpoint", DEMO],
    "score": ["inspect", "score", "--checkpoint", DEMO],
    "gates, a million": ["inspect", "gates", "--checkpoint", DEMO, "--text", TEXT],
}


class Cost(NamedTuple):
    """Of a command: how long it took, and the most memory that its process had."""

    seconds: float
    megabytes: float


def cost(tree: Path, command: list[str]) -> Cost:
    """Run a command of a working tree in a folder that holds the text alone."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / TEXT).write_text((LINES * CHARACTERS)[:CHARACTERS])
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "charrnn", *command],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(tree)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        elapsed = time.perf_counter() - start
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(elapsed, usage.ru_maxrss / 1024)


def _medians(costs: tuple[Cost, ...]) -> str:
    seconds, megabytes = (statistics.median(one) for one in zip(*costs, strict=True))
    return f"{seconds:.2f} s, {megabytes:.0f} MB"


def main() -> None:
    """Print a line for each command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", type=Path, help="another working tree")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    trees = [HERE] if given.before is None else [given.before.absolute(), HERE]
    for name, command in COMMANDS.items():
        for tree in trees:  # so that all is compiled and read once
            cost(tree, command)
        rounds = [[cost(tree, command) for tree in trees] for _ in range(given.rounds)]
        line = ", then ".join(map(_medians, zip(*rounds, strict=True)))
        if given.before:
            ratio = statistics.median(now.seconds / before.seconds for before, now in rounds)
            line += f": {ratio:.2f} times as long"
        print(f"{name:16} {line}", flush=True)


if __name__ == "__main__":
    main()
