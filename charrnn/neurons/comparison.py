"""Two networks on one text: where each is better, and which neurons do alike."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from charrnn import between, checkpoint, labelling, runs, tagging
from charrnn.arrays import Array
from charrnn.checkpoint import Checkpoint
from charrnn.errors import UsageError
from charrnn.network import Network
from charrnn.neurons.activations import Activations, Signal
from charrnn.neurons.concepts import named
from charrnn.neurons.evidence import Finding
from charrnn.neurons.survey import survey
from charrnn.notebook import Shown
from charrnn.provenance import sample
from charrnn.reading import Opened, Text, of_pairs, predictable
from charrnn.text.batches import PADDING
from charrnn.text.vocabulary import Ids, Unknown

STRETCH = 80  # characters whose mean losses are compared
COUNTED = 20_000  # characters by which neurons are matched
PLACES = 3  # kept where each is better
NORMAL_95 = 1.96  # standard errors either side of a mean

Mask = npt.NDArray[np.bool_]


class Match(NamedTuple):
    """A signal of A, the one of B most like it, and Pearson's r."""

    of_a: Signal
    of_b: Signal
    r: float


@dataclass(frozen=True)
class Stretch:
    """Some characters from a place on, and by how much A is better there, in nats a character.

    Where models label texts it is a whole text, in nats per text.
    """

    start: int
    gain: float
    length: int = STRETCH


@dataclass(frozen=True)
class Difference:
    """What A has more than B in the mean, text by text, and its 95% interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Paired:
    """Two models on the same labelled texts.

    accuracy: of each. loss, right: the difference of A and B in nats per text and in accuracy.
    only_a, only_b, both: how many of the `texts` A alone labels right, B alone, and both.
    """

    texts: int
    accuracy: tuple[float, float]
    loss: Difference
    right: Difference
    only_a: int
    only_b: int
    both: int


@dataclass(frozen=True)
class Comparison(Shown):
    """Two models, A and B, on one text.

    models, text: their names. characters: those that are predicted. nats: the loss of each, a
    character. a_better, b_better: where, by most first; places in `characters`. matches: for each
    neuron of A the one of B most like it, the closest first. paired: where both label texts; nats
    are then per text.
    """

    models: tuple[str, str]
    text: str
    characters: str
    nats: tuple[float, float]
    a_better: tuple[Stretch, ...]
    b_better: tuple[Stretch, ...]
    matches: tuple[Match, ...]
    paired: Paired | None = None


@dataclass(frozen=True)
class Kept:
    """A model that a run has kept, and its best neuron for a concept."""

    step: int
    validation_nats: float | None
    finding: Finding
    scored: str = "character"


@dataclass(frozen=True)
class Followed(Shown):
    """A concept's neuron through the models that a run has kept, in the order of their steps."""

    run: str
    concept: str
    kept: tuple[Kept, ...]

    @property
    def scored(self) -> str:
        """What their losses are means over."""
        return self.kept[0].scored if self.kept else "character"


def pair_text(both: Sequence[Opened], text: Text, unknown: Unknown = "error") -> tuple[Text, Ids]:
    """Return a text that two models read, and its ids in the alphabet of the second.

    text: as the first reads it. unknown: what is done with characters that the second does not
    know. Raises UsageError for models that read a text differently, or one that is too short.
    """
    first, second = (one.checkpoint.vocabulary for one in both)
    if unknown == "skip":
        alphabet = set(second.characters_of(range(len(second))))
        shared = "".join(one for one in text.characters if one in alphabet)
        kept = of_pairs(both[0].checkpoint, first.encode_characters(shared, "skip"), text.labels)
        text = text._replace(ids=kept, characters=shared)
    text = predictable(text)
    _check_records(both)
    other = second.encode_characters(text.characters, unknown)
    return text, of_pairs(both[1].checkpoint, other, text.labels)


def comparison(both: Sequence[Opened], text: Text, other: Ids) -> Comparison:
    """Compare two models on the same characters. other: the text's ids, as the second reads it."""
    networks = [one.checkpoint.network() for one in both]
    pairs = list(zip(networks, (text.ids, other), strict=True))
    paired = None
    if both[0].checkpoint.architecture.classes:
        found = [_labelled(network, ids, text) for network, ids in pairs]
        costs, paired = [one[0] for one in found], _paired(*found)
        begins = networks[0].text_begins(text.ids)
        where = _better_texts(costs[1] - costs[0], np.append(begins, len(text.ids)))
    else:
        costs = [between.losses(network, ids) for network, ids in pairs]
        where = stretches(costs[0], costs[1], PLACES)
    a, b = (
        Activations(network, ids[:COUNTED], [network.architecture.cell.DEFAULT_SIGNAL])
        for network, ids in pairs
    )
    return Comparison(
        models=(both[0].name, both[1].name),
        text=text.name,
        characters=text.characters[1:],
        nats=(float(np.nanmean(costs[0])), float(np.nanmean(costs[1]))),
        a_better=tuple(where[0]),
        b_better=tuple(where[1]),
        matches=tuple(matches(a, b)),
        paired=paired,
    )


