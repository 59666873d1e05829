"""Two networks on one text: where each is better, and which neurons do alike."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from charrnn import checkpoint, runs
from charrnn.arrays import Array
from charrnn.checkpoint import Checkpoint
from charrnn.errors import UsageError
from charrnn.neurons.activations import Activations, Signal
from charrnn.neurons.concepts import named
from charrnn.neurons.evidence import Finding
from charrnn.neurons.survey import survey
from charrnn.notebook import Shown
from charrnn.provenance import sample
from charrnn.reading import Opened, Text, predictable
from charrnn.text.vocabulary import Ids, Unknown

STRETCH = 80  # characters whose mean losses are compared
COUNTED = 20_000  # characters by which neurons are matched
PLACES = 3  # kept where each is better


class Match(NamedTuple):
    """A signal of A, the one of B most like it, and Pearson's r."""

    of_a: Signal
    of_b: Signal
    r: float


@dataclass(frozen=True)
class Stretch:
    """Some characters from a place on, and by how much A is better there, in nats a character."""

    start: int
    gain: float


@dataclass(frozen=True)
class Comparison(Shown):
    """Two models, A and B, on one text.

    models, text: their names. characters: those that are predicted. nats: the loss of each, a
    character. a_better, b_better: where, by most first; places in `characters`. matches: for each
    neuron of A the one of B most like it, the closest first.
    """

    models: tuple[str, str]
    text: str
    characters: str
    nats: tuple[float, float]
    a_better: tuple[Stretch, ...]
    b_better: tuple[Stretch, ...]
    matches: tuple[Match, ...]


@dataclass(frozen=True)
class Kept:
    """A model that a run has kept, and its best neuron for a concept."""

    step: int
    validation_nats: float | None
    finding: Finding


@dataclass(frozen=True)
class Followed(Shown):
    """A concept's neuron through the models that a run has kept, in the order of their steps."""

    run: str
    concept: str
    kept: tuple[Kept, ...]


def pair_text(both: Sequence[Opened], text: Text, unknown: Unknown = "error") -> tuple[Text, Ids]:
    """Return a text that two models read, and its ids in the alphabet of the second.

    text: as the first reads it. unknown: what is done with characters that the second does not
    know. Raises UsageError for models that read a text differently, or one that is too short.
    """
    first, second = (one.checkpoint.vocabulary for one in both)
    if unknown == "skip":
        alphabet = set(second.characters_of(range(len(second))))
        shared = "".join(one for one in text.characters if one in alphabet)
        text = Text(first.encode_characters(shared, "skip"), shared, text.name)
    text = predictable(text)
    _check_records(both)
    return text, second.encode_characters(text.characters, unknown)


def comparison(both: Sequence[Opened], text: Text, other: Ids) -> Comparison:
    """Compare two models on the same characters. other: the text's ids, as the second reads it."""
    networks = [one.checkpoint.network() for one in both]
    pairs = list(zip(networks, (text.ids, other), strict=True))
    costs = [network.losses(ids) for network, ids in pairs]
    a, b = (
        Activations(network, ids[:COUNTED], [network.architecture.cell.DEFAULT_SIGNAL])
        for network, ids in pairs
    )
    a_better, b_better = stretches(costs[0], costs[1], PLACES)
    return Comparison(
        models=(both[0].name, both[1].name),
        text=text.name,
        characters=text.characters[1:],
        nats=(float(costs[0].mean()), float(costs[1].mean())),
        a_better=tuple(a_better),
        b_better=tuple(b_better),
        matches=tuple(matches(a, b)),
    )


def follow(folder: Path, concept: str, read: Callable[[Checkpoint], Text]) -> Iterator[Kept]:
    """Yield a concept's best neuron in each model that a run has kept, in any order.

    read: returns the text that a model reads. Raises UsageError for what is no folder, or a
    concept that is not there.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is not the folder of a run")
    learned: Ids | None = None  # the same for all models of a run
    steps: set[int] = set()
    for path in runs.kept(folder):
        loaded = checkpoint.load(path)
        step = int(loaded.provenance.get("steps", 0))
        if step in steps:
            continue
        steps.add(step)
        text = read(loaded)
        learned = sample(path, loaded, text.ids) if learned is None else learned
        wanted = [named(concept, text.characters)]
        (finding,) = survey(path, loaded, text.ids, wanted, learned=learned)
        yield Kept(step, loaded.provenance.get("validation_nats"), finding)


def followed(folder: Path, concept: str, kept: Iterable[Kept]) -> Followed:
    """Return what was found in a run's models, in the order of their steps."""
    return Followed(str(folder), concept, tuple(sorted(kept, key=lambda one: one.step)))


def _check_records(both: Sequence[Opened]) -> None:
    """Raise UsageError for models that do not read a text in the same way."""
    if both[0].checkpoint.record_end != both[1].checkpoint.record_end:
        raise UsageError(
            "one model has learned records and the other has not, or with another end: they read "
            "a text differently",
            "charrnn inspect score gives the loss of each of them on a text",
        )


def stretches(costs_a: Array, costs_b: Array, count: int) -> tuple[list[Stretch], list[Stretch]]:
    """Return where A is better by most, and where B is. costs (C,): of the same characters."""
    gains = costs_b - costs_a
    whole = len(gains) // STRETCH * STRETCH
    means = gains[:whole].reshape(-1, STRETCH).mean(axis=1)
    order = np.argsort(-means, kind="stable")
    found = [Stretch(int(one) * STRETCH, float(means[one])) for one in order]
    better = [one for one in found if one.gain > 0][:count]
    worse = [one for one in reversed(found) if one.gain < 0][:count]
    return better, worse


def matches(a: Activations, b: Activations) -> list[Match]:
    """Return, for each signal of A, the one of B whose values go with its own, the closest first.

    Both read the same text; r may be negative.
    """
    values = [_standardised(one) for one in (a, b)]
    r = values[0].T @ values[1] / len(values[0])
    best = np.abs(r).argmax(axis=1)
    found = [
        Match(a.signals[one], b.signals[other], float(r[one, other]))
        for one, other in enumerate(best)
    ]
    return sorted(found, key=lambda match: -abs(match.r))


def _standardised(activations: Activations) -> npt.NDArray[np.float32]:
    columns = activations.columns(range(len(activations.signals)))[activations.counted]
    columns -= columns.mean(axis=0)
    columns /= np.maximum(columns.std(axis=0), 1e-12)
    return columns.astype(np.float32)
