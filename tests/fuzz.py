"""Files that chance has damaged, or somebody has made up, given to every reader.

    python -m tests.fuzz [--minutes 10] [--seed 0]

Mutates checkpoints, states of stopped runs, metrics, settings, labels, texts and the file of known
neurons: flipped bits, cuts, splices, values of other types, nesting, sizes. A reader may return a
result or raise one of our errors; whatever else it does is printed with the number that makes the
same file again (--only KIND --seed N), and the command fails.
"""

import argparse
import contextlib
import json
import random
import signal
import struct
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from charrnn import checkpoint, curves, folders, runs
from charrnn.config import resolve
from charrnn.errors import CharrnnError
from charrnn.neurons import known
from charrnn.neurons.concepts import built_in, from_file
from charrnn.text import corpus
from charrnn.text.corpus import Corpus
from tests.findings import finding

SECONDS = 10  # that a reader may take for one file
TEXT = "the sea was wet as wet could be, (the sands) were dry as dry.\n" * 30
HOSTILE: list[Any] = [
    None, True, -1, 0, 1, 2**31, 10**18, 10**400, 0.5, -0.0, float("nan"), float("inf"), 3e38, "",
    "x", "\ud800", "é" * 300, "9" * 5000, [], {}, [[]], [1, "a", None], {"a": {"b": 1}},
]  # fmt: skip


NOT_AS_EXPECTED = (  # of a file that was damaged before
    ValueError, TypeError, LookupError, AttributeError, RecursionError, StopIteration, struct.error
)  # fmt: skip


@dataclass
class Kind:
    """A file as it should be, and what reads it."""

    data: bytes
    read: Callable[[Path], object]


def kinds(folder: Path) -> dict[str, Kind]:
    """Make a small run that was stopped; return its files and the others."""
    from charrnn.training.setup import prepare
    from charrnn.training.trainer import _forget_later_metrics, train

    settings = resolve(
        {"hidden": 6, "batch": 2, "sequence": 16, "steps": 40, "validate_every": 10, "threads": 1},
        None,
        {},
    )
    text = Corpus("sea", TEXT, "0" * 64)
    run = folder / "run"
    run.mkdir()
    asked = iter([False] * 25)
    list(train(settings, text, run, stop=lambda: next(asked, True)))
    setup = prepare(settings, text)

    def resumed(path: Path) -> None:
        from charrnn.training.learners.descent import Descent
        from charrnn.training.resume import restore

        restore(path, setup, Descent(setup.model, settings, lambda step: 1.0))

    def loaded(path: Path) -> None:
        model = checkpoint.load(path)
        ids = np.zeros((3, 1), np.uint8)
        assert np.isfinite(model.network().run(ids).logits).all()

    def metrics(path: Path) -> None:
        (path.parent / runs.METRICS).write_bytes(path.read_bytes())
        _forget_later_metrics(path, 20)
        curves.read(path.parent)

    model = checkpoint.load(run / runs.LAST)
    known.keep(run / runs.LAST, model, [finding(built_in("")["brackets"], 0.9, 0.1)], "a text")

    def recalled(path: Path) -> None:
        (path.parent / known.NAME).write_bytes(path.read_bytes())
        known.ranked(path, model)

    return {
        "checkpoint": Kind((run / runs.LAST).read_bytes(), loaded),
        "state": Kind((run / runs.RESUME).read_bytes(), resumed),
        "metrics": Kind((run / runs.METRICS).read_bytes(), metrics),
        "settings": Kind((run / runs.CONFIG).read_bytes(), lambda path: resolve({}, path, {})),
        "labels": Kind(b" ".join([b"0", b"1", b"0.5"] * 30), lambda path: from_file(path, 90)),
        "text": Kind(TEXT.encode(), lambda path: corpus.read([str(path)]).records("blank")),
        "known": Kind((run / known.NAME).read_bytes(), recalled),
    }


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Return a file that differs from another one by a few mishaps."""
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        data = chance.choice(MISHAPS)(data, chance)
    return data


def flip(data: bytes, chance: random.Random) -> bytes:
    """Flip some bits, mostly near the start, where headers are."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8) if changed else 0):
        last = min(len(changed), chance.choice((16, 400, 4000, len(changed))))
        changed[chance.randrange(last)] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut(data: bytes, chance: random.Random) -> bytes:
    """Lose the end."""
    return data[: chance.randint(0, len(data))]