def _labelled(network: Network, ids: Ids, text: Text) -> tuple[Array, Mask]:
    """Return the loss of each text (R,), and whether it is labelled right (R,), all of it."""
    if network.architecture.aligned:
        tagged = tagging.tagged_texts(network, ids, text.labels)
        judged = tagging.judged(network, tagged)
        wrong = (judged.got != tagged.labels) & (tagged.labels != PADDING)
        return (
            np.add.reduceat(np.nan_to_num(judged.nats), tagged.starts),
            np.add.reduceat(wrong, tagged.starts) == 0,
        )
    texts = labelling.texts_in(network, ids, text.labels)
    logs = labelling.log_probabilities(network, texts)
    return -logs[np.arange(len(logs)), texts.labels], logs.argmax(axis=1) == texts.labels


def _paired(a: tuple[Array, Mask], b: tuple[Array, Mask]) -> Paired:
    """Compare the losses and the hits of two models, text by text."""
    right_a, right_b = a[1], b[1]
    return Paired(
        texts=len(right_a),
        accuracy=(float(right_a.mean()), float(right_b.mean())),
        loss=difference(a[0], b[0]),
        right=difference(right_a.astype(float), right_b.astype(float)),
        only_a=int((right_a & ~right_b).sum()),
        only_b=int((right_b & ~right_a).sum()),
        both=int((right_a & right_b).sum()),
    )


def difference(a: Array, b: Array) -> Difference:
    """Return the mean difference of pairs (R,), with its interval by the normal distribution."""
    each = a - b
    mean = float(each.mean())
    half = NORMAL_95 * float(each.std(ddof=1)) / len(each) ** 0.5 if len(each) > 1 else float("inf")
    return Difference(mean, mean - half, mean + half)


def _better_texts(gains: Array, edges: npt.NDArray[np.intp]) -> tuple[list[Stretch], list[Stretch]]:
    """Return the texts on which A is better by most, and those on which B is. gains: A's (R,).

    edges (R + 1,): where each begins, with its mark, and the last ends.
    """
    order = np.argsort(-gains, kind="stable").tolist()
    found = [
        Stretch(int(edges[one]), float(gains[one]), int(edges[one + 1] - edges[one] - 1))
        for one in order
    ]
    better = [one for one in found if one.gain > 0][:PLACES]
    worse = [one for one in reversed(found) if one.gain < 0][:PLACES]
    return better, worse


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
        nats = loaded.provenance.get("validation_nats")
        yield Kept(step, nats, finding, loaded.architecture.scored)


def followed(folder: Path, concept: str, kept: Iterable[Kept]) -> Followed:
    """Return what was found in a run's models, in the order of their steps."""
    return Followed(str(folder), concept, tuple(sorted(kept, key=lambda one: one.step)))


def _labels_of(model: Checkpoint) -> tuple[str, ...]:
    """Return the labels that a model gives, or for which it reads texts, each its own."""
    return model.labels if model.architecture.classes or model.needs_label else ()


def _check_records(both: Sequence[Opened]) -> None:
    """Raise UsageError for models that do not read a text in the same way."""
    first, second = (_labels_of(one.checkpoint) for one in both)
    if first != second:
        raise UsageError(
            "the models do not have the same labels"
            if first and second
            else "one model labels texts, and the other predicts characters",
            "charrnn inspect score says how good each of them is",
        )
    if both[0].checkpoint.record_end != both[1].checkpoint.record_end:
        raise UsageError(
            "one model has learned records and the other has not, or with another end: they read "
            "a text differently",
            "charrnn inspect score gives the loss of each of them on a text",
        )


def stretches(costs_a: Array, costs_b: Array, count: int) -> tuple[list[Stretch], list[Stretch]]:
    """Return where A is better by most, and where B is. costs (C,): of the same characters."""
    gains = np.nan_to_num(costs_b - costs_a)
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
