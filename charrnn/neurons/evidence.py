"""What is known of a signal and a concept, and what it amounts to in words."""

from dataclasses import dataclass

from charrnn.neurons.activations import Signal
from charrnn.neurons.concepts import Concept

SIGNIFICANT = 0.05

ENCODES_AND_USED = "encodes and is used"
ENCODES = "encodes, not shown to be used"
LEXICAL = "lexical only"
NOTHING = "no evidence"
REFUSED = "no verdict"

Interval = tuple[float, float]


@dataclass(frozen=True)
class Use:
    """What holding a unit at its mean costs, in nats a character.

    overall; on, off: after characters where the concept is on or off; resolving: at the character
    that resolves it. NaN where there is none. like_mean, like_deviation: of LIKE units of like
    variance, at the resolving character, or where there is none, where the concept is on. shown:
    whether the unit's own is above that of every one of them and its interval above 0.
    """

    overall: float
    on: float
    off: float
    resolving: float
    like_mean: float
    like_deviation: float
    shown: bool


@dataclass(frozen=True)
class Thresholded:
    """How well a threshold, chosen on A, tells a concept on B; precision is the average one."""

    threshold: float
    f1: float
    precision: float


@dataclass(frozen=True)
class Evidence:
    """What is known of one signal and one concept, reported on half B of the text.

    sign: -1 where low values mean "on"; chosen on A, as the signal and the threshold are.
    score: AUROC, or Spearman's r for a graded concept; chosen_by: the same on A. r: Pearson's, for
    a concept that is on or off point-biserial. thresholded: None for a graded one. p: against
    shifted labels. over_lexical: the score less that of the last three characters; over_untrained:
    less that of the best signal of an untrained network. Intervals hold 95%.
    """

    signal: Signal
    sign: int
    chosen_by: float
    score: float
    interval: Interval
    r: float
    thresholded: Thresholded | None
    p: float
    over_lexical: float
    over_lexical_interval: Interval
    over_untrained: float
    over_untrained_interval: Interval
    use: Use | None = None


@dataclass(frozen=True)
class Finding:
    """The best signals for a concept and what they are measured against.

    characters: that are counted; half of them report. prevalence, spans: of the concept on B, NaN
    and 0 for a graded one. searched: how many signals. lexical: the scores of the last 1 and the
    last 3 characters; untrained: of the best signal of an untrained network. refused: why there can
    be no verdict, or "".
    """

    concept: Concept
    characters: int
    prevalence: float
    spans: int
    searched: int
    lexical: dict[int, float]
    untrained: float
    refused: str
    evidence: tuple[Evidence, ...]

    def verdict(self, one: Evidence) -> str:
        """Say in words what the evidence amounts to."""
        if self.refused:
            return REFUSED
        nothing = 0.0 if self.concept.graded else 0.5
        if one.p > SIGNIFICANT or one.interval[0] <= nothing:
            return NOTHING
        beaten = min(one.over_lexical_interval[0], one.over_untrained_interval[0]) > 0
        if self.concept.kind == "lexical" or not beaten:
            return LEXICAL
        return ENCODES_AND_USED if one.use and one.use.shown else ENCODES
