"""The scores of all signals for one concept, on both halves of a text, and under shifted labels.

All are taken from sums over the text: a signal's histogram, and products of ranks with labels. So
a text of any length is read twice, in pieces, and memory does not grow with it; labels are shifted
on as much of a half as can be kept. Ranks are those of BINS equal bins over a signal's range,
values in one bin counting as ties; a cell state c, which has no range, is binned as c / (1 + |c|).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from charrnn.arrays import Array
from charrnn.neurons import shifted
from charrnn.neurons.activations import Activations, Piece
from charrnn.neurons.concepts import Concept
from charrnn.neurons.halves import Half, halves
from charrnn.neurons.scores import Labels, auroc_of_ranks, mid_ranks, ranks

BINS = 4096
TOGETHER = 128  # signals whose bins are counted at once
SHIFTED_BYTES = 64 << 20  # of a half's ranks that are kept, to shift labels against

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scores:
    """How each of S signals tells one concept: AUROC, or Spearman's r for a graded one.

    chosen_by (S,): on the half that chooses. reported (S,): on the other. distances (S,), null
    (shifts,): on the half that reports, or as much of it as labels are shifted on, how far from
    telling nothing each signal is, and the best of all for each shift; none if it was not asked
    for.
    """

    concept: Concept
    chosen_by: Matrix
    reported: Matrix
    distances: npt.NDArray[np.float32]
    null: npt.NDArray[np.float32]

    @property
    def nothing(self) -> float:
        """The score of a signal that tells nothing."""
        return 0.0 if self.concept.graded else 0.5

    def sign(self, signal: int) -> int:
        """Return -1 for a signal whose low values, where it is chosen, mean "on", else 1."""
        return -1 if self.chosen_by[signal] < self.nothing else 1

    def oriented(self, scores: Matrix, signal: int) -> float:
        """Return the score of a signal as it is oriented where it is chosen."""
        return float(self.nothing + self.sign(signal) * (scores[signal] - self.nothing))

    def best(self, count: int) -> list[int]:
        """Return the signals that tell the most where they are chosen, the best first."""
        told = np.nan_to_num(np.abs(self.chosen_by - self.nothing))
        order = np.argsort(-told, kind="stable")
        return [int(one) for one in order[:count]]

    def p(self, signal: int) -> float:
        """Return how often the best of all signals tells shifted labels as well as this one."""
        return float((1 + (self.null >= self.distances[signal]).sum()) / (1 + len(self.null)))


class Both(NamedTuple):
    """A concept's scores, chosen on A and reported on B, and the other way round."""

    forward: Scores
    backward: Scores


def search(
    activations: Activations,
    concepts: Sequence[Concept],
    labels: Sequence[Labels],
    null: bool = True,
) -> list[Both]:
    """Score all signals for some concepts, whose labels (C,) are given for the whole text."""
    both = halves(activations)
    counts = histograms(activations, both)
    tables = np.stack([mid_ranks(half).astype(np.float32) for half in counts])  # (2, S, BINS)
    wanted = [
        np.array(
            [_wanted(one, half.of(label)) for one, label in zip(concepts, labels, strict=True)]
        )
        for half in both
    ]
    sums, kept = _rank_sums(activations, both, tables, wanted, null)
    graded = [concept.graded for concept in concepts]
    chance = [
        shifted.told(ranks, values[:, : len(ranks)].astype(np.float32), graded, half.begins)
        for half, ranks, values in zip(both, kept, wanted, strict=True)
    ]
    found = []
    for number, concept in enumerate(concepts):
        a, b = (
            _scores(
                concept, wanted[half][number], counts[half], tables[half], sums[half][:, number]
            )
            for half in (0, 1)
        )
        (near_a, null_a), (near_b, null_b) = (
            (whole[number], best[number]) for whole, best in chance
        )
        forward = Scores(concept, a, b, near_b, null_b)
        found.append(Both(forward, Scores(concept, b, a, near_a, null_a)))
    return found