def splice(data: bytes, chance: random.Random) -> bytes:
    """Copy one part to another place."""
    start, stop = sorted(chance.randint(0, len(data)) for _ in range(2))
    place = chance.randint(0, len(data))
    return data[:place] + data[start : min(stop, start + 10_000)] + data[place:]


def junk(data: bytes, chance: random.Random) -> bytes:
    """Put in what does not belong there."""
    place = chance.randint(0, len(data))
    what = chance.choice(
        (
            chance.randbytes(9),
            b"\0" * 99,
            b"[" * 3000,
            b"\xff\xfe",
            b"\xe2\x80\xae",
            b"1e999 nan",
        )
    )
    return data[:place] + what + data[place:]


def retyped(data: bytes, chance: random.Random) -> bytes:
    """Change one value of the JSON that a file is, holds in its lines, or has as its header."""
    with contextlib.suppress(*NOT_AS_EXPECTED):
        if data[:1] == b"{":
            lines = data.splitlines()
            place = chance.randrange(len(lines))
            lines[place] = changed_json(lines[place], chance)
            return b"\n".join(lines) + b"\n"
        (length,) = struct.unpack("<Q", data[:8])
        header = json.loads(data[8 : 8 + length])
        inner = header["__metadata__"]
        name = next(iter(inner))
        if chance.random() < 0.8:
            inner[name] = changed_json(inner[name].encode(), chance).decode()
            made = json.dumps(header).encode()
        else:
            made = changed_json(data[8 : 8 + length], chance)
        return struct.pack("<Q", len(made)) + made + data[8 + length :]
    return flip(data, chance)


def changed_json(text: bytes, chance: random.Random) -> bytes:
    """Return JSON with another value somewhere."""
    whole = [json.loads(text)]
    place: Any = whole
    key: Any = 0
    while isinstance(place[key], dict | list) and place[key] and chance.random() < 0.9:
        place = place[key]
        key = (
            chance.choice(list(place)) if isinstance(place, dict) else chance.randrange(len(place))
        )
    place[key] = chance.choice(HOSTILE)
    if chance.random() < 0.05:
        return b'{"a":' * 5000 + b"1" + b"}" * 5000
    return json.dumps(whole[0]).encode()


MISHAPS = (flip, cut, splice, junk, retyped, retyped)


@contextlib.contextmanager
def limited() -> Iterator[None]:
    """Raise TimeoutError where something takes too long, where the system can."""

    def ring(number: int, frame: object) -> None:
        raise TimeoutError(f"no answer after {SECONDS} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def tried(kind: Kind, seed: int, folder: Path) -> tuple[str, str]:
    """Read one mutated file; return whether it was read, refused, or what else happened."""
    path = folder / "file"
    path.write_bytes(mutated(kind.data, random.Random(seed)))
    try:
        with limited(), warnings.catch_warnings():
            warnings.simplefilter("error")
            kind.read(path)
    except CharrnnError:
        return "refused", ""
    except BaseException as error:  # whatever it is, it is what is looked for
        return "found", f"{type(error).__name__}: {' '.join(str(error).split())[:150]}"
    return "read", ""


def fuzz(seconds: float, seed: int, only: str = "") -> tuple[Counter[tuple[str, str]], list[str]]:
    """Try files for some seconds; return the counts by kind and result, and what was found."""
    counts: Counter[tuple[str, str]] = Counter()
    found = []
    with (
        tempfile.TemporaryDirectory() as name,
        mock.patch.object(folders, "state", return_value=Path(name)),
    ):
        made = kinds(Path(name))
        ends = time.monotonic() + seconds
        while not counts or time.monotonic() < ends:
            for kind in [only] if only else made:
                result, what = tried(made[kind], seed, Path(name))
                counts[kind, result] += 1
                if result == "found":
                    found.append(f"{kind}, --seed {seed}: {what}")
            seed += 1
    return counts, found


def main() -> None:
    """Print what was tried, by kind, and what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="one kind of file")
    given = parser.parse_args()
    counts, found = fuzz(given.minutes * 60, given.seed, given.only)
    print(f"{counts.total():,} files")
    for kind in dict.fromkeys(kind for kind, _ in counts):
        results = (f"{counts[kind, result]:,} {result}" for result in ("read", "refused", "found"))
        print(f"{kind:<10} {', '.join(results)}")
    for line in found[:50]:
        print(line)
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
