"""What a neuron must beat: the last few characters, and a network that has learned nothing."""

from collections.abc import Sequence

import numpy as np

from charrnn.architecture import Architecture
from charrnn.network import Network
from charrnn.neurons.activations import Activations
from charrnn.neurons.scores import Labels
from charrnn.neurons.search import Half
from charrnn.text.vocabulary import Ids, Vocabulary

UNTRAINED = 5  # networks; the best of all their signals is what a trained one must beat
STREAMS = 16  # in which an untrained network, which has no long memory, reads a text
PRIOR = 1.0  # characters' worth of trust in the shorter context


def lexical(ids: Ids, labels: Labels, a: Half, b: Half, order: int) -> Labels:
    """Return, for each character of B, the mean label after its last `order` characters in A.

    A context that A does not have, or hardly, takes the estimate of the context one shorter.
    """
    estimate = np.full(b.length, float(a.of(labels).mean()))
    context = np.zeros(len(ids), np.int64)
    base = int(ids.max()) + 1
    for back in range(order):
        shifted = np.zeros(len(ids), np.int64)
        shifted[back:] = ids[: len(ids) - back]
        _, context = np.unique(context * base + shifted, return_inverse=True)
        size = int(context.max()) + 1
        in_a, in_b = a.of(context), b.of(context)
        counts = np.bincount(in_a, minlength=size)
        sums = np.bincount(in_a, weights=a.of(labels), minlength=size)
        estimate = (sums[in_b] + PRIOR * estimate) / (counts[in_b] + PRIOR)
    return estimate


def untrained(
    architecture: Architecture, vocabulary: Vocabulary, seed: int = 0, record_end: str = ""
) -> Network:
    """Return a network of the same shape at initialisation: U(±1/√H), as torch.nn begins.

    The forget gates of an LSTM have the bias 1, as in `charrnn train`.
    """
    random = np.random.default_rng(seed)
    bound = architecture.hidden**-0.5
    weights = {
        name: random.uniform(-bound, bound, shape).astype(np.float32)
        for name, shape in architecture.shapes().items()
    }
    if architecture.backbone == "lstm":
        forget = slice(architecture.hidden, 2 * architecture.hidden)
        for layer in range(architecture.layers):
            weights[f"rnn.bias_ih_l{layer}"][forget] = 1
            weights[f"rnn.bias_hh_l{layer}"][forget] = 0
    return Network(architecture, weights, vocabulary, record_end=record_end)


def all_untrained(trained: Network, ids: Ids, names: Sequence[str], seed: int) -> list[Activations]:
    """Return the activations on a text of UNTRAINED networks of the shape of a trained one."""
    shape, alphabet, end = trained.architecture, trained.vocabulary, trained.record_end
    networks = (untrained(shape, alphabet, seed + one, end) for one in range(UNTRAINED))
    return [Activations(one, ids, names, STREAMS) for one in networks]
