"""A search with all that it needs around it: what `find`, `explain`, the end of `train` call."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from charrnn.arrays import drawn
from charrnn.checkpoint import Checkpoint
from charrnn.neurons import baselines
from charrnn.neurons.activations import COLD, Activations
from charrnn.neurons.address import Neuron, numbered
from charrnn.neurons.concepts import Concept, built_in
from charrnn.neurons.evidence import ENCODES, Finding
from charrnn.neurons.find import find, with_use
from charrnn.neurons.scores import Labels
from charrnn.provenance import sample
from charrnn.reading import Text
from charrnn.text.vocabulary import Ids

STREAMS, LEAST = 16, 2_000  # a longer text is read in so many parts at once, so long at least
TRIAL = 2_000  # characters that are read to see how fast a network reads
READINGS = 14  # of the text, in units of its first: two of six networks, and what is computed
LOOKED_AT = 20_000  # characters over which a unit's variation is measured


def survey(
    path: Path,
    model: Checkpoint,
    ids: Ids,
    concepts: Sequence[Concept] = (),
    *,
    signals: Sequence[str] = (),
    learned: Ids | None = None,
    labels: Sequence[Labels] | None = None,
    top: int = 1,
    ablating: bool = False,
    seed: int = 0,
    only: int | None = None,
    targets: Ids | None = None,
) -> Iterator[Finding]:
    """Yield what is found for each concept in a text (C,), by default for all that are built in.

    path: the model's file, beside which its run says what it has learned. signals: which are
    searched, by default the states. learned: training text, by default from the run's corpus.
    targets: of labelled texts, see `Activations`. The others as in `find`. Raises UsageError for a
    text that is too short.
    """
    network = model.network()
    text = model.vocabulary.characters_of(ids)
    names = tuple(signals) or model.architecture.cell.STATES
    streams = STREAMS if len(ids) > STREAMS * LEAST else 0
    read = Activations(network, ids, names, streams, targets)
    plain = baselines.all_untrained(model, ids, names, seed)
    yield from find(
        read,
        plain,
        text,
        concepts or list(built_in(text).values()),
        learned=sample(path, model, ids) if learned is None else learned,
        labels=labels,
        top=top,
        ablating=ablating,
        seed=seed,
        only=only,
    )


def with_uses(model: Checkpoint, text: Text, found: Sequence[Finding], seed: int) -> list[Finding]:
    """Return findings that say of the neurons that encode their concept whether they are used."""
    network, names = model.network(), model.architecture.cell.STATES
    characters = model.vocabulary.characters_of(text.ids)
    read = Activations(network, text.ids, names, targets=text.labels)
    random = np.random.default_rng(seed)
    return [
        with_use(read, one, one.concept.labels(characters, network.record_end), characters, random)
        if any(one.verdict(each) == ENCODES for each in one.evidence)
        else one
        for one in found
    ]


def readable(model: Checkpoint, seconds: float) -> int:
    """Return how many characters of its held-out text can be searched in so many seconds."""
    network, ids = model.network(), model.heldout[: TRIAL + COLD]
    start = time.perf_counter()
    for _ in Activations(network, ids, model.architecture.cell.STATES).pieces():
        pass
    spent = time.perf_counter() - start
    return int(len(ids) * seconds / (spent * READINGS))


def most_varying(model: Checkpoint, ids: Ids) -> Neuron:
    """Return the neuron whose state, as it is drawn, varies most over the start of a text."""
    architecture = model.architecture
    signal = architecture.cell.DEFAULT_SIGNAL
    read = model.network().read(ids[:LOOKED_AT], [signal])
    values = np.concatenate([result.signals[signal][:, 0] for _, result in read])
    values = drawn(architecture.cell.SIGNALS[signal], values)
    deviations = values.reshape(len(values), -1).std(axis=0)
    return numbered(int(deviations.argmax()), architecture)
