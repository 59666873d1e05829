"""The scores of all signals for one concept, on both halves of a text, and under shifted labels.

All are taken from sums over the text: a signal's histogram, and products of ranks with labels. So
a text of any length is read twice, in pieces, and memory does not grow with it. Ranks are those of
BINS equal bins over a signal's range, values in one bin counting as ties; a cell state c, which
has no range, is binned as c / (1 + |c|).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from charrnn.cells.cell import Array
from charrnn.neurons.activations import Activations, Piece
from charrnn.neurons.concepts import Concept
from charrnn.neurons.scores import Labels, auroc_of_ranks, mid_ranks, ranks

BINS = 4096
SHIFTS = 200
SHORTEST_SHIFT = 1000  # characters

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scores:
    """How each of S signals tells one concept: AUROC, or Spearman's r for a graded one.

    chosen_by (S,): on the first half, A. reported (S,): on the second, B. null (SHIFTS,): on B, the
    best of all signals for each shift of the labels, as its distance from telling nothing.
    """

    concept: Concept
    chosen_by: Matrix
    reported: Matrix
    null: Matrix

    @property
    def nothing(self) -> float:
        """The score of a signal that tells nothing."""
        return 0.0 if self.concept.graded else 0.5

    def sign(self, signal: int) -> int:
        """Return -1 for a signal whose low values, on A, mean "on", else 1."""
        return -1 if self.chosen_by[signal] < self.nothing else 1

    def oriented(self, scores: Matrix, signal: int) -> float:
        """Return the score of a signal as it is oriented on A."""
        return float(self.nothing + self.sign(signal) * (scores[signal] - self.nothing))

    def best(self, count: int) -> list[int]:
        """Return the signals that tell the most on A, the best first."""
        told = np.nan_to_num(np.abs(self.chosen_by - self.nothing))
        order = np.argsort(-told, kind="stable")
        return [int(one) for one in order[:count]]

    def p(self, signal: int) -> float:
        """Return how often shifted labels are told as well on B, by the best of all signals."""
        distance = abs(self.reported[signal] - self.nothing)
        return float((1 + (self.null >= distance).sum()) / (1 + len(self.null)))


@dataclass(frozen=True)
class Half:
    """A contiguous part of the text: its first place, and how many characters are counted."""

    start: int
    length: int

    def of(self, labels: Labels) -> Labels:
        """Return the labels of this half."""
        return labels[self.start : self.start + self.length]


def halves(activations: Activations) -> tuple[Half, Half]:
    """Return the half A, which chooses, and the half B, which reports."""
    first, count = int(activations.counted[0]), len(activations.counted)
    middle = count // 2
    return Half(first, middle), Half(first + middle, count - middle)


def search(
    activations: Activations,
    concepts: Sequence[Concept],
    labels: Sequence[Labels],
    random: np.random.Generator,
    shifts: int = SHIFTS,
) -> list[Scores]:
    """Score all signals for some concepts, whose labels (C,) are given for the whole text."""
    both = halves(activations)
    counts = histograms(activations, both)
    tables = mid_ranks(counts).astype(np.float32)  # (2, S, BINS)
    wanted = [
        [_wanted(one, half.of(label)) for one, label in zip(concepts, labels, strict=True)]
        for half in both
    ]
    offsets = _offsets(both[1].length, shifts, random)
    sums = _rank_sums(activations, both, tables, wanted, offsets)
    found = []
    for number, concept in enumerate(concepts):
        a, b, shifted = (
            _scores(concept, wanted[half][number], counts[half], tables[half], part)
            for half, part in (
                (0, sums[0][:, number : number + 1]),
                (1, sums[1][:, number : number + 1]),
                (1, sums[2][:, number * shifts : (number + 1) * shifts]),
            )
        )
        nothing = 0.0 if concept.graded else 0.5
        null = np.abs(shifted - nothing).max(axis=0)
        found.append(Scores(concept, a[:, 0], b[:, 0], null))
    return found


def histograms(activations: Activations, both: tuple[Half, Half]) -> npt.NDArray[np.int64]:
    """Return how often each signal is in each bin, a half (2, S, BINS)."""
    count = len(activations.signals)
    counts = np.zeros((2, count * BINS), np.int64)
    for piece in activations.pieces():
        places = _flat_bins(activations, piece)
        second = piece.places >= both[1].start
        for half in (0, 1):
            inside = places[second == bool(half)]
            if len(inside):
                counts[half] += np.bincount(inside.reshape(-1), minlength=count * BINS)
    return counts.reshape(2, count, BINS)


def _flat_bins(activations: Activations, piece: Piece) -> npt.NDArray[np.intp]:
    """Return, for each value (n, S), its place in flattened histograms (S · BINS)."""
    low = np.array([signal.low for signal in activations.signals], np.float32)
    high = np.array([signal.high for signal in activations.signals], np.float32)
    unbounded = np.array([signal.unbounded for signal in activations.signals])
    values = piece.values.copy()  # in place from here on: memory that is new costs the most
    if unbounded.any():
        divisors = np.abs(values)
        divisors *= unbounded
        divisors += 1
        values /= divisors
    values -= low
    values *= BINS / (high - low)
    np.clip(values, 0, BINS - 1, out=values)
    flat = values.astype(np.intp)
    flat += np.arange(len(low)) * BINS
    return flat


def _wanted(concept: Concept, labels: Labels) -> Labels:
    """Return what ranks are multiplied with: yes and no, or the ranks of graded labels."""
    return ranks(labels) if concept.graded else (labels > 0).astype(np.float64)


def _offsets(length: int, count: int, random: np.random.Generator) -> npt.NDArray[np.intp]:
    """Draw by how much the labels of B are shifted around, at least SHORTEST_SHIFT either way."""
    shortest = min(SHORTEST_SHIFT, length // 4)
    return random.integers(shortest, max(length - shortest, shortest + 1), size=count)


def _rank_sums(
    activations: Activations,
    both: tuple[Half, Half],
    tables: Array,
    wanted: Sequence[Sequence[Labels]],
    offsets: npt.NDArray[np.intp],
) -> tuple[Matrix, Matrix, Matrix]:
    """Return Σ rank · label for S signals: on A (S, K), on B, and on B shifted (S, K · shifts)."""
    signals, concepts = len(activations.signals), len(wanted[0])
    sums = (
        np.zeros((signals, concepts)),
        np.zeros((signals, concepts)),
        np.zeros((signals, concepts * len(offsets))),
    )
    stacked = [np.array(labels, np.float32) for labels in wanted]  # (K, C) a half
    for piece in activations.pieces():
        flat = _flat_bins(activations, piece)
        second = piece.places >= both[1].start
        for half in (0, 1):
            inside = second == bool(half)
            places = piece.places[inside] - both[half].start
            if not len(places):
                continue
            rank = tables[half].reshape(-1).take(flat[inside])  # (n, S)
            sums[half][:] += rank.T @ stacked[half][:, places].T
            if half and len(offsets):
                moved = (places + offsets[:, None]) % both[1].length  # (shifts, n)
                for number in range(concepts):
                    part = slice(number * len(offsets), (number + 1) * len(offsets))
                    sums[2][:, part] += rank.T @ stacked[1][number].take(moved).T
    return sums


def _scores(
    concept: Concept,
    wanted: Labels,
    counts: npt.NDArray[np.int64],
    table: Array,
    sums: Matrix,
) -> Matrix:
    """Turn Σ rank · label (S, …) into scores."""
    if not concept.graded:
        return auroc_of_ranks(sums, float(wanted.sum()), len(wanted))
    # Spearman's: the correlation of ranks, whose mean is the same for every signal.
    total = len(wanted)
    mean = (counts * table).sum(axis=-1, dtype=np.float64) / total
    spread = np.sqrt((counts * (table - mean[:, None]) ** 2).sum(axis=-1, dtype=np.float64))
    scale = spread * np.sqrt(total) * wanted.std()
    covariance = sums - mean[:, None] * wanted.sum()
    scores: Matrix = np.divide(
        covariance, scale[:, None], out=np.zeros_like(covariance), where=scale[:, None] > 0
    )
    return scores
