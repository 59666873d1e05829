"""Which labels are taken for which."""

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from charrnn.labelling import log_probabilities, texts_in
from charrnn.notebook import Shown
from charrnn.reading import Opened, Text


class Mistake(NamedTuple):
    """A text that got another label than its own.

    number: of the text, from 0. label, got: places among the model's labels. probability: of the
    label that it has; nats: its loss.
    """

    number: int
    text: str
    label: int
    got: int
    probability: float
    nats: float


@dataclass(frozen=True)
class Mislabelled(Shown):
    """What is labelled wrong. texts (K,): how many have each label. mistakes: the worst first.

    labels: the model's. model, text: names.
    """

    texts: tuple[int, ...]
    mistakes: tuple[Mistake, ...]
    labels: tuple[str, ...]
    model: str
    text: str

    @property
    def pairs(self) -> list[tuple[int, int, list[Mistake]]]:
        """A label, the one it is taken for, and those texts, the worst first; most texts first."""
        counts = Counter((one.label, one.got) for one in self.mistakes)
        return [
            (*pair, [one for one in self.mistakes if (one.label, one.got) == pair])
            for pair, _ in counts.most_common()
        ]


def mislabelled(opened: Opened, text: Text) -> Mislabelled:
    """Label texts whose labels are known. Raises UsageError where they are not."""
    model, network = opened.checkpoint, opened.checkpoint.network()
    texts = texts_in(network, text.ids, text.labels)
    logs = log_probabilities(network, texts)
    got = logs.argmax(axis=1)
    nats = -logs[np.arange(len(logs)), texts.labels]
    found = [
        Mistake(
            number,
            text.characters[
                texts.starts[number] + 1 : texts.starts[number] + texts.lengths[number]
            ],
            int(texts.labels[number]),
            int(got[number]),
            float(np.exp(-nats[number])),
            float(nats[number]),
        )
        for number in np.flatnonzero(got != texts.labels).tolist()
    ]
    counts = texts.target_counts(network.architecture.classes).tolist()
    worst_first = tuple(sorted(found, key=lambda one: -one.nats))
    return Mislabelled(tuple(counts), worst_first, model.labels, opened.name, text.name)
