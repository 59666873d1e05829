"""How good a model of each task gets, on real data that is not part of the project.

    python -m tests.benchmarks.tasks DATA [--row NAME] [--on dev] [--minutes 2] [--seeds 0 1 2]

DATA: a folder of data sets, each with train, dev and test. Each row runs the real commands in
processes of their own, in a temporary folder, and prints its figures, a line a seed. Nothing is
chosen by the part that is scored: --on test is for the end.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from charrnn import checkpoint
from charrnn.text import labelled

WRITTEN = 2000  # texts, to see what they are like
Figures = dict[str, float]


def charrnn(folder: Path, *arguments: object, stdin: str = "") -> str:
    """Run a command in a folder; return what it prints."""
    command = [sys.executable, "-m", "charrnn", *map(str, arguments)]
    done = subprocess.run(
        command, cwd=folder, input=stdin, check=True, stdout=subprocess.PIPE, encoding="utf-8"
    )
    return done.stdout


def score(folder: Path, model: str, text: Path) -> dict[str, float]:
    """Return the figures of `inspect score`."""
    found: dict[str, float] = json.loads(
        charrnn(folder, "inspect", "score", text, "-m", model, "--json")
    )
    return found


def conditional(data: Path, part: str, minutes: float, seed: int, folder: Path) -> Figures:
    """Surnames for a nation, beside a language model of the same size trained as long on the names.

    The names of the language model are shuffled, since it validates on the last of them. agreed:
    the share of the names written, labels drawn by frequency, that a classifier gives the label for
    which they were written; it learned as long from the same names. new: in no training text.
    """
    names = data / "names-split"
    train = ("--minutes", minutes, "--seed", seed, "--quiet", "-o")
    charrnn(folder, "train", names / "train.tsv", "--task", "conditional", *train, "cond")
    shape = checkpoint.load(folder / "cond" / "best.safetensors").architecture
    size = ("--hidden", shape.hidden, "--layers", shape.layers, "--embedding", shape.embedding)
    learned = list(labelled.read([str(names / "train.tsv")]).texts)
    random.Random(seed).shuffle(learned)
    (folder / "names.txt").write_text("".join(f"{one}\n" for one in learned))
    rest = list(labelled.read([str(names / f"{part}.tsv")]).texts)
    (folder / "rest.txt").write_text("".join(f"{one}\n" for one in rest))
    lines = ("--records", "line", "--min-count", 2)
    charrnn(folder, "train", "names.txt", *lines, *size, *train, "plain")
    charrnn(folder, "train", names / "train.tsv", "--task", "classify", *train, "class")
    found = score(folder, "cond", names / f"{part}.tsv")
    plain = score(folder, "plain", folder / "rest.txt")
    sample = ("sample", "cond", "--samples", WRITTEN, "--seed", seed, "--quiet", "--json")
    written = [json.loads(line) for line in charrnn(folder, *sample).splitlines()]
    written = [one for one in written if one["text"]]
    given = charrnn(folder, "sample", "class", stdin="".join(f"{one['text']}\n" for one in written))
    agreed = [
        line.split("\t")[0] == one["label"]
        for line, one in zip(given.splitlines(), written, strict=True)
    ]
    known = set(learned)
    return {
        "nats": found["nats"],
        "nats without its label": found["nats_without_label"],
        "nats of a language model": plain["nats"],
        "better by": plain["nats"] - found["nats"],
        "accuracy by Bayes": found["accuracy"],
        "macro-F1 by Bayes": found["macro_f1"],
        "agreed": sum(agreed) / len(agreed),
        "new": sum(one["text"] not in known for one in written) / len(written),
    }


def labels(name: str, data: Path, part: str, minutes: float, seed: int, folder: Path) -> Figures:
    """Texts and a label for each, with what is chosen for them."""
    texts = data / f"{name}-split"
    train = ("--minutes", minutes, "--seed", seed, "--quiet", "-o", "run")
    charrnn(folder, "train", texts / "train.tsv", "--task", "classify", *train)
    found = score(folder, "run", texts / f"{part}.tsv")
    return {
        "accuracy": found["accuracy"],
        "macro-F1": found["macro_f1"],
        "log loss": found["log_loss"],
        "steps": steps(folder / "run"),
    }


def steps(run: Path) -> int:
    """Return how many steps a run took."""
    *_, last = (run / "metrics.jsonl").read_text().splitlines()
    return int(json.loads(last)["step"])


def diacritics(
    language: str, data: Path, part: str, minutes: float, seed: int, folder: Path
) -> Figures:
    """Lines of text that were stripped of their diacritics, restored: words and letters."""
    texts = data / f"diacritics-{language}"
    train = ("--minutes", minutes, "--seed", seed, "--quiet", "-o", "run")
    charrnn(folder, "train", texts / "train.txt", "--task", "tag", "--tag", "diacritics", *train)
    found = score(folder, "run", texts / f"{part}.txt")
    return {
        "words right": found["word_accuracy"],
        "wrong marks per letter": found["diacritic_error_rate"],
        "tags right": found["tag_accuracy"],
        "steps": steps(folder / "run"),
    }


def words(data: Path, part: str, minutes: float, seed: int, folder: Path) -> Figures:
    """Parts of speech, words and sentences of English, read from characters alone.

    Sentences of a document are joined by a space. A known word's part of speech is that of most of
    its characters.
    """
    texts = data / "pos-ewt"
    train = ("--minutes", minutes, "--seed", seed, "--quiet", "-o", "run")
    charrnn(folder, "train", texts / "train.conll", "--task", "tag", *train)
    found = score(folder, "run", texts / f"{part}.conll")
    return {
        "UPOS of known words": found["kind_accuracy"],
        "token F1": found["segmentation_f1"],
        "sentence F1": found["sentence_f1"],
        "token and UPOS F1": found["span_f1"],
    }


def pairs(
    folder_name: str,
    files: tuple[str, str],
    settings: tuple[object, ...],
    data: Path,
    part: str,
    minutes: float,
    seed: int,
    folder: Path,
) -> Figures:
    """A text for a text: exact answers and error rates, decoded by beam, never teacher-forced.

    files: what is learned, and what is scored, with PART in its name. dev validates the training.
    """
    texts, (learned, scored) = data / folder_name, files
    validates = ("--validate-on", texts / scored.replace("PART", "dev"))
    train = ("--minutes", minutes, "--seed", seed, "--quiet", "-o", "run")
    how = ("--task", "seq2seq", *settings)
    charrnn(folder, "train", texts / learned, *validates, *how, *train)
    columns = settings[:2] if "--columns" in settings[:2] else ()
    file = texts / scored.replace("PART", part)
    found = json.loads(charrnn(folder, "inspect", "score", file, "-m", "run", *columns, "--json"))
    events = [json.loads(line) for line in (folder / "run/metrics.jsonl").read_text().splitlines()]
    figures = {"exact": found["exact"], "wrong": 1 - found["exact"]}
    figures |= {name: value for name, value in found.items() if name.endswith("error_rate")}
    if folder_name == "fra-eng-split":
        figures["chrF"] = chrf(found["rows"])
    return figures | {"steps": events[-1]["step"]}


def chrf(rows: list[dict[str, list[str] | str]]) -> float:
    """Return chrF of answers with one or several references, by sacrebleu (pip install it)."""
    from sacrebleu import corpus_chrf

    most = max(len(row["references"]) for row in rows)
    references = [
        [row["references"][min(number, len(row["references"]) - 1)] for row in rows]
        for number in range(most)
    ]
    return float(corpus_chrf([row["answer"] for row in rows], references).score)


def inflection(language: str) -> Callable[[Path, str, float, int, Path], Figures]:
    """Return the row of a language: a lemma and its tags for its form."""
    files = f"{language}-train-high.tsv", f"{language}-PART.tsv"
    return partial(pairs, "inflection", files, ("--columns", "1+3,2"))


SPLIT = "train.tsv", "PART.tsv"
ALONE = ("--attention", "none")
SHORT = ("--hidden", 128, "--batch", 64, "--learning-rate", 0.003)  # for what is learned soon
SOUNDS = ("--target-symbols", "space")
ROWS: dict[str, Callable[[Path, str, float, int, Path], Figures]] = {
    **{name: partial(labels, name) for name in ("names", "sms", "langid")},
    "conditional": conditional,
    "diacritics-cs": partial(diacritics, "cs"),
    "diacritics-fr": partial(diacritics, "fr"),
    "diacritics-ar": partial(diacritics, "ar"),
    "pos-ewt": words,
    "dates": partial(pairs, "dates", SPLIT, SHORT),
    "dates-c": partial(pairs, "dates", SPLIT, SHORT + ALONE),
    "inflection-en": inflection("english"),
    "inflection-de": inflection("german"),
    "inflection-fi": inflection("finnish"),
    "histnorm": partial(pairs, "histnorm-de", SPLIT, ()),
    "g2p": partial(pairs, "cmudict-split", SPLIT, SOUNDS),
    "translate": partial(pairs, "fra-eng-split", SPLIT, ()),
    "translate-c": partial(pairs, "fra-eng-split", SPLIT, ALONE),
}


def main() -> None:
    """Print a line a row and seed, as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--row", choices=ROWS, action="append")
    parser.add_argument("--on", choices=("dev", "test"), default="dev")
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    given = parser.parse_args()
    for name in given.row or ROWS:
        for seed in given.seeds:
            with tempfile.TemporaryDirectory() as folder:
                data = given.data.absolute()
                found = ROWS[name](data, given.on, given.minutes, seed, Path(folder))
            figures = " · ".join(f"{key} {value:.4g}" for key, value in found.items())
            print(f"{name}, {given.on}, seed {seed}: {figures}", flush=True)


if __name__ == "__main__":
    main()