def histograms(activations: Activations, both: tuple[Half, Half]) -> npt.NDArray[np.int32]:
    """Return how often each signal is in each bin, a half (2, S, BINS)."""
    counts = np.zeros((2, len(activations.signals), BINS), np.int32)
    for piece in activations.pieces():
        inside = [half.inside(piece.places)[0] for half in both]
        for some, flat in _flat_bins(activations, piece):
            for half in (0, 1):
                here = flat[inside[half]].reshape(-1)
                if len(here):
                    found = np.bincount(here, minlength=flat.shape[1] * BINS)
                    counts[half, some] += found.reshape(-1, BINS)
    return counts


def _flat_bins(
    activations: Activations, piece: Piece
) -> Iterator[tuple[slice, npt.NDArray[np.intp]]]:
    """Yield, for some signals after others, each value's place in flattened histograms.

    That is (n, S') in (S' · BINS): so many at once as a processor holds near.
    """
    for first in range(0, len(activations.signals), TOGETHER):
        some = slice(first, first + TOGETHER)
        signals = activations.signals[some]
        low, high = (
            np.array([getattr(signal, name) for signal in signals], np.float32)
            for name in ("low", "high")
        )
        unbounded = np.array([signal.unbounded for signal in signals])
        values = piece.values[:, some].copy()  # in place from here on: new memory costs the most
        if unbounded.any():
            divisors = np.abs(values)
            divisors *= unbounded
            divisors += 1
            values /= divisors
        values -= low
        values *= BINS / (high - low)
        np.clip(values, 0, BINS - 1, out=values)
        flat = values.astype(np.intp)
        flat += np.arange(len(signals)) * BINS
        yield some, flat


def _wanted(concept: Concept, labels: Labels) -> Labels:
    """Return what ranks are multiplied with: yes and no, or the ranks of graded labels."""
    return ranks(labels) if concept.graded else (labels > 0).astype(np.float64)


def _rank_sums(
    activations: Activations,
    both: tuple[Half, Half],
    tables: Array,
    wanted: Sequence[Matrix],
    keeping: bool,
) -> tuple[list[Matrix], list[npt.NDArray[np.float32]]]:
    """Return Σ rank · label (S, K) a half; and the ranks themselves, of its start (C', S)."""
    signals = len(activations.signals)
    most = SHIFTED_BYTES // (4 * signals) if keeping else 0
    sums = [np.zeros((signals, len(labels))) for labels in wanted]
    kept = [np.zeros((min(half.length, most), signals), np.float32) for half in both]
    stacked = [labels.astype(np.float32) for labels in wanted]  # (K, C) a half
    for piece in activations.pieces():
        places = [half.inside(piece.places) for half in both]
        for some, flat in _flat_bins(activations, piece):
            for half, (inside, numbers) in enumerate(places):
                if not len(numbers):
                    continue
                rank = tables[half, some].reshape(-1).take(flat[inside])  # (n, S')
                sums[half][some] += rank.T @ stacked[half][:, numbers].T
                early = numbers < len(kept[half])
                kept[half][numbers[early], some] = rank[early]
    return sums, kept


def _scores(
    concept: Concept,
    wanted: Labels,
    counts: npt.NDArray[np.int32],
    table: Array,
    sums: Matrix,
) -> Matrix:
    """Turn Σ rank · label (S,) into scores."""
    if not concept.graded:
        return auroc_of_ranks(sums, float(wanted.sum()), len(wanted))
    # Spearman's: the correlation of ranks, whose mean is the same for every signal.
    total = len(wanted)
    mean = (counts * table).sum(axis=-1, dtype=np.float64) / total
    spread = np.sqrt((counts * (table - mean[:, None]) ** 2).sum(axis=-1, dtype=np.float64))
    scale = spread * np.sqrt(total) * wanted.std()
    covariance = sums - mean * wanted.sum()
    scores: Matrix = np.divide(covariance, scale, out=np.zeros_like(covariance), where=scale > 0)
    return scores
