"""Finding the neuron for a concept, and saying how good the evidence is.

Half A of a text chooses signals, orientation and threshold; half B reports. Nothing is chosen on B.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from charrnn.neurons import baselines, bootstrap, scores
from charrnn.neurons.activations import Activations
from charrnn.neurons.concepts import Concept
from charrnn.neurons.evidence import Evidence, Finding, Thresholded
from charrnn.neurons.scores import Labels
from charrnn.neurons.search import SHIFTS, Half, Matrix, Scores, halves, search
from charrnn.neurons.use import used

FEWEST_ON = 200  # characters of B that are on (and off), below which no verdict is given
FEWEST_SPANS = 20
ORDERS = (1, 3)  # how many of the last characters the lexical baselines see


@dataclass(frozen=True)
class Yardstick:
    """How well values tell one concept on B: labels (C,), and the texts drawn for intervals."""

    concept: Concept
    labels: Labels
    drawn: Matrix

    @property
    def nothing(self) -> float:
        """The score of what tells nothing."""
        return 0.0 if self.concept.graded else 0.5

    def score(self, values: Labels) -> float:
        """Return AUROC, or Spearman's r for a graded concept."""
        measure = scores.spearman if self.concept.graded else scores.auroc
        return measure(values, self.labels)

    def scores(self, values: Labels) -> Matrix:
        """Return the score on each of the drawn texts."""
        measure = bootstrap.spearmans if self.concept.graded else bootstrap.aurocs
        return measure(values, self.labels, self.drawn)


def find(
    activations: Activations,
    plain: Sequence[Activations],
    text: str,
    concepts: Sequence[Concept],
    *,
    labels: Sequence[Labels] | None = None,
    top: int = 3,
    shifts: int = SHIFTS,
    ablating: bool = True,
    seed: int = 0,
    only: int | None = None,
) -> Iterator[Finding]:
    """Yield what is found for each concept: its `top` best neurons, each by its best signal.

    activations: of a network on the text; plain: of untrained ones of the same shape. text: a
    character for each id. labels: given from outside instead of detected. only: the number of the
    one neuron that is measured, though all are searched.
    """
    random = np.random.default_rng(seed)
    labels = labels or [concept.labels(text) for concept in concepts]
    trained = search(activations, concepts, labels, random, shifts)
    rivals = _untrained(plain, concepts, labels)
    for one, label, rival in zip(trained, labels, rivals, strict=True):
        found = _finding(activations, rival, one, label, top, only, random)
        yield with_use(activations, found, label, text, random) if ablating else found


def with_use(
    activations: Activations,
    found: Finding,
    labels: Labels,
    text: str,
    random: np.random.Generator,
) -> Finding:
    """Return a finding that says whether its neurons are used, where a verdict can be given."""
    if found.refused:
        return found
    uses = used(activations, found, labels, text, random)
    evidence = zip(found.evidence, uses, strict=True)
    return replace(found, evidence=tuple(replace(one, use=use) for one, use in evidence))


def _untrained(
    plain: Sequence[Activations], concepts: Sequence[Concept], labels: Sequence[Labels]
) -> list[Labels]:
    """Return for each concept the values (C,), oriented, of the best untrained signal.

    Each network's is the one that A chooses, and the best of them is that which is best on B.
    """
    best = [(-np.inf, np.zeros(0)) for _ in concepts]
    for network in plain:
        found = search(network, concepts, labels, np.random.default_rng(0), shifts=0)
        chosen = [scores.best(1)[0] for scores in found]
        columns = network.columns(chosen)
        network.forget()
        for number, (one, signal) in enumerate(zip(found, chosen, strict=True)):
            told = float(np.nan_to_num(one.oriented(one.reported, signal)))
            if told > best[number][0]:
                best[number] = told, one.sign(signal) * columns[:, number]
    return [values for _, values in best]


