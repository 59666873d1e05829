"""Whether the advice at the end of a run, once followed, lowers the loss.

    python -m tests.benchmarks.advice [--corpora FOLDER]

Runs as they are chosen and runs spoiled in one setting, on several texts; each is run again with
the flag that its last line names. Two processes, a thread each.
"""

import argparse
import dataclasses
import multiprocessing
import os
import re
import tempfile
from pathlib import Path

from charrnn.settings import TrainConfig
from charrnn.text.corpus import Corpus
from tests.benchmarks.recipes import settings_of, text

RUNS = [  # text, cell, compute, what is changed
    ("shakespeare", "lstm", 5e11, {}),
    ("shakespeare", "gru", 5e11, {"weight_decay": 3.0}),
    ("shakespeare", "lstm", 1e12, {"dropout": 0.5}),
    ("shakespeare", "lstm", 1e12, {"hidden": 48}),
    ("tunes", "lstm", 1e12, {"weight_decay": 2.0}),
    ("tunes", "vanilla", 1e12, {}),
    ("names", "lstm", 1e12, {"dropout": 0.4}),
    ("prose", "lstm", 1e12, {}),
    ("prose", "gru", 5e11, {"learning_rate": 0.05}),
    ("prose", "vanilla", 1e12, {"dropout": 0.4}),
    ("chapter", "lstm", 1e12, {"dropout": 0.0, "steps": 900}),
    ("chapter", "gru", 1e12, {"dropout": 0.1, "steps": 900}),
    ("poem", "lstm", 1e12, {"dropout": 0.2, "steps": 500}),
    ("names300", "lstm", 1e12, {"dropout": 0.0, "steps": 400}),
]


def trained(name: str, corpora: Path, settings: TrainConfig) -> tuple[float, str]:
    """Train once; return the best loss and the advice."""
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    from charrnn.training.trainer import train

    with tempfile.TemporaryDirectory() as folder:
        *_, end = train(settings, Corpus(name, text(name, corpora), name), Path(folder))
    return end.best_nats, end.diagnosis


def followed(job: tuple) -> str:
    """Train, follow the advice, and return a row of the table."""
    (name, cell, compute, change), corpora = job
    settings = settings_of(Corpus(name, text(name, corpora), name), cell, compute, {})
    settings = dataclasses.replace(settings, **change, epochs=10_000)
    before, advice = trained(name, corpora, settings)
    flag = re.search(r"--([a-z-]+) ([\d.e-]+)", advice)
    after = before
    if flag:
        field = flag[1].replace("-", "_")
        value = type(getattr(settings, field))(float(flag[2]))
        after, _ = trained(name, corpora, dataclasses.replace(settings, **{field: value}))
    said = ", ".join(f"{key} {value:g}" for key, value in change.items()) or "as chosen"
    result = f"{after:.3f}" if flag else "–"
    return f"| {name}, {cell}, {said} | {before:.3f} | {advice} | {result} |"


def main() -> None:
    """Print a table: a row a run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    corpora = parser.parse_args().corpora
    print("| run | loss | advice | loss once it is followed |\n|---|---|---|---|")
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        for row in pool.imap(followed, [(run, corpora) for run in RUNS]):
            print(row, flush=True)


if __name__ == "__main__":
    main()
