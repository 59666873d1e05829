"""Answers that a decoder writes: the likeliest, by beam search, or drawn."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from charrnn.arrays import Array
from charrnn.losses import log_softmax
from charrnn.prepared import State
from charrnn.seq2seq import Encoded, Seq2Seq
from charrnn.text.vocabulary import Ids

TOGETHER = 256  # answers that are written at once
STALE = 0.25  # of a batch, that is done before what is left is copied

Integers = npt.NDArray[np.int64]


class Answer(NamedTuple):
    """Ids without marks; the mean log-probability of a symbol, an end among them; if it has one."""

    ids: list[int]
    score: float
    ended: bool = True


def answers(
    model: Seq2Seq,
    sources: Sequence[Ids],
    width: int,
    lengths: Sequence[int],
    never: Sequence[int] = (),
    top: int = 0,
) -> list[list[Answer]]:
    """Return for each source the best answers that a beam search finds, best first.

    sources: ids, each after the mark of its beginning. width: how many answers are followed; 1
    takes the likeliest symbol at each step. lengths: of each, the most symbols. never: ids that are
    not written. top: how many answers are wanted, by default as many as are followed. Answers are
    compared by their `score`: the sum of log-probabilities divided by the number of symbols (Wu et
    al. 2016, with α = 1).
    """
    order = np.argsort([len(one) for one in sources], kind="stable")
    found: list[list[Answer]] = [[] for _ in sources]
    together = max(1, TOGETHER // width)
    for first in range(0, len(order), together):
        rows = order[first : first + together]
        encoded = model.encode([sources[row] for row in rows])
        most = np.array([lengths[row] for row in rows])
        for row, best in zip(rows, beam(model, encoded, width, most, never, top), strict=True):
            found[row] = best
    return found


def beam(
    model: Seq2Seq,
    encoded: Encoded,
    width: int,
    lengths: Integers,
    never: Sequence[int] = (),
    top: int = 0,
) -> list[list[Answer]]:
    """Do what `answers` does, with sources of one batch that were read.

    A source is done once no answer that goes on could be among the best that are wanted, even if
    all its further symbols were certain; in a beam of one, once the answer has ended.
    """
    top = top or width
    found: list[list[Answer]] = [[] for _ in lengths]
    rows = np.arange(len(lengths))  # of the sources that are in the batch
    going = np.ones(len(rows), bool)  # and not done
    totals = np.where(np.arange(width) == 0, 0.0, -np.inf)[None].repeat(len(rows), axis=0)
    written = np.full((len(rows), width, 1), model.end, np.int64)
    state = _of_answers(encoded.first, np.arange(len(rows)).repeat(width))
    while going.any():
        logits, state, _ = model.step(written[..., -1], state, encoded)
        scores = totals[..., None] + log_softmax(logits.astype(np.float64))  # (n, B, V)
        scores[..., list(never)] = -np.inf
        parents, ids, scores = _likeliest(scores, 2 * width)  # (n, 2B)
        ends = ids == model.end
        ended = ends & np.isfinite(scores) & (np.arange(2 * width) < width) & going[:, None]
        for at, place in zip(*np.nonzero(ended), strict=True):
            path = written[at, parents[at, place], 1:].tolist()
            mean = float(scores[at, place]) / written.shape[2]
            found[rows[at]].append(Answer(path, mean))
        # No parent ends twice, so that as many go on as the beam is wide.
        on = np.argsort(ends, axis=1, kind="stable")[:, :width]
        scores[ends] = -np.inf
        parents, ids = (np.take_along_axis(one, on, 1) for one in (parents, ids))
        totals = np.take_along_axis(scores, on, 1)
        before = np.take_along_axis(written, parents[..., None], 1)
        written = np.concatenate([before, ids[..., None]], axis=2)
        state = _of_answers(state, (np.arange(len(rows))[:, None] * width + parents).ravel())
        for at in np.flatnonzero(going).tolist():
            mine = found[rows[at]]
            mine.sort(key=lambda one: -one.score)
            del mine[width:]
            could = totals[at, 0] / lengths[rows[at]]
            enough = len(mine) >= top and (width == 1 or mine[top - 1].score >= could)
            going[at] = not enough and written.shape[2] <= lengths[rows[at]]
            if not (going[at] or enough):
                mine += _cut(written[at], totals[at])[: width - len(mine)]
        if going.mean() <= 1 - STALE:
            kept = np.flatnonzero(going)
            state = _of_answers(state, (kept[:, None] * width + np.arange(width)).ravel())
            encoded, rows, going = encoded.taken(kept), rows[kept], going[kept]
            written, totals = written[kept], totals[kept]
    return found


def _likeliest(scores: Array, count: int) -> tuple[Integers, Integers, Array]:
    """Return which parents and ids have the best scores (n, B, V), best first, and these (n, ·)."""
    flat = scores.reshape(len(scores), -1)
    best = np.argpartition(-flat, count - 1, axis=1)[:, :count]
    best.sort(axis=1)  # so that of equal ones the first comes first
    values = np.take_along_axis(flat, best, 1)
    order = np.argsort(-values, axis=1, kind="stable")
    parents, ids = np.divmod(np.take_along_axis(best, order, 1), scores.shape[2])
    return parents, ids, np.take_along_axis(values, order, 1)


def _cut(written: Integers, totals: Array) -> list[Answer]:
    """Return the answers of one source that have not ended, best first."""
    steps = written.shape[1] - 1
    return [
        Answer(ids, total / steps, ended=False)
        for ids, total in zip(written[:, 1:].tolist(), totals.tolist(), strict=True)
        if np.isfinite(total)
    ]


def _of_answers(state: State, streams: Integers) -> State:
    """Return the state of some answers."""
    return tuple(tuple(part[streams] for part in layer) for layer in state)


def drawn(
    model: Seq2Seq,
    sources: Sequence[Ids],
    temp: float,
    random: np.random.Generator,
    lengths: Sequence[int],
    never: Sequence[int] = (),
) -> list[Answer]:
    """Return an answer for each source, each symbol drawn at a temperature above 0.

    The rest is as for `answers`.
    """
    found = []
    for first in range(0, len(sources), TOGETHER):
        part = slice(first, first + TOGETHER)
        encoded = model.encode(sources[part])
        most = np.array(lengths[part])
        found += _drawn(model, encoded, temp, random, most, never)
    return found


def _drawn(
    model: Seq2Seq,
    encoded: Encoded,
    temp: float,
    random: np.random.Generator,
    lengths: Integers,
    never: Sequence[int],
) -> list[Answer]:
    """Draw answers for sources of one batch that were read."""
    rows, totals = np.arange(len(lengths)), np.zeros(len(lengths))
    last = np.full(len(rows), model.end)
    paths: list[list[int]] = [[] for _ in rows]
    ended = np.zeros(len(rows), bool)
    state = encoded.first
    while len(rows):
        logits, state, _ = model.step(last[:, None], state, encoded)
        logs = log_softmax(logits[:, 0].astype(np.float64))  # (n, V)
        shown = logs / temp
        shown[:, list(never)] = -np.inf
        last = (shown + random.gumbel(size=shown.shape)).argmax(axis=1)  # drawn by their odds
        totals[rows] += logs[np.arange(len(rows)), last]
        ended[rows] = last == model.end
        for row, one in zip(rows.tolist(), last.tolist(), strict=True):
            paths[row] += [one] * (one != model.end)
        kept = np.flatnonzero([not ended[row] and len(paths[row]) < lengths[row] for row in rows])
        rows, last, encoded = rows[kept], last[kept], encoded.taken(kept)
        state = _of_answers(state, kept)
    return [
        Answer(ids, total / max(1, len(ids) + end), end)
        for ids, total, end in zip(paths, totals.tolist(), ended.tolist(), strict=True)
    ]
