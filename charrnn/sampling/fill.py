"""What may stand in a gap, judged by what stands before it and by what follows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from charrnn.errors import UsageError
from charrnn.losses import log_softmax
from charrnn.network import LOGITS, Network
from charrnn.notebook import Shown
from charrnn.sampling import gaps
from charrnn.sampling.generate import opened, read
from charrnn.sampling.search import select
from charrnn.text.vocabulary import Ids, Unknown, Vocabulary

WIDTH = 64  # of the beam over a gap of several characters
GOES_ON = -1  # a byte that is not the first of its character
MORE_BYTES = 8  # than characters in a gap, at most


class Filling(NamedTuple):
    """A candidate for a gap: its ids, and what it and the text after it cost, in nats."""

    ids: tuple[int, ...]
    nats: float


class Filled(NamedTuple):
    """A prompt whose mask is filled, by what, what that cost in nats, and its probability.

    probability: among all fillings that were tried.
    """

    text: str
    filling: str
    nats: float
    probability: float


@dataclass(frozen=True)
class Fillings(Shown):
    """What may stand in place of a mask: a sequence of `Filled`, the likeliest first."""

    found: tuple[Filled, ...]

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[Filled]:
        return iter(self.found)

    def __getitem__(self, place: int) -> Filled:
        return self.found[place]


def fillings(network: Network, prompt: str, mask: str, unknown: Unknown = "error") -> Fillings:
    """Rank what may stand in place of the mask in a prompt: as many characters as the mask has.

    Raises UsageError for a mask that is not there once, VocabularyError for the prompt.
    """
    before, found, after = prompt.partition(mask) if mask else ("", "", "")
    if not found or mask in after:
        raise UsageError(
            f"the mask {mask!r} must stand in the prompt once",
            "such as --prompt 'To ____ or not' --fill ____",
        )
    vocabulary = network.vocabulary
    start = vocabulary.encode(before, unknown)
    ids = opened(network, start, np.random.default_rng(0), network.record_end)
    rest = vocabulary.encode(after + network.record_end, unknown)
    candidates = fill(network, ids, len(mask), rest)
    costs = np.array([one.nats for one in candidates])
    shares = np.exp(costs.min(initial=np.inf) - costs)
    shares /= shares.sum()
    texts = [vocabulary.decode(one.ids) for one in candidates]
    rows = zip(texts, costs.tolist(), shares.tolist(), strict=True)
    return Fillings(tuple(Filled(before + one + after, one, *rest) for one, *rest in rows))


def fill(network: Network, before: Ids, gap: int, after: Ids) -> list[Filling]:
    """Return candidates for a gap of a number of characters, the likeliest first.

    In a model of bytes a character is one of UTF-8, of one to four bytes. For the rest see
    `_of_ids`.
    """
    if network.vocabulary.kind == "characters":
        return _of_ids(network, before, gap, after)
    longest = min(4 * gap, gap + MORE_BYTES)
    found = [
        one
        for size in range(gap, longest + 1)
        for one in _of_ids(network, before, size, after)
        if _characters(network.vocabulary, one.ids) == gap
    ]
    return sorted(found, key=lambda one: one.nats)


def _following(vocabulary: Vocabulary) -> npt.NDArray[np.intp] | None:
    """Return how many bytes of its character follow each byte (V,) in UTF-8; None for characters.

    GOES_ON for those that follow, and for what is in no UTF-8.
    """
    if vocabulary.kind == "characters":
        return None
    firsts = ((0x80, 0), (0xC2, GOES_ON), (0xE0, 1), (0xF0, 2), (0xF5, 3))  # below which
    numbers = [ord(one) for one in vocabulary.characters]
    follow = [next((n for end, n in firsts if one < end), GOES_ON) for one in numbers]
    return np.array([*follow, *[GOES_ON] * vocabulary.unknown])


def _characters(vocabulary: Vocabulary, ids: tuple[int, ...]) -> int:
    """Return how many characters of UTF-8 some bytes are; -1 where they are none."""
    text = vocabulary.decode(ids)
    return -1 if any("\udc80" <= one <= "\udcff" for one in text) else len(text)


def _of_ids(network: Network, before: Ids, gap: int, after: Ids) -> list[Filling]:
    """Return candidates for a gap of a number of ids, the likeliest first.

    before: at least one id. Their cost is -ln p(gap and after | before). Every character is tried
    for a gap of one; a longer one is filled by a beam, so that the best may be missed. A network
    that reads both sides has a search and a score of its own, see `charrnn.sampling.gaps`.
    """
    if network.architecture.apart:
        found = gaps.search(gaps.Gap.of(network, before, after), gap)
        pairs = zip(found.paths.tolist(), found.costs.tolist(), strict=True)
        return [Filling(tuple(ids), nats) for ids, nats in pairs]
    logits, state = read(network, before)
    totals, paths = np.zeros(1), np.zeros((1, 0), np.intp)
    follow = _following(network.vocabulary)
    lacking = np.zeros(1, np.intp)  # bytes that a character of UTF-8 still lacks, for each path
    for place in range(gap):
        scores = totals[:, None] + log_softmax(logits.astype(np.float64))
        if network.end is not None:
            scores[:, network.end] = -np.inf  # the gap is inside a record
        if follow is not None:
            goes_on = follow == GOES_ON
            scores[np.where(lacking[:, None] > 0, ~goes_on, goes_on)] = -np.inf
        width = scores.size if gap == 1 else WIDTH
        order = np.argsort(-scores, axis=None, kind="stable")[:width]
        order = order[np.isfinite(scores.reshape(-1)[order])]
        streams, ids = np.divmod(order, scores.shape[1])
        totals, paths = scores[streams, ids], np.column_stack([paths[streams], ids])
        if follow is not None:
            lacking = np.where(lacking[streams] > 0, lacking[streams] - 1, follow[ids])
        state = select(state, streams)
        if place + 1 < gap or len(after):
            logits, state = network.step(ids, state)
    if len(after):
        totals = totals + log_softmax(logits.astype(np.float64))[:, after[0]]
        chunk = max(1, LOGITS // logits.size)
        for start in range(0, len(after) - 1, chunk):
            given, expected = (
                after[start : start + chunk][: len(after) - 1 - start],
                after[start + 1 :],
            )
            ids = np.repeat(given[:, None], len(totals), axis=1)
            result = network.run(ids, state)
            state = result.state
            costs = log_softmax(result.logits.astype(np.float64))
            totals = totals + sum(
                costs[time, :, wanted] for time, wanted in enumerate(expected[: len(given)])
            )
    order = np.argsort(-totals, kind="stable")
    return [Filling(tuple(paths[one].tolist()), float(-totals[one])) for one in order]
