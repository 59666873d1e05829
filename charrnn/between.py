"""Each character of a text, judged by what stands before it and what stands after it."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from charrnn.arrays import Array
from charrnn.errors import UsageError
from charrnn.intervention import Intervention
from charrnn.losses import log_softmax
from charrnn.network import LOGITS, Network
from charrnn.notebook import Shown
from charrnn.reading import Opened, held_out, of_file
from charrnn.text.batches import PADDING
from charrnn.text.surroundings import Surroundings
from charrnn.text.vocabulary import Ids

REACH = 48  # characters on either side that are read to tell what an exchange is worth
BESIDE = 16  # of which these count

Places = npt.NDArray[np.intp]


class Judged(NamedTuple):
    """What a model makes of the characters of a text (C,); NaN where it was not asked.

    It never is at marks of records.

    nats: what each costs, given all others near it. best: the likeliest id there. best_nats: what
    that one would cost.
    """

    nats: Array
    best: npt.NDArray[np.intp]
    best_nats: Array


def log_probabilities(
    network: Network, ids: Ids, held: Sequence[Intervention] = (), every: int = 1
) -> Iterator[tuple[Places, Array]]:
    """Yield the log-probability of each character of the alphabet at places of ids (C,).

    Places (P,), in any order, all but the marks of records, and their (P, V). held: units whose
    state is set from outside. Long texts are read in windows, see `Surroundings`; every: of so many
    windows one is.
    """
    texts = Surroundings.of(ids, network.end)
    most = max(1, LOGITS // network.architecture.vocabulary)
    for together in texts.together():
        windows = together[together % every == 0]
        if not len(windows):
            continue
        batch = texts.read(windows)
        outputs = network.read_texts(batch.inputs, batch.lengths, held)
        counted = batch.targets != PADDING
        places = (texts.windows[windows, 0] + np.arange(len(outputs))[:, None])[counted]
        read = outputs[counted]
        for first in range(0, len(read), most):
            part = slice(first, first + most)
            logits = network.logits(read[part])
            yield places[part], log_softmax(logits.astype(np.float64))


def judged(network: Network, ids: Ids, held: Sequence[Intervention] = (), every: int = 1) -> Judged:
    """Return what a model makes of each of the ids (C,). held, every: see `log_probabilities`."""
    nats, best_nats = np.full((2, len(ids)), np.nan)
    best = np.zeros(len(ids), np.intp)
    for places, logs in log_probabilities(network, ids, held, every):
        here = np.arange(len(places))
        nats[places], best[places] = -logs[here, ids[places]], logs.argmax(axis=1)
        best_nats[places] = -logs[here, best[places]]
    return Judged(nats, best, best_nats)


def losses(network: Network, ids: Ids) -> Array:
    """Return what each character but the first costs, in nats: (C - 1,) for ids (C,).

    It is given what stands before it or, to a model that reads both sides, both; of such a model
    NaN stands at marks of records. Raises UsageError for a model that labels texts.
    """
    return judged(network, ids).nats[1:] if network.architecture.apart else network.losses(ids)


@dataclass(frozen=True)
class Surrounded(Shown):
    """How well a model predicts the characters of a text from both sides.

    nats: the mean loss; accuracy: the share of characters that are the likeliest. model, text:
    names.
    """

    nats: float
    accuracy: float
    characters: int
    model: str
    text: str

    @property
    def bits_per_char(self) -> float:
        """The mean loss in bits."""
        return self.nats / math.log(2)


def measured(opened: Opened, files: Sequence[str] = ()) -> Surrounded:
    """Return how well a model predicts the text of a file, by default its held-out text.

    Raises UsageError for several files, CorpusError for one that cannot be read.
    """
    if len(files) > 1:
        raise UsageError(f"one text is read, and {len(files)} were given")
    model = opened.checkpoint
    text = of_file(model, Path(files[0])) if files else held_out(model)
    found = judged(model.network(), text.ids)
    known = ~np.isnan(found.nats)
    right = (found.best == text.ids)[known]
    nats = float(found.nats[known].mean())
    return Surrounded(nats, float(right.mean()), len(right), opened.name, text.name)


def gains(
    network: Network, ids: Ids, places: Places, instead: npt.NDArray[np.integer]
) -> npt.NDArray[np.float64]:
    """Return by how much a text becomes likelier, in nats, with one character exchanged (P,).

    places (P,): of ids (C,), each exchanged alone, for the ids `instead` (P,). What counts is the
    costs of the characters up to BESIDE before it and after it, and its own, each given all others
    up to REACH away.
    """
    if not len(places):
        return np.zeros(0)
    around = places + np.arange(-REACH, REACH + 1)[:, None]  # (T, P)
    inside = (around >= 0) & (around < len(ids))
    lanes = ids[np.clip(around, 0, len(ids) - 1)].astype(np.int64)
    other = lanes.copy()
    other[REACH] = instead
    near = inside[REACH - BESIDE : REACH + BESIDE + 1]
    costs = [_costs(network, one) for one in (lanes, other)]
    found: npt.NDArray[np.float64] = np.where(near, costs[0] - costs[1], 0).sum(axis=0)
    return found


def _costs(network: Network, lanes: npt.NDArray[np.int64]) -> Array:
    """Return what the characters in the middle of lanes (T, P) cost, (2 · BESIDE + 1, P)."""
    middle = slice(REACH - BESIDE, REACH + BESIDE + 1)
    outputs = network.read_texts(lanes, np.full(lanes.shape[1], len(lanes)))[middle]
    logs = log_softmax(network.logits(outputs).astype(np.float64))
    costs: Array = -np.take_along_axis(logs, lanes[middle, :, None], axis=2)[..., 0]
    return costs if network.end is None else np.where(lanes[middle] == network.end, 0, costs)
