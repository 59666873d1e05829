"""What reading from both sides is worth: gaps filled, typos found, beside one-way models.

    python -m tests.benchmarks.cloze TEXT --runs FOLDER [--steps 2000] [--gaps 200]

Trains three models on a text, each for as many steps: one that reads from both sides, a one-way
model of the same size, and a one-way model of as many parameters. What stands in FOLDER is not
trained again. The last tenth of the text, on which they validate, is then filled and proof-read:

- gaps of 1, 3 and 5 characters at random places: how often the true characters come first;
- 100 letters exchanged at random: how many are among the first N found. A one-way model lists the
  characters of the largest surprise; with --once also by each word once, as the proof-reader does.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

import charrnn
from charrnn import between
from charrnn.loaded import Model
from charrnn.neurons.proofreading import each_word_once, proofread
from charrnn.reading import of_string
from charrnn.sampling import gaps
from charrnn.sampling.fill import fill

SHAPE = "--layers 1 --embedding 48 --batch 32 --sequence 96 --learning-rate 0.004 --dropout 0"
SHAPE += " --weight-decay 0.01 --average 0.99 --epochs 1000"
MODELS = {
    "both": "--task cloze --hidden 128",
    "one way": "--hidden 128",
    "one way, wide": "--hidden 208",
}
SIZES = (1, 3, 5)
BEFORE, AFTER = 150, 100  # characters around a gap
TYPOS, FOUND = 100, (50, 100, 200)


def trained(text: Path, runs: Path, steps: int) -> dict[str, Model]:
    """Return the models, trained where they are not there yet."""
    for name, shape in MODELS.items():
        out = runs / name.replace(", ", "-").replace(" ", "-")
        if not (out / "best.safetensors").exists():
            command = f"{sys.executable} -m charrnn train {text} {SHAPE} {shape} --steps {steps}"
            every = f"--validate-every {steps // 2} --quiet --force -o {out}"
            subprocess.run(f"{command} {every}".split(), check=True, stdout=subprocess.DEVNULL)
    return {name: charrnn.load(runs / name.replace(", ", "-").replace(" ", "-")) for name in MODELS}


def filled(models: dict[str, Model], held: str, size: int, count: int) -> dict[str, list[bool]]:
    """Return of each way of filling which gaps it fills right."""
    random = np.random.default_rng(size)
    hits: dict[str, list[bool]] = {}
    for place in random.integers(BEFORE, len(held) - AFTER - size, count).tolist():
        want = held[place : place + size]
        around = held[place - BEFORE : place], held[place + size : place + size + AFTER]
        for name, model in models.items():
            before, after = (model.vocabulary.encode(one) for one in around)
            answers = {name: fill(model, before, size, after)[0].ids}
            if model.architecture.apart and size > 1:
                gap = gaps.Gap.of(model, before, after)
                beam = gaps.best(gap.score(gap.beam(0, size)), 1)
                answers[f"{name}, forward beam rescored"] = tuple(beam.paths[0].tolist())
            for way, ids in answers.items():
                hits.setdefault(way, []).append(model.vocabulary.decode(ids) == want)
    return hits


def with_typos(text: str, seed: int) -> tuple[str, list[int]]:
    """Return a text in which letters are exchanged for others of the same case, and where."""
    random = np.random.default_rng(seed)
    letters = [at for at, one in enumerate(text) if one.isascii() and one.isalpha()]
    places = sorted(random.choice(letters, TYPOS, replace=False).tolist())
    made = list(text)
    for at in places:
        first = "a" if text[at].islower() else "A"
        others = [one for one in map(chr, range(ord(first), ord(first) + 26)) if one != text[at]]
        made[at] = str(random.choice(others))
    return "".join(made), places


def listed(model: Model, text: str, once: bool) -> list[int]:
    """Return the most suspicious places of a text, the worst first."""
    read = of_string(model.checkpoint, text)
    if model.architecture.apart:
        found = proofread(model.opened, read, top=max(FOUND))
        return [one.place for one in found.found]
    costs = np.append([0], between.losses(model, read.ids))
    order = np.argsort(-costs, kind="stable")[: 10 * max(FOUND)]
    if once:
        words = each_word_once(text, order, costs[order])
        order = order[[number for number, *_ in words]]
    return order[: max(FOUND)].tolist()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("text", type=Path)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--gaps", type=int, default=200)
    given = parser.parse_args()
    whole = given.text.read_text("utf-8")
    models = trained(given.text, given.runs, given.steps)
    held = whole[int(len(whole) * 0.9) :]
    for name, model in models.items():
        nats = model.checkpoint.provenance["validation_nats"]
        bits = nats / np.log(2)
        size = model.architecture.parameters
        print(f"{name}: {size:,} parameters, {nats:.3f} nats, {bits:.3f} bits per character")
    made = [with_typos(held, seed) for seed in range(2)]
    for name, model in models.items():
        for once in (False, True)[model.architecture.apart :]:
            start = time.perf_counter()
            lists = [listed(model, text, once) for text, _ in made]
            hits = [
                sum(
                    len({*one[:many]} & {*places})
                    for one, (_, places) in zip(lists, made, strict=True)
                )
                / len(made)
                for many in FOUND
            ]
            seconds = (time.perf_counter() - start) / len(made)
            said = ", ".join(
                f"{hit:g} of the first {n}" for hit, n in zip(hits, FOUND, strict=True)
            )
            print(f"typos, {name}{', each word once' * once}: {said}; {seconds:.1f} s", flush=True)
    for size in SIZES:
        for name, hits in filled(models, held, size, given.gaps).items():
            print(f"gaps of {size}, {name}: {np.mean(hits):.1%} right", flush=True)


if __name__ == "__main__":
    main()
