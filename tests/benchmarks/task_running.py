"""How many texts a second are labelled from the shell, beside a loop in torch.nn.

    python -m tests.benchmarks.task_running RUN TEXTS

RUN: a model that labels texts. TEXTS: a file with a text in each line. The loop reads as many texts
at once, sorted by length, as packed sequences; both are whole commands, with all that they import.
They run in turn, three times each.
"""

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS, TOGETHER = 3, 256


def with_torch(run: Path) -> None:
    """Label the lines of standard input with torch.nn."""
    import numpy as np
    import torch

    from charrnn import checkpoint, labelling
    from charrnn.training.model import CharacterModel
    from charrnn.training.tasks.classify import _logits

    loaded = checkpoint.load(run / "best.safetensors")
    model = CharacterModel(loaded.architecture)
    model.begin_with(loaded.weights)
    model.eval()
    lines = sys.stdin.read().splitlines()
    texts = labelling.encoded(loaded.network(), lines)
    order = np.argsort(texts.lengths, kind="stable")
    found = np.empty((len(lines), len(loaded.labels)))
    with torch.no_grad():
        for first in range(0, len(order), TOGETHER):
            chosen = order[first : first + TOGETHER]
            found[chosen] = _logits(model, texts.read(chosen)).softmax(dim=1).numpy()
    for row in found:
        print(f"{loaded.labels[int(row.argmax())]}\t{row.max():.4f}")


def seconds(command: list[str], texts: Path) -> float:
    """Return how long a command takes to label the texts."""
    start = time.perf_counter()
    with texts.open("rb") as lines:
        subprocess.run(command, stdin=lines, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def main() -> None:
    """Print the times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("texts", type=Path, nargs="?")
    given = parser.parse_args()
    if not given.texts:
        return with_torch(given.run)
    ours = [sys.executable, "-m", "charrnn", "sample", str(given.run)]
    theirs = [sys.executable, "-m", "tests.benchmarks.task_running", str(given.run)]
    pairs = [(seconds(ours, given.texts), seconds(theirs, given.texts)) for _ in range(ROUNDS)]
    mine, other = (statistics.median(times) for times in zip(*pairs, strict=True))
    count = len(given.texts.read_text(encoding="utf-8").splitlines())
    ratio = statistics.median(b / a for a, b in pairs)
    print(f"{count:,} texts: {mine:.2f} s, {count / mine:,.0f} a second")
    print(f"torch.nn {other:.2f} s, {count / other:,.0f} a second: {ratio:.1f} times as long")
    return None


if __name__ == "__main__":
    main()
