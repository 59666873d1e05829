"""How long until something appears: `--help`, and the first character of a sample.

    python tests/benchmarks/start.py

Whole processes, run in turn with an interpreter that does nothing; medians in seconds.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from conftest import random_checkpoint

from charrnn import checkpoint

ROUNDS = 15


def seconds_to_first_output(arguments: list[str]) -> float:
    """Start a process and return when its first byte on stdout arrives."""
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        process.stdout.read(1)
        elapsed = time.perf_counter() - start
        process.kill()
    return elapsed


def seconds_to_end(arguments: list[str]) -> float:
    """Run a process to its end."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
    return time.perf_counter() - start


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.safetensors"
        checkpoint.save(model, random_checkpoint("lstm", layers=2, hidden=128))
        sample = ["-m", "charrnn", "sample", str(model), "--length", "100000"]
        cases = {
            "python -c pass": lambda: seconds_to_end(["-c", "pass"]),
            "charrnn --help": lambda: seconds_to_end(["-m", "charrnn", "--help"]),
            "charrnn sample, LSTM 2×128, to the first character": (
                lambda: seconds_to_first_output(sample)
            ),
        }
        seconds: dict[str, list[float]] = {name: [] for name in cases}
        for _ in range(ROUNDS):
            for name, run in cases.items():
                seconds[name].append(run())
    for name, times in seconds.items():
        low, high = min(times), max(times)
        print(f"{name:52} {statistics.median(times):.3f} s  ({low:.3f}–{high:.3f})")


if __name__ == "__main__":
    main()
