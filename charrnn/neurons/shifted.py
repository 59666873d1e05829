"""How well all signals together tell labels that are shifted around: what chance would find.

A circular shift keeps a label's autocorrelation and takes away its meaning. Σ rank · shifted label
is a correlation, so that one Fourier transform of each signal gives it for thousands of shifts.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

SHIFTS = 2000  # at least, where the text is long enough
NEAREST = 1000  # characters by which labels are shifted, at least
MANY_RECORDS = 1000  # so many begin in a half: then labels are shifted by whole records
TOGETHER = 64  # signals

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.intp]


def told(
    ranks: Floats, labels: Floats, graded: Sequence[bool], begins: Places
) -> tuple[Floats, Floats]:
    """Return how far from telling nothing signals are, for labels as they are and shifted.

    ranks (C, S): of each signal's values, as shares; labels (K, C): 0 and 1, or ranks where graded.
    begins: where records begin. The first array (K, S) is each signal's distance from 1/2 (AUROC)
    or, where graded, from 0 (Spearman's r); the second (K, shifts) that of the best of all signals.
    """
    if not len(ranks):
        return np.zeros((len(labels), ranks.shape[1]), np.float32), np.zeros(
            (len(labels), 0), np.float32
        )
    records = len(begins) >= MANY_RECORDS
    stride = 1 if records else max(1, ranks.shape[0] // SHIFTS)
    count = _smooth(ranks.shape[0] // stride)
    length = count * stride
    ranks, labels = ranks[:length], labels[:, :length]
    spectra = np.fft.rfft(_phases(labels, stride), axis=-1)  # (K, stride, F)
    whole = np.empty((len(labels), ranks.shape[1]), np.float32)
    best = np.zeros((len(labels), count), np.float32)
    for first in range(0, ranks.shape[1], TOGETHER):
        batch = np.ascontiguousarray(ranks[:, first : first + TOGETHER].T)
        batch -= batch.mean(axis=1, keepdims=True)
        found = _correlations(batch, spectra, stride, count)  # (S', K, count)
        found *= _scales(batch, labels, graded)[:, :, None]
        np.abs(found, out=found)
        whole[:, first : first + TOGETHER] = found[:, :, 0].T
        np.maximum(best, found.max(axis=0), out=best)
    return whole, best[:, _shifts(count, stride, begins if records else None)]


def _phases(values: Floats, stride: int) -> Floats:
    """Return values (…, C) as (…, stride, C / stride): a shift by stride is one by 1 in each."""
    return np.ascontiguousarray(values.reshape(len(values), -1, stride).swapaxes(1, 2))


def _correlations(
    batch: Floats, spectra: npt.NDArray[np.complexfloating], stride: int, count: int
) -> Floats:
    """Return Σ signal(t) · label(t + shift · stride) for each signal, label and shift."""
    mine = np.conj(np.fft.rfft(_phases(batch, stride), axis=-1))  # (S', stride, F)
    product = np.matmul(  # at each frequency, over the phases: (F, S', K)
        np.ascontiguousarray(mine.transpose(2, 0, 1)),
        np.ascontiguousarray(spectra.transpose(2, 1, 0)),
    )
    back = np.ascontiguousarray(product.transpose(1, 2, 0))
    return np.fft.irfft(back, n=count, axis=-1).astype(np.float32, copy=False)


def _scales(batch: Floats, labels: Floats, graded: Sequence[bool]) -> Floats:
    """Return what turns a covariance into a score's distance from telling nothing (S', K)."""
    length = labels.shape[1]
    on = labels.sum(axis=1, dtype=np.float64)
    pairs = np.maximum(on * (length - on), 1) / length
    spread = np.maximum(batch.std(axis=1), 1e-12)[:, None] * np.maximum(labels.std(axis=1), 1e-12)
    scales: Floats = np.where(graded, 1 / (length * spread), 1 / pairs).astype(np.float32)
    return scales


def _shifts(count: int, stride: int, begins: Places | None) -> Places:
    """Return which of the shifts are far enough either way, of whole records if they are given."""
    least = min(NEAREST, count * stride // 4)
    shifts = np.arange(count) if begins is None else begins
    far = (shifts * stride >= least) & (shifts * stride <= count * stride - least)
    chosen: Places = shifts[far]
    return chosen


def _smooth(length: int) -> int:
    """Return the greatest number up to a length that has no prime factor above 5."""
    for number in range(max(1, length), 1, -1):
        left = number
        for prime in (2, 3, 5):
            while left % prime == 0:
                left //= prime
        if left == 1:
            return number
    return 1
