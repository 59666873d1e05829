"""How good the chosen hyperparameters are: their loss, and that of what lies around them.

    python -m tests.benchmarks.recipes FOLDER [--compute 3e12] [--cells lstm gru] [--texts NAME...]
    python -m tests.benchmarks.recipes FOLDER --tables

For each text, cell and training compute the settings that `charrnn.hyperparameters` chooses are
trained, and those that differ from them in one coordinate: rate, decay, dropout, size, depth. Steps
are fixed by the compute, so that a noisy machine changes nothing. Each run is one line in
FOLDER/runs.jsonl, under the settings that it had; the command goes on where it stopped, and what a
changed rule has in common with the old one is not run again. Two processes, a thread each.

The texts: tiny Shakespeare, Nottingham tunes, names and 300 Tang poems from --corpora; the standard
library's source, its prose wrapped at 60 columns, a chapter of 20,000 characters of that, a poem.
"""

import argparse
import ast
import dataclasses
import hashlib
import json
import multiprocessing
import os
import random
import re
import statistics
import tempfile
import textwrap
from collections import defaultdict
from pathlib import Path

from charrnn.config import to_yaml
from charrnn.hyperparameters import fit
from charrnn.settings import TrainConfig
from charrnn.text import dataset
from charrnn.text.corpus import Corpus

FROM_CORPORA = {
    "shakespeare": "tinyshakespeare.txt",
    "tunes": "nottingham.abc",
    "names": "names.txt",
    "tang": "tang300.txt",
}
TEXTS = (*FROM_CORPORA, "source", "prose", "chapter", "poem", "names300")
VALIDATIONS = 10
GIVEN = ("backbone", "validation_chars")
ADDED = ("dropout", "layers")  # what is changed by adding, not by a factor
COORDINATES = {  # name: settings by their factors
    "rate": [{"learning_rate": factor} for factor in (0.6, 1.7)],
    "decay": [{"weight_decay": factor} for factor in (0.3, 3.0)],
    "dropout": [{"dropout": -0.15}, {"dropout": 0.15}],
    "width": [{"hidden": factor} for factor in (0.7, 1.4)],
    "depth": [{"layers": 1}, {"layers": -1}],
}


def text(name: str, corpora: Path) -> str:
    """Return a text by its name."""
    if name in FROM_CORPORA:
        return (corpora / FROM_CORPORA[name]).read_text(encoding="utf-8")
    if name == "names300":
        return "".join((corpora / "names.txt").read_text().splitlines(keepends=True)[:300])
    if name == "poem":
        return (corpora / "tinyshakespeare.txt").read_text()[200_000:202_000]
    library = Path(ast.__file__).parent
    sources = [path for path in library.rglob("*.py") if "site-packages" not in path.parts]
    sources.sort(key=lambda path: hashlib.sha256(str(path.relative_to(library)).encode()).digest())
    if name == "source":
        return "".join(path.read_text("utf-8", "replace") for path in sources)
    prose = _prose(path for path in sources if not {"test", "tests"} & set(path.parts))
    return prose[:20_000] if name == "chapter" else prose


def _prose(sources) -> str:
    """Return the paragraphs of the documentation in sources, wrapped at 60 columns."""
    found = set()
    for path in sources:
        try:
            tree = ast.parse(path.read_text("utf-8"))
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                for part in re.split(r"\n\s*\n", ast.get_docstring(node) or ""):
                    found.add(" ".join(part.split()))
    from pydoc_data.topics import topics

    for topic in topics.values():
        found |= {" ".join(part.split()) for part in re.split(r"\n\s*\n", topic)}
    paragraphs = sorted(p for p in found if len(p) >= 100 and p.isascii() and p[-1] in ".!?:")
    random.Random(0).shuffle(paragraphs)
    return "\n\n".join(textwrap.fill(paragraph, 60) for paragraph in paragraphs)


def settings_of(corpus: Corpus, cell: str, compute: float, change: dict) -> TrainConfig:
    """Return the chosen settings, changed by factors (depth and dropout: by what is added)."""
    records = "line" if corpus.name.startswith("names") else ""
    start = dataclasses.replace(
        TrainConfig(), backbone=cell, records=records, threads=1, validation_chars=100_000
    )
    size = dataset.size_of(start, corpus)
    chosen, _ = fit(start, GIVEN, size, compute)
    values = {}
    for name, factor in change.items():
        now = getattr(chosen, name)
        if name == "layers":
            values[name] = now + factor
        elif name == "dropout":
            values[name] = round(min(0.8, now + factor), 2)
        elif name == "hidden":
            values[name] = 16 * max(1, round(now * factor / 16))
        else:
            values[name] = float(f"{now * factor:.2g}")
    if values.keys() & {"hidden", "layers"}:
        values = {"hidden": chosen.hidden, "layers": chosen.layers} | values
        start = dataclasses.replace(start, **values)
        return fit(start, (*GIVEN, "hidden", "layers"), size, compute)[0]
    return dataclasses.replace(chosen, **values)


