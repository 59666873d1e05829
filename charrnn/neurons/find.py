"""Finding the neuron for a concept, and saying how good the evidence is.

Half A of a text chooses signals, orientation and threshold, and half B reports; then the other way
round. Nothing is chosen where it is reported.
"""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from charrnn.neurons.activations import Activations, Signal
from charrnn.neurons.baselines import Lexical
from charrnn.neurons.concepts import Concept
from charrnn.neurons.evidence import Finding, Side
from charrnn.neurons.halves import halves
from charrnn.neurons.measure import Looked, Rival, Yardstick, measured, varies
from charrnn.neurons.scores import Labels
from charrnn.neurons.search import Scores, search
from charrnn.neurons.use import used
from charrnn.text.vocabulary import Ids

TOGETHER = 2  # networks that are read at once


def find(
    activations: Activations,
    plain: Iterable[Activations],
    text: str,
    concepts: Sequence[Concept],
    *,
    learned: Ids | None = None,
    labels: Sequence[Labels] | None = None,
    top: int = 3,
    ablating: bool = True,
    seed: int = 0,
    only: int | None = None,
) -> Iterator[Finding]:
    """Yield what is found for each concept: its `top` best neurons, each by its best signal.

    activations: of a network on the text; plain: of untrained ones of the same shape. text: a
    character for each id. learned: some of the training text, for the lexical baselines. labels:
    given from outside instead of detected. only: the number of the one neuron that is measured,
    though all are searched.
    """
    random = np.random.default_rng(seed)
    network, ids = activations.network, activations.ids
    end = network.record_end
    labels = labels or [concept.labels(text, end) for concept in concepts]
    a, b = halves(activations)
    with ThreadPoolExecutor(TOGETHER) as pool:  # side by side: NumPy leaves Python's lock
        searching = pool.submit(search, activations, concepts, labels)
        rivals = _untrained(pool, plain, concepts, labels)
        trained = searching.result()
    learned = ids[:0] if learned is None or any(one.given for one in concepts) else learned
    known = network.vocabulary.characters_of(learned)
    lexical = Lexical(network.predicted_ids(ids), learned, network.architecture.bidirectional)
    for one, label, rival in zip(trained, labels, rivals, strict=True):
        concept = one.forward.concept
        there = concept.labels(known, end)
        looked = [
            Looked(*two, label, scores, best, lexical.guesses(there, label, *two))
            for two, scores, best in zip(((a, b), (b, a)), one, rival, strict=True)
        ]
        found = Finding(
            concept,
            len(activations.counted),
            len(activations.signals),
            len(concepts),
            len(learned),
            *_sides(activations, looked, top, only, random),
        )
        yield with_use(activations, found, label, text, random) if ablating else found


def _sides(
    activations: Activations,
    looked: Sequence[Looked],
    top: int,
    only: int | None,
    random: np.random.Generator,
) -> list[Side]:
    """Measure the best signals for one concept, chosen on A and on B."""
    varied = all(varies(one.chooses.of(one.labels)) for one in looked)
    chosen = [_distinct(one.found, activations, top if varied else 0, only) for one in looked]
    signals = sorted({signal for some in chosen for signal in some})
    columns = dict(zip(signals, activations.columns(signals).T, strict=True))
    return [
        measured(
            one, [(activations.signals[signal], signal, columns[signal]) for signal in some], random
        )
        for one, some in zip(looked, chosen, strict=True)
    ]


def with_use(
    activations: Activations,
    found: Finding,
    labels: Labels,
    text: str,
    random: np.random.Generator,
) -> Finding:
    """Return a finding that says whether its neurons are used, where a verdict can be given."""
    sides = found.forward, found.backward
    wanted = [one.signal for side in sides if not side.refused for one in side.evidence]
    if not wanted:
        return found
    names = activations.network.architecture.cell.STATES
    states = activations
    if not set(names) <= set(activations.names):
        states = Activations(
            activations.network, activations.ids, names, targets=activations.targets
        )
    uses = used(states, list(dict.fromkeys(wanted)), found.concept, labels, text, random)
    forward, backward = (
        replace(
            side, evidence=tuple(replace(one, use=uses.get(one.signal)) for one in side.evidence)
        )
        for side in sides
    )
    return replace(found, forward=forward, backward=backward)


def _untrained(
    pool: ThreadPoolExecutor,
    plain: Iterable[Activations],
    concepts: Sequence[Concept],
    labels: Sequence[Labels],
) -> list[tuple[Rival, Rival]]:
    """Return for each concept what the best untrained signal is on B, and on A.

    Each network's is the one that the other half chooses, and the best of them is that which is
    best where it is reported.
    """
    best: list[list[Rival]] = [[Rival(np.zeros(0), ())] * 2 for _ in concepts]
    for found in pool.map(lambda one: _rivals(one, concepts, labels), plain):
        for sides, now in zip(best, found, strict=True):
            for side, (told, values) in enumerate(now):
                before = sides[side]
                better = told > max(before.scores, default=-np.inf)
                sides[side] = Rival(values if better else before.values, (*before.scores, told))
    return [(forward, backward) for forward, backward in best]


def _rivals(
    network: Activations, concepts: Sequence[Concept], labels: Sequence[Labels]
) -> list[list[tuple[float, Labels]]]:
    """Return the score and the values of one network's best signal, a concept and side."""
    found = search(network, concepts, labels, null=False)
    columns = iter(network.columns([one.best(1)[0] for both in found for one in both]).T)
    network.forget()
    rivals = []
    for both in found:
        sides = []
        for scores in both:
            signal = scores.best(1)[0]
            told = float(np.nan_to_num(scores.oriented(scores.reported, signal)))
            sides.append((told, scores.sign(signal) * next(columns)))
        rivals.append(sides)
    return rivals


def moved(found: Finding, other: Activations, text: str) -> dict[Signal, float]:
    """Return the scores of the signals that were found on another text, oriented as on the first.

    NaN where nothing of the concept is in that text.
    """
    signs = {one.signal: one.sign for one in (*found.backward.evidence, *found.evidence)}
    labels = found.concept.labels(text, other.network.record_end)[other.counted]
    if not varies(labels):
        return dict.fromkeys(signs, float("nan"))
    places = [other.signals.index(signal) for signal in signs]
    columns = other.columns(places)[other.counted]
    rule = Yardstick(found.concept, labels, np.zeros((0, 0)))
    return {
        signal: rule.score(sign * column)
        for (signal, sign), column in zip(signs.items(), columns.T, strict=True)
    }


def _distinct(found: Scores, activations: Activations, top: int, only: int | None) -> list[int]:
    """Return the best signals, one a neuron."""
    chosen: dict[int, int] = {}
    for signal in found.best(len(activations.signals)):
        number = activations.signals[signal].neuron.number
        if len(chosen) == top:
            break
        if only in (None, number):
            chosen.setdefault(number, signal)
    return list(chosen.values())
