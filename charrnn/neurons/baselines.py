"""What a neuron must beat: the last few characters, and a network that has learned nothing."""

from collections.abc import Iterator, Sequence

import numpy as np

from charrnn.checkpoint import Checkpoint
from charrnn.errors import UsageError
from charrnn.initialisation import first_weights
from charrnn.network import Network
from charrnn.neurons.activations import Activations
from charrnn.neurons.halves import Half, Places
from charrnn.neurons.scores import Labels
from charrnn.text.vocabulary import Ids

UNTRAINED = 5  # networks; the best of all their signals is what a trained one must beat
STREAMS = 16  # in which an untrained network, which has no long memory, reads a text
ORDERS = (1, 3, 8)  # how many of the last characters the lexical baselines see
PRIOR = 1.0  # characters' worth of trust in the shorter context


class Lexical:
    """The mean label after the same last characters, elsewhere: what they alone tell.

    They are those of `learned` (L,), training text, or where there is none, of the half of the text
    that does not report.
    """

    def __init__(self, ids: Ids, learned: Ids) -> None:
        """Number the contexts of both texts, up to the longest of ORDERS."""
        self.learned = len(learned)
        both = np.concatenate([learned, ids]).astype(np.int64)
        base = int(both.max()) + 1
        context = np.zeros(len(both), np.int64)
        self._contexts = []
        for back in range(max(ORDERS)):
            earlier = np.zeros(len(both), np.int64)
            earlier[back:] = both[: len(both) - back]
            _, context = np.unique(context * base + earlier, return_inverse=True)
            self._contexts.append(context.astype(np.int32))

    def guesses(
        self, learned_labels: Labels, labels: Labels, chooses: Half, reports: Half
    ) -> dict[int, Labels]:
        """Return, by order, the mean label expected at each character of a half (n,).

        A context that was not seen, or hardly, takes the estimate of the context one shorter.
        """
        if self.learned:
            seen: Places | slice = slice(0, self.learned)
            known = learned_labels
        else:
            seen, known = chooses.places, chooses.of(labels)
        asked = reports.places + self.learned
        estimate = np.full(reports.length, float(known.mean()))
        found = {}
        for order, context in enumerate(self._contexts, 1):
            size = int(context.max()) + 1
            counts = np.bincount(context[seen], minlength=size)
            sums = np.bincount(context[seen], weights=known, minlength=size)
            estimate = (sums[context[asked]] + PRIOR * estimate) / (counts[context[asked]] + PRIOR)
            found[order] = estimate
        return {order: found[order] for order in ORDERS}


def untrained(trained: Checkpoint, seed: int = 0) -> Network:
    """Return a network of the same shape as it was before it learned, with another seed's weights.

    Where a checkpoint does not say how its weights were drawn, as training draws them by default.
    """
    names = ("forget_bias", "spectral_radius")
    said = {name: trained.provenance[name] for name in names if name in trained.provenance}
    kind = trained.provenance.get("initialisation", "orthogonal")
    random = np.random.default_rng(seed)
    weights = first_weights(trained.architecture, random, kind, **said)
    return Network(trained.architecture, weights, trained.vocabulary, record_end=trained.record_end)


def all_untrained(
    trained: Checkpoint, ids: Ids, names: Sequence[str], seed: int
) -> Iterator[Activations]:
    """Yield the activations on a text of UNTRAINED networks like one that has learned.

    Raises UsageError where it reads both ways: the last characters are then no baseline.
    """
    if trained.architecture.bidirectional:
        raise UsageError(
            "neurons are compared with the last characters; this model reads the next ones, too",
            "train with --no-bidirectional to search its neurons",
        )
    own = int(trained.provenance.get("seed", 0))
    for one in range(UNTRAINED):
        yield Activations(untrained(trained, _other(seed + one, own)), ids, names, STREAMS)


def _other(seed: int, own: int) -> int:
    """Return a seed that is not the run's own."""
    return seed + 1_000_003 if seed == own else seed