def key(name: str, settings: TrainConfig) -> str:
    """Return what identifies a run."""
    plain = dataclasses.asdict(settings) | {"text": name, "epochs": 0}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]


def measure(job: tuple) -> dict:
    """Train once; return its row."""
    name, corpora, settings, row = job
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    from charrnn.training.events import Finished, Validation
    from charrnn.training.trainer import train

    every = max(1, settings.steps // VALIDATIONS)
    settings = dataclasses.replace(settings, validate_every=every, heldout=False)
    corpus = Corpus(name, text(name, corpora), name)
    with tempfile.TemporaryDirectory() as folder:
        events = list(train(settings, corpus, Path(folder)))
    seen = [event for event in events if isinstance(event, Validation)]
    end = next(event for event in events if isinstance(event, Finished))
    return row | {
        "best": end.best_nats,
        "best_step": end.best_step,
        "last": seen[-1].validation_nats,
        "training": seen[-1].training_nats,
        "dead": seen[-1].dead_units,
        "seconds": end.elapsed_seconds,
        "settings": to_yaml(settings),
    }


def jobs(given: argparse.Namespace, done: set[str]):
    """Yield what is still to be run, the chosen settings before what lies around them."""
    corpora = {name: Corpus(name, text(name, given.corpora), name) for name in given.texts}
    changes = [{}, *(change for name in given.coordinates for change in COORDINATES[name])]
    for change in changes:
        for name, corpus in corpora.items():
            for cell in given.cells:
                settings = settings_of(corpus, cell, given.compute, change)
                settings = dataclasses.replace(settings, seed=given.seed)
                identity = key(name, settings)
                if settings.layers < 1 or settings.dropout < 0 or identity in done:
                    continue
                done.add(identity)
                row = {"key": identity, "text": name, "cell": cell, "compute": given.compute}
                yield name, given.corpora, settings, row | {"change": change, "seed": given.seed}


def tables(rows: list[dict]) -> None:
    """Print, for each cell and compute, how far the choice is from the best that was found.

    Left out: the gap of the choice whose factors are those that are best, on average, for all the
    other texts; what several factors win is added up.
    """
    groups = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        if row["seed"] == 0:
            groups[row["cell"], row["compute"]][row["text"]][json.dumps(row["change"])] = row
    for (cell, compute), texts in sorted(groups.items()):
        print(f"\n### {cell}, {compute:.0e} floating-point operations\n")
        print("| text | chosen | at its end | training | best found | with | gap | left out |")
        print("|---|---|---|---|---|---|---|---|")
        for name, found in texts.items():
            if "{}" not in found:
                continue
            chosen, best = found["{}"], min(found.values(), key=lambda row: row["best"])
            gap = chosen["best"] - best["best"]
            print(
                f"| {name} | {chosen['best']:.3f} | {chosen['last']:.3f} | "
                f"{chosen['training']:.3f} | {best['best']:.3f} | "
                f"{_words(best['change'])} | {gap:.3f} | {gap + _left_out(name, texts):.3f} |"
            )


def _words(change: dict) -> str:
    def words(name: str, factor: float) -> str:
        return f"{name} {factor:+g}" if name in ADDED else f"{name} × {factor:g}"

    return ", ".join(words(*one) for one in change.items()) or "as chosen"


def _left_out(name: str, texts: dict) -> float:
    """Return what a text's loss changes by the factors that are best on average for the others."""
    total = 0.0
    for options in COORDINATES.values():
        means = {"{}": 0.0}
        for change in map(json.dumps, options):
            differences = [
                found[change]["best"] - found["{}"]["best"]
                for other, found in texts.items()
                if other != name and change in found and "{}" in found
            ]
            if len(differences) > 2:
                means[change] = statistics.fmean(differences)
        chosen = min(means, key=means.__getitem__)
        if chosen in texts[name]:
            total += texts[name][chosen]["best"] - texts[name]["{}"]["best"]
    return total


def main() -> None:
    """Run what was not run yet, then print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    parser.add_argument("--texts", nargs="+", default=TEXTS, choices=TEXTS)
    parser.add_argument("--cells", nargs="+", default=["lstm"])
    parser.add_argument("--compute", type=float, default=3e12)
    parser.add_argument("--coordinates", nargs="*", default=list(COORDINATES))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tables", action="store_true", help="print them, and run nothing")
    given = parser.parse_args()
    path = given.folder / "runs.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    if given.tables:
        tables(rows)
        return
    context = multiprocessing.get_context("spawn")
    todo = jobs(given, {row["key"] for row in rows})
    with context.Pool(2, maxtasksperchild=20) as pool, path.open("a") as file:
        for row in pool.imap_unordered(measure, todo):
            print(json.dumps(row), file=file, flush=True)
            print(row["text"], row["cell"], row["change"], f"{row['best']:.4f}", flush=True)
            rows.append(row)
    tables(rows)


if __name__ == "__main__":
    main()
