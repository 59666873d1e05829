"""How much faster a step of training is than with torch.nn, on texts of unequal length.

    python -m tests.benchmarks.task_steps DATA

DATA: a folder of data sets, as for `tests.benchmarks.tasks`. The same batches are learned by both,
one after the other; with torch.nn they are packed sequences.
"""

import argparse
import statistics
import time
from pathlib import Path
from typing import Any

from charrnn.settled import settle
from charrnn.training.learners.descent import Descent
from charrnn.training.setup import Setup, prepare

BATCHES, WARM_UP = 40, 5
SHARED: dict[str, Any] = {"backbone": "gru", "batch": 64, "bidirectional": True, "embedding": 48}
CASES: dict[str, dict[str, Any]] = {
    "classify, BiGRU 1×128, surnames": SHARED
    | {"task": "classify", "corpus": ("names-split/train.tsv",), "layers": 1, "hidden": 128},
    "classify, BiGRU 1×128, sentences": SHARED
    | {"task": "classify", "corpus": ("langid-split/train.tsv",), "layers": 1, "hidden": 128},
    "seq2seq, GRU 2×256, lemmas": SHARED
    | {
        "task": "seq2seq",
        "corpus": ("inflection/english-train-high.tsv",),
        "columns": "1+3,2",
        "layers": 2,
        "hidden": 256,
    },
}


def prepared(data: Path, settings: dict[str, Any], kernel: str) -> tuple[Setup, Descent]:
    """Return a model that has learned nothing yet, and its learner."""
    corpus = tuple(str(data / name) for name in settings["corpus"])
    config, text = settle(settings | {"corpus": corpus, "kernel": kernel}, None, {})
    setup = prepare(config, text)
    return setup, Descent(setup.model, setup.settings, lambda step: 1.0)


def seconds(setup: Setup, learner: Descent, step: int) -> float:
    """Return how long a step takes, its batch being made."""
    chunk = setup.text.source.chunk(step)
    start = time.perf_counter()
    learner.advance(step, chunk).loss_nats.item()
    return time.perf_counter() - start


def main() -> None:
    """Print a line a case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data.absolute()
    for name, settings in CASES.items():
        fused, plain = (prepared(data, settings, kernel) for kernel in ("fused", "torch"))
        pairs = [(seconds(*fused, step), seconds(*plain, step)) for step in range(BATCHES)]
        ours, theirs = zip(*pairs[WARM_UP:], strict=True)
        ratio = statistics.median(b / a for a, b in pairs[WARM_UP:])
        print(
            f"{name}: {statistics.median(ours) * 1000:.1f} ms, torch.nn "
            f"{statistics.median(theirs) * 1000:.1f} ms, {ratio:.2f} times as long"
        )


if __name__ == "__main__":
    main()
