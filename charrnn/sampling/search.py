"""Texts chosen by the model's own score rather than drawn: the likeliest, or the best of many."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from charrnn.arrays import Array
from charrnn.losses import log_softmax
from charrnn.prepared import State
from charrnn.sampling.generate import Drawn, Ready, Writer


def beam(writer: Writer, ready: Ready, width: int, length: int, end: int | None) -> list[int]:
    """Return the ids of the likeliest text that a beam search finds.

    ready: of one stream. width: how many texts are followed. end: the id that ends a record and
    is left out; the likeliest whole record wins, if one ends within the length.
    """
    totals, (logits, state) = np.zeros(1), ready
    allowed = writer.filters.allowed
    path: list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]] = []
    ended: tuple[float, list[int]] = -np.inf, []
    for _ in range(length):
        scores = totals[:, None] + log_softmax(logits.astype(np.float64))
        if allowed is not None:
            scores = np.where(allowed, scores, -np.inf)
        if end is not None:
            stream = int(scores[:, end].argmax())
            if scores[stream, end] > ended[0]:
                ended = float(scores[stream, end]), _trace(path, stream)
            scores[:, end] = -np.inf
        order = np.argsort(-scores, axis=None, kind="stable")[:width]
        order = order[np.isfinite(scores.reshape(-1)[order])]
        totals = scores.reshape(-1)[order]
        if not len(order) or ended[0] >= totals[0]:
            return ended[1]
        streams, ids = np.divmod(order, scores.shape[1])
        path.append((streams, ids))
        logits, state = writer.network.step(ids, select(state, streams), writer.held)
    return ended[1] if ended[0] > -np.inf else _trace(path, int(totals.argmax()))


def _trace(
    path: Sequence[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]], last: int
) -> list[int]:
    """Return the ids that led to a stream, by going back through the beams."""
    ids = []
    for streams, drawn in reversed(path):
        ids.append(int(drawn[last]))
        last = int(streams[last])
    return ids[::-1]


def select(state: State, streams: npt.NDArray[np.intp]) -> State:
    """Return the state of these streams, in this order."""
    return tuple(tuple(part[streams] for part in layer) for layer in state)


def follow(writer: Writer, ready: Ready, ids: Sequence[int]) -> Iterator[Drawn]:
    """Yield known characters as if they had been drawn, in one stream."""
    logits, state = ready
    for one in ids:
        yield Drawn(one, logits[0], state)
        logits, state = writer.network.step([one], state, writer.held)


def mean_nats(drawn: Sequence[Drawn]) -> float:
    """Return what a character of a text cost the model, without temperature and filters."""
    return float(nats(drawn).mean()) if drawn else float("nan")


def nats(drawn: Sequence[Drawn]) -> Array:
    """Return what each character cost the model, without temperature and filters."""
    if not drawn:
        return np.zeros(0)
    logits = np.array([one.logits for one in drawn], np.float64)
    costs: Array = -log_softmax(logits)[np.arange(len(drawn)), [one.id for one in drawn]]
    return costs
