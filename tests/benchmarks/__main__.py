"""What commands take, whole, and whether that is more than it was.

    python -m tests.benchmarks [--before FOLDER] [--rounds 5]

First character, sampling, training, find: each command is run as its user runs it. With --before
the same are run from FOLDER, another working tree, in turn, on the model that ships with this one;
medians of the rounds, and of the ratios of neighbouring ones. The other files here measure one
thing each, more closely.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent.parent.parent
DEMO = str(HERE / "checkpoints" / "demo")
TRAIN = ["--layers", "1", "--hidden", "128", "--batch", "16", "--steps", "200", "--force"]
COMMANDS = {
    "first character": ["sample", DEMO, "--length", "1", "--seed", "1"],
    "sampling": ["sample", DEMO, "--length", "20000", "--seed", "1"],
    "64 at once": ["sample", DEMO, "--length", "1000", "--samples", "64", "--seed", "1"],
    "training": ["train", "nested", *TRAIN, "--quiet"],
    "find": ["inspect", "find", "brackets", "--no-ablation", "--checkpoint", DEMO],
    "find all": ["inspect", "find", "--all", "--no-ablation", "--checkpoint", DEMO],
    "score": ["inspect", "score", "--checkpoint", DEMO],
}


def seconds(tree: Path, command: list[str]) -> float:
    """Run a command of a working tree in an empty folder; return how long it took."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "charrnn", *command],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(tree)},
            check=True,
            capture_output=True,
        )
        return time.perf_counter() - start


def main() -> None:
    """Print a line for each command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", type=Path, help="another working tree")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    trees = [HERE] if given.before is None else [given.before.absolute(), HERE]
    for name, command in COMMANDS.items():
        for tree in trees:  # so that all is compiled and read once
            seconds(tree, command)
        rounds = [[seconds(tree, command) for tree in trees] for _ in range(given.rounds)]
        line = ", then ".join(
            f"{statistics.median(one):.2f} s" for one in zip(*rounds, strict=True)
        )
        if given.before:
            ratio = statistics.median(now / before for before, now in rounds)
            line += f": {ratio:.2f} times as long"
        print(f"{name:16} {line}", flush=True)


if __name__ == "__main__":
    main()
