"""What is known of a signal and a concept, and what it amounts to in words."""

from dataclasses import dataclass

from charrnn.neurons.activations import Signal
from charrnn.neurons.concepts import Concept

SIGNIFICANT = 0.05
UNEVEN, SLIGHT = 2.0, 0.01  # a concept on so many times as often, by more than that share
LEAST_GAIN = 0.001  # over a baseline, below which it is one of rounding
SQUASHED = 0.8  # of a signal's r, below which its tanh shows too little of it

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
    that resolves it. NaN where there is none. like: how many units of like variance were held for
    comparison; like_mean, like_deviation: of theirs, at the resolving character, or where there is
    none, where the concept is on. shown: whether the unit's own is above that of every one of them
    and its interval above 0.
    """

    overall: float
    on: float
    off: float
    resolving: float
    like: int
    like_mean: float
    like_deviation: float
    shown: bool


@dataclass(frozen=True)
class Thresholded:
    """How well a threshold, chosen where the signal is, tells a concept on the other half.

    precision is the average one.
    """

    threshold: float
    f1: float
    precision: float


@dataclass(frozen=True)
class Evidence:
    """What is known of one signal and one concept, reported on the half that did not choose it.

    sign: -1 where low values mean "on"; chosen with the signal and the threshold. score: AUROC, or
    Spearman's r for a graded concept; chosen_by: the same where it was chosen. r: Pearson's, for a
    concept that is on or off point-biserial. thresholded: None for a graded one. p: against shifted
    labels. over_lexical: the score less that of the nearest characters on the sides from which the
    unit reads, as many of them as tell the most; over_untrained: less that of the best signal of
    any untrained network. Intervals hold 95%. squashed: the size of Pearson's r of tanh(c) where c
    is the signal, else that of r.
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
    squashed: float
    use: Use | None = None

    @property
    def baseline(self) -> float:
        """The better score of the nearest characters and of untrained networks."""
        return self.score - min(self.over_lexical, self.over_untrained)

    @property
    def strength(self) -> float:
        """How much of what the baseline leaves open is closed: 0 nothing, 1 all.

        It orders neurons of different concepts, AUROC beside Spearman's r.
        """
        left = 1 - self.baseline
        return (self.score - self.baseline) / left if left > 0 else 0.0

    @property
    def hidden_by_tanh(self) -> bool:
        """Whether a picture of tanh(c) hides what c tells."""
        return self.squashed < SQUASHED * abs(self.r)


@dataclass(frozen=True)
class Side:
    """What one half of the text reports of the signals that the other half chose.

    prevalence, spans: of the concept here, NaN and 0 for a graded one. lexical: the scores of the
    "last 1", 3 and 8 characters, and where a model reads both ways of the "next" and "around";
    untrained: of the best signal of each untrained network. refused: why there can be no verdict,
    or "".
    """

    prevalence: float
    spans: int
    lexical: dict[str, float]
    untrained: tuple[float, ...]
    refused: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Finding:
    """The best signals for a concept and what they are measured against.

    forward: A chose, B reports; backward: the other way round. characters: that are counted; half
    of them report. searched: how many signals; tried: for how many concepts. learned: how many
    characters of training text the lexical baselines have seen; 0: the half that chooses, instead.
    """

    concept: Concept
    characters: int
    searched: int
    tried: int
    learned: int
    forward: Side
    backward: Side

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What A chose, best first."""
        return self.forward.evidence

    @property
    def refused(self) -> str:
        """Why B allows no verdict, or ""."""
        return self.forward.refused

    @property
    def uneven(self) -> bool:
        """Whether one half has much more of the concept than the other."""
        low, high = sorted((self.forward.prevalence, self.backward.prevalence))
        return high > UNEVEN * low and high - low > SLIGHT

    def verdict(self, one: Evidence, side: Side | None = None) -> str:
        """Say in words what the evidence of a side, by default of B, amounts to.

        p counts as significant when it is so for all concepts that were tried together.
        """
        if (side or self.forward).refused:
            return REFUSED
        nothing = 0.0 if self.concept.graded else 0.5
        if one.p * self.tried > SIGNIFICANT or one.interval[0] <= nothing:
            return NOTHING
        beaten = min(one.over_lexical_interval[0], one.over_untrained_interval[0]) > LEAST_GAIN
        if self.concept.kind == "lexical" or not beaten:
            return LEXICAL
        return ENCODES_AND_USED if one.use and one.use.shown else ENCODES
