"""How good a model a preset or a time budget gives, on tinyshakespeare, 90/10.

    python tests/benchmarks/quality.py CORPUS NAME... [--seeds 0 1 2]

NAME: race, minute, ten, quality or ancestor. Each is the real command in a process of its own. The
validation part chooses the checkpoint, as it does in nanoGPT; carried: all of it in order; cold W:
windows of W characters from a zero state. Seconds are those of the training alone, and of the whole
command.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from charrnn import checkpoint

COMMANDS = {
    "race": ["--preset", "race"],
    "minute": ["--minutes", "1"],
    "ten": ["--minutes", "10"],
    "quality": ["--preset", "quality"],
    "ancestor": ["--preset", "ancestor", "--validation", "0.1"],
}
CHARRNN = Path(sys.executable).with_name("charrnn")
COLUMNS = ("carried", "cold 64", "cold 256", "parameters", "steps", "training s", "command s")


def measure(corpus: Path, flags: list[str], seed: str) -> dict[str, float]:
    """Train once; return the figures of the best model."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "run")
        start = time.perf_counter()
        command = [CHARRNN, "train", corpus, *flags, "--seed", seed, "--out", folder, "--quiet"]
        subprocess.run(command, check=True)
        seconds = time.perf_counter() - start
        events = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
        text = corpus.read_text(encoding="utf-8")
        held = Path(name, "held.txt")
        held.write_text(text[int(len(text) * 0.9) :], encoding="utf-8")
        best = checkpoint.load(folder / "best.safetensors")
        return {
            "carried": events[-1]["best_nats"],
            "cold 64": cold(folder, held, 64),
            "cold 256": cold(folder, held, 256),
            "parameters": best.architecture.parameters,
            "steps": events[-1]["step"],
            "training s": events[-1]["elapsed_seconds"],
            "command s": seconds,
        }


def cold(folder: Path, text: Path, window: int) -> float:
    """Return the nats a character that windows of a text cost from a zero state."""
    score = [CHARRNN, "inspect", "score", text, "--checkpoint", folder]
    command = [*score, "--cold", str(window), "--json"]
    done = subprocess.run(command, check=True, capture_output=True)
    return float(json.loads(done.stdout)["nats"])


def main() -> None:
    """Print a table: a row a run, and for several seeds their median and spread."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("names", nargs="+", choices=COMMANDS)
    parser.add_argument("--seeds", nargs="+", default=["0"])
    given = parser.parse_args()
    print(f"| | seed | {' | '.join(COLUMNS)} |")
    print(f"|---|---|{'---|' * len(COLUMNS)}")
    for name in given.names:
        rows = []
        for seed in given.seeds:
            rows.append(measure(given.corpus, COMMANDS[name], seed))
            print(f"| {name} | {seed} | {' | '.join(shown(rows[-1].values()))} |", flush=True)
        if len(rows) > 1:
            columns = [[row[column] for row in rows] for column in COLUMNS]
            medians = shown(statistics.median(column) for column in columns)
            print(f"| {name} | median | {' | '.join(medians)} |")
            spread = max(columns[0]) - min(columns[0])
            print(f"| {name} | spread | {spread:.4f} |" + " |" * (len(COLUMNS) - 1))


def shown(values) -> list[str]:
    """Return figures as text: losses to four digits, counts whole."""
    return [f"{value:.4f}" if value < 10 else f"{value:,.0f}" for value in values]


if __name__ == "__main__":
    main()
