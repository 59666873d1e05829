"""How well signals that one half of a text chose tell a concept on the other half."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from charrnn.neurons import bootstrap, scores
from charrnn.neurons.activations import Signal
from charrnn.neurons.baselines import sides
from charrnn.neurons.concepts import Concept
from charrnn.neurons.evidence import Evidence, Side, Thresholded
from charrnn.neurons.halves import Half
from charrnn.neurons.scores import Labels
from charrnn.neurons.search import Matrix, Scores

FEWEST_ON = 200  # characters of a half that are on (and off), below which no verdict is given
FEWEST_SPANS = 20


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


@dataclass(frozen=True)
class Rival:
    """The best untrained signal: its values (C,), oriented; scores: of each network's best."""

    values: Labels
    scores: tuple[float, ...]


@dataclass(frozen=True)
class Looked:
    """One concept, looked at from one side.

    labels (C,): of the whole text. found: the scores of all signals, as one half chooses and the
    other reports. guesses: what the nearest characters tell (n,), where it is reported; by "last 3"
    and so on, see `Lexical`.
    """

    chooses: Half
    reports: Half
    labels: Labels
    found: Scores
    rival: Rival
    guesses: dict[str, Labels]


def measured(
    looked: Looked, chosen: Sequence[tuple[Signal, int, Labels]], random: np.random.Generator
) -> Side:
    """Measure what one half chose on the one that reports.

    chosen: signals, their numbers among all, and their values (C,).
    """
    reports, found = looked.reports, looked.found
    concept, labels = found.concept, looked.labels
    rule = Yardstick(concept, reports.of(labels), bootstrap.weights(reports.length, random))
    least = rule.nothing  # a rival that has it the wrong way round tells nothing
    lexical = {name: max(rule.score(guess), least) for name, guess in looked.guesses.items()}
    rival = reports.of(looked.rival.values)
    bar = max(rule.score(rival), least)  # exact, as the scores are that it is compared with
    untrained = tuple(min(bar, max(one, least)) for one in looked.rival.scores)

    @functools.cache
    def drawn_guess(name: str) -> Matrix:
        return np.maximum(rule.scores(looked.guesses[name]), least)

    drawn_rival = np.maximum(rule.scores(rival), least)
    evidence = []
    for signal, number, column in chosen:
        values = found.sign(number) * column
        best = _strongest(lexical, signal)
        drawn = rule.scores(reports.of(values))
        score = rule.score(reports.of(values))  # exact, where the search's ranks are of bins
        shown = np.tanh(values) if signal.unbounded else values
        evidence.append(
            Evidence(
                signal=signal,
                sign=found.sign(number),
                chosen_by=found.oriented(found.chosen_by, number),
                score=score,
                interval=bootstrap.interval(drawn),
                r=scores.correlation(reports.of(values), rule.labels),
                thresholded=_thresholded(looked, values),
                p=found.p(number),
                over_lexical=score - lexical[best],
                over_lexical_interval=bootstrap.interval(drawn - drawn_guess(best)),
                over_untrained=score - bar,
                over_untrained_interval=bootstrap.interval(drawn - drawn_rival),
                squashed=abs(scores.correlation(reports.of(shown), rule.labels)),
            )
        )
    return Side(
        prevalence=float("nan") if concept.graded else float((rule.labels > 0).mean()),
        spans=0 if concept.graded else scores.spans(rule.labels),
        lexical=lexical,
        untrained=untrained,
        refused=refusal(concept, rule.labels),
        evidence=tuple(evidence),
    )


def _strongest(lexical: dict[str, float], signal: Signal) -> str:
    """Return which lexical baseline, of those that read as a unit does, scores best."""
    read = [name for name in lexical if name.split()[0] in sides(signal.neuron)]
    return max(read, key=lexical.__getitem__)


def _thresholded(looked: Looked, values: Labels) -> Thresholded | None:
    """Return what depends on a threshold, which the half that chooses gives."""
    if looked.found.concept.graded:
        return None
    chooses, reports, labels = looked.chooses, looked.reports, looked.labels
    threshold, _ = scores.best_threshold(chooses.of(values), chooses.of(labels))
    there = reports.of(values), reports.of(labels)
    return Thresholded(threshold, scores.f1_at(*there, threshold), scores.average_precision(*there))


def refusal(concept: Concept, labels: Labels) -> str:
    """Say why labels of a half (C,) allow no verdict; "" if they do."""
    if concept.graded:
        varied = len(np.unique(labels)) > 2
        return "" if varied else "it hardly varies on the half that reports"
    on, apart = int((labels > 0).sum()), scores.spans(labels)
    if min(on, len(labels) - on) < FEWEST_ON:
        return f"{on:,} of {len(labels):,} characters are on; {FEWEST_ON} on and off needed"
    if apart < FEWEST_SPANS:
        return f"{apart} separate spans are on; {FEWEST_SPANS} needed"
    return ""


def varies(labels: Labels) -> bool:
    """Return whether there is anything to tell."""
    return bool(labels.any() and (labels.min() <= 0 or np.ptp(labels)))
