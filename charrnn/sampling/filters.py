"""What may be drawn: pure functions on logits (…, V), which take characters out or reweigh them.

A character that is out has the logit -inf. `Filters.apply` is their order: the repetition
penalty, --ban and --only, the temperature, then top-k, top-p, min-p and typical, each on what the
one before it has left. The likeliest character survives every one of the last four.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from charrnn.arrays import Array
from charrnn.losses import log_softmax

BELOW_ONE = 1 - 2**-52  # so that no rounding draws what lies past the last character
COLDEST = 1e-6  # below it nothing but the likeliest character can be drawn


@dataclass(frozen=True)
class Filters:
    """Which filters are on. Neutral values: 0 for top_k, 1 for the others, all allowed.

    allowed (V,): the characters that may be drawn at all. window: how many of the last characters
    the repetition penalty looks at.
    """

    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    typical: float = 1.0
    repetition_penalty: float = 1.0
    window: int = 64
    allowed: npt.NDArray[np.bool_] | None = None

    def apply(self, logits: Array, temp: float, recent: npt.NDArray[np.integer]) -> Array:
        """Return new logits (N, V). recent (W, N): the ids before, for the repetition penalty."""
        if self.repetition_penalty != 1 and len(recent):
            logits = penalised(logits, recent[-self.window :], self.repetition_penalty)
        if self.allowed is not None:
            logits = np.where(self.allowed, logits, -np.inf)
        logits = tempered(logits, temp)
        if self.top_k:
            logits = top_k(logits, self.top_k)
        if self.top_p < 1:
            logits = top_p(logits, self.top_p)
        if self.min_p:
            logits = min_p(logits, self.min_p)
        if self.typical < 1:
            logits = typical(logits, self.typical)
        return logits


def tempered(logits: Array, temp: float) -> Array:
    """Divide by a temperature; at 0 only the likeliest is left."""
    if temp < COLDEST:
        return top_k(logits, 1)
    return logits if temp == 1 else (logits - logits.max(axis=-1, keepdims=True)) / temp


def top_k(logits: Array, k: int) -> Array:
    """Keep the k likeliest; of equal ones the first."""
    order = np.argsort(-logits, axis=-1, kind="stable")[..., :k]
    kept = np.full_like(logits, -np.inf)
    np.put_along_axis(kept, order, np.take_along_axis(logits, order, axis=-1), axis=-1)
    return kept


def top_p(logits: Array, p: float) -> Array:
    """Keep the fewest likeliest whose mass is at least p. Source: Holtzman et al. 2020."""
    return _mass(logits, -logits, p)


def min_p(logits: Array, p: float) -> Array:
    """Keep what is at least p times as likely as the likeliest. Source: Nguyen et al. 2024."""
    floor = logits.max(axis=-1, keepdims=True) + np.log(p)
    return np.where(logits >= floor, logits, -np.inf)


def typical(logits: Array, p: float) -> Array:
    """Keep those whose surprise is nearest the entropy, of mass p, and the likeliest.

    Source: locally typical sampling, Meister et al. 2023, which may leave out the likeliest.
    """
    costs = -log_softmax(logits)
    with np.errstate(invalid="ignore"):  # of 0 · inf, what is out already
        entropy = np.nansum(np.exp(-costs) * costs, axis=-1, keepdims=True)
    kept = _mass(logits, np.abs(costs - entropy), p)
    return np.where(logits == logits.max(axis=-1, keepdims=True), logits, kept)


def _mass(logits: Array, order_by: Array, p: float) -> Array:
    """Keep the first few by `order_by`, one at least, whose mass together reaches p."""
    order = np.argsort(order_by, axis=-1, kind="stable")
    mass = np.exp(np.take_along_axis(log_softmax(logits), order, axis=-1))
    late = np.cumsum(mass, axis=-1) - mass >= p
    late[..., 0] = False
    out = np.empty(logits.shape, bool)
    np.put_along_axis(out, order, late, axis=-1)
    return np.where(out, -np.inf, logits)


def penalised(logits: Array, recent: npt.NDArray[np.integer], penalty: float) -> Array:
    """Divide by `penalty` the odds of what is among the recent ids (W, N) of each stream (N, V)."""
    logits = logits.copy()
    streams = np.broadcast_to(np.arange(logits.shape[0]), recent.shape)
    seen = np.zeros(logits.shape, bool)
    seen[streams, recent] = True
    logits[seen] -= np.log(penalty)
    return logits


def draw(logits: Array, random: np.random.Generator) -> list[int]:
    """Draw an id for each row of logits (N, V) from its softmax, by inverting the sum."""
    if len(logits) == 1:
        return [_draw_one(logits[0], random)]
    mass = np.exp(logits - logits.max(axis=-1, keepdims=True))
    mass = np.add.accumulate(mass, axis=-1, dtype=np.float64)
    points = random.random(len(mass)) * BELOW_ONE * mass[:, -1]
    ids: list[int] = (mass <= points[:, None]).sum(axis=-1).tolist()
    return ids


def _draw_one(logits: Array, random: np.random.Generator) -> int:
    """Draw an id from logits (V,): the same, with less overhead."""
    mass = logits - logits[logits.argmax()]  # a third of what max() takes
    np.exp(mass, out=mass)
    mass = np.add.accumulate(mass, dtype=np.float64)
    return int(mass.searchsorted(random.random() * BELOW_ONE * mass[-1], side="right"))