def _finding(
    activations: Activations,
    rival: Labels,
    found: Scores,
    labels: Labels,
    top: int,
    only: int | None,
    random: np.random.Generator,
) -> Finding:
    """Measure the best signals for one concept."""
    concept, (a, b) = found.concept, halves(activations)
    rule = Yardstick(concept, b.of(labels), bootstrap.weights(b.length, random))
    guesses = {order: baselines.lexical(activations.ids, labels, a, b, order) for order in ORDERS}
    bare_values = b.of(rival)
    varied = _varies(a.of(labels)) and _varies(rule.labels)
    chosen = _distinct(found, activations, top if varied else 0, only)
    columns = activations.columns(chosen)
    least = rule.nothing  # a rival that has it the wrong way round on B tells nothing
    rivals = [np.maximum(rule.scores(one), least) for one in (guesses[ORDERS[-1]], bare_values)]
    lexical = {order: max(rule.score(guess), least) for order, guess in guesses.items()}
    untrained = max(rule.score(bare_values), least)
    evidence = []
    for place, signal in enumerate(chosen):
        values = found.sign(signal) * columns[:, place]
        drawn = rule.scores(b.of(values))
        score = found.oriented(found.reported, signal)
        evidence.append(
            Evidence(
                signal=activations.signals[signal],
                sign=found.sign(signal),
                chosen_by=found.oriented(found.chosen_by, signal),
                score=score,
                interval=bootstrap.interval(drawn),
                r=scores.correlation(b.of(values), rule.labels),
                thresholded=_thresholded(concept, values, labels, a, b),
                p=found.p(signal),
                over_lexical=score - lexical[ORDERS[-1]],
                over_lexical_interval=bootstrap.interval(drawn - rivals[0]),
                over_untrained=score - untrained,
                over_untrained_interval=bootstrap.interval(drawn - rivals[1]),
            )
        )
    return Finding(
        concept=concept,
        characters=len(activations.counted),
        prevalence=float("nan") if concept.graded else float((rule.labels > 0).mean()),
        spans=0 if concept.graded else scores.spans(rule.labels),
        searched=len(activations.signals),
        lexical=lexical,
        untrained=untrained,
        refused=refusal(concept, rule.labels),
        evidence=tuple(evidence),
    )


def _thresholded(
    concept: Concept, values: Labels, labels: Labels, a: Half, b: Half
) -> Thresholded | None:
    """Return what depends on a threshold, which A chooses."""
    if concept.graded:
        return None
    threshold, _ = scores.best_threshold(a.of(values), a.of(labels))
    on_b = b.of(values), b.of(labels)
    return Thresholded(threshold, scores.f1_at(*on_b, threshold), scores.average_precision(*on_b))


def refusal(concept: Concept, labels: Labels) -> str:
    """Say why labels of B (C,) allow no verdict; "" if they do."""
    if concept.graded:
        varied = len(np.unique(labels)) > 2
        return "" if varied else "it hardly varies on the half that reports"
    on, apart = int((labels > 0).sum()), scores.spans(labels)
    if min(on, len(labels) - on) < FEWEST_ON:
        return (
            f"{on:,} of {len(labels):,} characters are on, and {FEWEST_ON} are needed, on and off"
        )
    if apart < FEWEST_SPANS:
        return f"{apart} separate spans are on, and {FEWEST_SPANS} are needed"
    return ""


def moved(found: Finding, other: Activations, text: str) -> list[float]:
    """Return the scores of the neurons that were found on another text, oriented as on the first.

    NaN where nothing of the concept is in that text.
    """
    labels = found.concept.labels(text)[other.counted]
    if not _varies(labels):
        return [float("nan")] * len(found.evidence)
    places = [other.signals.index(one.signal) for one in found.evidence]
    columns = other.columns(places)[other.counted]
    rule = Yardstick(found.concept, labels, np.zeros((0, 0)))
    return [rule.score(one.sign * columns[:, place]) for place, one in enumerate(found.evidence)]


def _varies(labels: Labels) -> bool:
    """Return whether there is anything to tell."""
    return bool(labels.any() and (labels.min() <= 0 or np.ptp(labels)))


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
