"""The unit of a language model whose state at a text's end tells the text's label.

As the sentiment neuron of Radford, Jozefowicz and Sutskever (2017). Half A of the texts chooses the
unit, its signal, sign and threshold, and half B reports; then the other way round. A text that
stands several times is in one half.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from charrnn.checkpoint import Checkpoint
from charrnn.errors import UsageError
from charrnn.intervals import Tallies
from charrnn.measures import tallies
from charrnn.neurons import baselines
from charrnn.neurons.activations import Signal
from charrnn.neurons.address import numbered
from charrnn.neurons.evidence import (
    ENCODES,
    LEAST_GAIN,
    LEXICAL,
    NOTHING,
    REFUSED,
    SIGNIFICANT,
    Interval,
)
from charrnn.neurons.placements import Placed, placed
from charrnn.neurons.probe import Probe
from charrnn.neurons.scores import auroc_of_ranks, best_threshold, f1_at, ranks
from charrnn.neurons.text_ends import Simple, end_states
from charrnn.notebook import Shown
from charrnn.reading import Opened
from charrnn.settings.tasks import TASKS
from charrnn.text.labelled import Labelled
from charrnn.text.vocabulary import Unknown

LEAST = 20  # texts with a label, and without, in each half, or there is no verdict on it
SHUFFLES = 30  # of the labels, for each label that is tried, so that p can pass the correction
FEWEST = 200  # shuffles; texts stand in no order, so that any is as good

Matrix = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class LabelUnit:
    """What one unit tells of one label, against all other labels.

    label: its name. reported_on: the half that tested it, "B" or "A". texts: how many it has, with
    the label; of: of all. sign: -1 where low values mean the label. threshold: of the value times
    sign. chosen_by, score: AUROC on the other half, and on this. f1: at the threshold. p: against
    shuffled labels, the best of all signals each time. baselines: the AUROC of the length, of the
    last 1, 3 and 8 characters and of the best signal of untrained networks; over: how much the
    score is above each. refused: why there is no verdict, or "".
    """

    label: str
    reported_on: str
    texts: int
    of: int
    signal: Signal
    sign: int
    threshold: float
    chosen_by: float
    score: float
    interval: Interval
    f1: float
    p: float
    baselines: dict[str, float]
    over: dict[str, Interval]
    tried: int
    refused: str = ""

    @property
    def verdict(self) -> str:
        """Say what that amounts to, in the words of `charrnn.neurons.evidence`.

        p counts as significant when it is so for all labels that were tried.
        """
        if self.refused:
            return REFUSED
        if self.p * self.tried > SIGNIFICANT or self.interval[0] <= 0.5:
            return NOTHING
        beaten = min(low for low, _ in self.over.values()) > LEAST_GAIN
        return ENCODES if beaten else LEXICAL


class Probed(NamedTuple):
    """Logistic regression on all signals, fitted on half A and measured on B.

    trained: of the model; untrained: of a network that has learned nothing. usual: the share of the
    commonest label.
    """

    trained: Tallies
    untrained: Tallies
    usual: float


@dataclass(frozen=True)
class LabelUnits(Shown):
    """The best unit for each label. model, data: names. searched: how many signals.

    forward: A chose, B reports; backward: the other way round; label by label, in the same order.
    notes: on what was read.
    """

    model: str
    data: str
    searched: int
    forward: tuple[LabelUnit, ...]
    backward: tuple[LabelUnit, ...]
    probe: Probed
    signal: str
    notes: tuple[str, ...] = ()


def label_units(
    opened: Opened, rows: Labelled, *, unknown: Unknown = "error", seed: int = 0
) -> LabelUnits:
    """Search a language model for the unit that tells each label of texts.

    unknown: what is done with characters that the model does not know. Raises UsageError for a
    model that writes no text, and texts with one label.
    """
    model = opened.checkpoint
    declared = TASKS[model.task]
    if not (declared.writes and declared.causal) or model.needs_label:
        raise UsageError(
            f"{opened.name} {declared.does}; the unit that tells a label is searched in a language "
            "model",
            "--label makes one of a model that writes for labels" if model.needs_label else "",
        )
    if len(rows.labels) < 2:
        raise UsageError(f"{rows.name} has one label, {rows.labels[0]!r}; two are told apart")
    random = np.random.default_rng(seed)
    halves = _halves(rows, random)
    values = end_states(model.network(), rows.texts, unknown)
    plain = [
        end_states(network, rows.texts, unknown) for network in baselines.networks(model, seed)
    ]
    simple = Simple(rows)
    a, b = halves, ~halves
    sides = [
        _side(model, rows, values, plain, simple, *two, random)
        for two in ((a, b, "B"), (b, a, "A"))
    ]
    probe = Probed(
        _probed(values, rows, a, b), _probed(plain[0], rows, a, b), _usual(rows.numbers[b])
    )
    return LabelUnits(
        opened.name,
        rows.name,
        values.shape[1],
        tuple(sides[0]),
        tuple(sides[1]),
        probe,
        model.architecture.cell.DEFAULT_SIGNAL,
        rows.notes,
    )


def _halves(rows: Labelled, random: np.random.Generator) -> Mask:
    """Return which texts (R,) choose first; a text that stands several times is in one half."""
    groups = rows.texts.groups()
    drawn = random.permutation(np.unique(groups))
    return np.isin(groups, drawn[: len(drawn) // 2])


def _ranked(values: Matrix) -> npt.NDArray[np.float32]:
    """Return the rank of each value in its column (N, S), as a share, ties averaged."""
    return np.stack([ranks(column) for column in values.T], axis=1).astype(np.float32)


def _aurocs(ranked: npt.NDArray[np.float32], wanted: npt.NDArray[np.float32]) -> Matrix:
    """Return the AUROC of each column (N, S) for each of some sets of texts (N, P): (S, P)."""
    sums = (ranked.T @ wanted).astype(np.float64)
    return auroc_of_ranks(sums, float(wanted[:, 0].sum()), len(wanted))


def _side(
    model: Checkpoint,
    rows: Labelled,
    values: Matrix,
    plain: Sequence[Matrix],
    simple: Simple,
    chooses: Mask,
    reports: Mask,
    half: str,
    random: np.random.Generator,
) -> list[LabelUnit]:
    """Return the best signal for each label, chosen on one half and reported on the other."""
    counts = np.bincount(rows.numbers, minlength=len(rows.labels))
    labels = range(len(rows.labels)) if len(rows.labels) > 2 else [int(counts.argmin())]
    chosen, reported = _ranked(values[chooses]), _ranked(values[reports])
    others = [_ranked(one[chooses]) for one in plain]
    found = []
    for label in labels:
        wanted = rows.numbers == label
        on, told = wanted[chooses], wanted[reports]
        refused = _refused(on, told)
        if refused:
            found.append(_none(model, rows.labels[label], told, half, refused, len(labels)))
            continue
        best, sign, chosen_by = _best(chosen, on)
        column = sign * values[:, best]
        threshold = best_threshold(column[chooses], on.astype(float))[0]
        own = placed(column[reports], told)
        rivals = {
            name: placed(one, told) for name, one in simple.scores(wanted, chooses, reports).items()
        }
        rivals["untrained"] = _untrained(plain, others, on, told, reports)
        found.append(
            LabelUnit(
                rows.labels[label],
                half,
                int(told.sum()),
                len(told),
                signal_of(model, best),
                sign,
                threshold,
                chosen_by,
                own.auroc,
                own.interval,
                f1_at(column[reports], told.astype(float), threshold),
                _p(reported, told, own.auroc, max(FEWEST, SHUFFLES * len(labels)), random),
                {name: one.auroc for name, one in rivals.items()},
                {name: own.less(one).interval for name, one in rivals.items()},
                len(labels),
            )
        )
    return found


def _refused(on: Mask, told: Mask) -> str:
    """Say why a label has too few texts; empty where it has enough."""
    least = min(min(half.sum(), (~half).sum()) for half in (on, told))
    return f"{least} texts in one half, fewer than {LEAST}" if least < LEAST else ""


def _best(ranked: npt.NDArray[np.float32], on: Mask) -> tuple[int, int, float]:
    """Return the signal that tells most where it is chosen, its sign, and its AUROC."""
    scores = _aurocs(ranked, on[:, None].astype(np.float32))[:, 0]
    best = int(np.abs(scores - 0.5).argmax())
    sign = 1 if scores[best] >= 0.5 else -1
    return best, sign, float(0.5 + sign * (scores[best] - 0.5))


def _untrained(
    plain: Sequence[Matrix],
    ranked: Sequence[npt.NDArray[np.float32]],
    on: Mask,
    told: Mask,
    reports: Mask,
) -> Placed:
    """Return how the best signal of untrained networks does where it is reported."""
    there = []
    for values, chosen in zip(plain, ranked, strict=True):
        best, sign, _ = _best(chosen, on)
        there.append(placed(sign * values[reports, best], told))
    return max(there, key=lambda one: one.auroc)


def _p(
    ranked: npt.NDArray[np.float32],
    told: Mask,
    score: float,
    shuffles: int,
    random: np.random.Generator,
) -> float:
    """Return how often the best of all signals tells shuffled labels as well."""
    shuffled = random.permuted(np.tile(told.astype(np.float32), (shuffles, 1)), axis=1)
    null = np.abs(_aurocs(ranked, shuffled.T) - 0.5).max(axis=0)
    return float((1 + (null >= score - 0.5).sum()) / (1 + shuffles))


def _none(
    model: Checkpoint, label: str, told: Mask, half: str, refused: str, tried: int
) -> LabelUnit:
    """Return what there is to say of a label that has too few texts."""
    nan, none = float("nan"), (float("nan"), float("nan"))
    count = int(told.sum()), len(told)
    signal = signal_of(model, 0)
    return LabelUnit(
        label, half, *count, signal, 1, nan, nan, nan, none, nan, nan, {}, {}, tried, refused
    )


def signal_of(model: Checkpoint, place: int) -> Signal:
    """Return the signal of a column of `end_states`."""
    shape = model.architecture
    state, number = divmod(place, shape.neurons)
    name = shape.cell.STATES[state]
    of = shape.cell.SIGNALS[name]
    return Signal(numbered(number, shape), name, of.low, of.high, unbounded=of.squashed)


def _probed(values: Matrix, rows: Labelled, chooses: Mask, reports: Mask) -> Tallies:
    """Return the measures of a probe of all signals, fitted on one half, on the other."""
    probe = Probe.fitted(values[chooses], rows.numbers[chooses], len(rows.labels))
    return tallies(probe.log_probabilities(values[reports]), rows.numbers[reports])


def _usual(numbers: Integers) -> float:
    """Return the share of the commonest label."""
    return float(np.bincount(numbers).max() / len(numbers))
