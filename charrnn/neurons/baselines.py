"""What a neuron must beat: the nearest characters, and a network that has learned nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from charrnn.checkpoint import Checkpoint
from charrnn.initialisation import first_weights
from charrnn.network import Network
from charrnn.neurons.activations import Activations
from charrnn.neurons.address import Neuron
from charrnn.neurons.halves import Half, Places
from charrnn.neurons.scores import Labels
from charrnn.text.vocabulary import Ids

UNTRAINED = 5  # networks; the best of all their signals is what a trained one must beat
STREAMS = 16  # in which an untrained network, which has no long memory, reads a text
ORDERS = (1, 3, 8)  # how many characters the lexical baselines see
SIDES = {  # where the characters of a lexical baseline stand, the nearest first
    "last": (0, 1, 2, 3, 4, 5, 6, 7),
    "next": (0, -1, -2, -3, -4, -5, -6, -7),
    "around": (0, 1, -1, 2, -2, 3, -3, 4),
}
PRIOR = 1.0  # characters' worth of trust in the shorter context


def sides(neuron: Neuron) -> tuple[str, ...]:
    """Return the sides from which a unit reads: what a lexical baseline must know, too."""
    if not neuron.direction:
        return ("last",)
    if neuron.layer > 1:  # what is below has read both ways
        return tuple(SIDES)
    return ("last",) if neuron.direction == "forward" else ("next",)


class Lexical:
    """The mean label where the same characters stand, elsewhere: what they alone tell.

    They are the last ones, that which is read among them; in a model that reads both ways the next
    ones, too, and those on both sides. Elsewhere: in `learned` (L,), training text, or where there
    is none, in the half of the text that does not report.
    """

    def __init__(self, ids: Ids, learned: Ids, both_ways: bool = False) -> None:
        """Number the contexts of both texts, up to the longest of ORDERS."""
        self.learned = len(learned)
        both = np.concatenate([learned, ids]).astype(np.int64)
        there = SIDES if both_ways else {"last": SIDES["last"]}
        self._contexts = {side: _contexts(both, back) for side, back in there.items()}

    def guesses(
        self, learned_labels: Labels, labels: Labels, chooses: Half, reports: Half
    ) -> dict[str, Labels]:
        """Return the mean label expected at each character of a half (n,), by "last 3" and so on.

        A context that was not seen, or hardly, takes the estimate of the context one shorter.
        """
        if self.learned:
            seen: Places | slice = slice(0, self.learned)
            known = learned_labels
        else:
            seen, known = chooses.places, chooses.of(labels)
        asked = reports.places + self.learned
        found = {}
        for side, contexts in self._contexts.items():
            estimate = np.full(reports.length, float(known.mean()))
            for order, context in enumerate(contexts, 1):
                size = int(context.max()) + 1
                counts = np.bincount(context[seen], minlength=size)[context[asked]]
                sums = np.bincount(context[seen], weights=known, minlength=size)[context[asked]]
                estimate = (sums + PRIOR * estimate) / (counts + PRIOR)
                if order in ORDERS:
                    found[f"{side} {order}"] = estimate
        return found


def _contexts(text: npt.NDArray[np.int64], back: Sequence[int]) -> list[npt.NDArray[np.int32]]:
    """Return the number of each character's context (C,): the first of `back`, the first two, …

    back: how far each of its characters stands before that one; after it where negative.
    """
    context = np.zeros(len(text), np.int64)
    found = []
    for shift in back:
        there = np.zeros(len(text), np.int64)
        there[max(0, shift) : len(text) + min(0, shift)] = text[
            max(0, -shift) : len(text) - max(0, shift)
        ]
        _, context = np.unique(context * (int(text.max()) + 1) + there, return_inverse=True)
        found.append(context.astype(np.int32))
    return found


def untrained(trained: Checkpoint, seed: int = 0) -> Network:
    """Return a network of the same shape as it was before it learned, with another seed's weights.

    Where a checkpoint does not say how its weights were drawn, as training draws them by default.
    """
    names = ("forget_bias", "spectral_radius")
    said = {name: trained.provenance[name] for name in names if name in trained.provenance}
    kind = trained.provenance.get("initialisation", "orthogonal")
    random = np.random.default_rng(seed)
    weights = first_weights(trained.learned, random, kind, **said)
    return replace(trained, weights=weights).network()


def all_untrained(
    trained: Checkpoint, ids: Ids, names: Sequence[str], seed: int
) -> Iterator[Activations]:
    """Yield the activations on a text of UNTRAINED networks like one that has learned."""
    for network in networks(trained, seed):
        yield Activations(network, ids, names, STREAMS)


def networks(trained: Checkpoint, seed: int) -> Iterator[Network]:
    """Yield UNTRAINED networks like one that has learned."""
    own = int(trained.provenance.get("seed", 0))
    for one in range(UNTRAINED):
        yield untrained(trained, _other(seed + one, own))


def _other(seed: int, own: int) -> int:
    """Return a seed that is not the run's own."""
    return seed + 1_000_003 if seed == own else seed
