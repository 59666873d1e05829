"""When a text's label was decided: what a model that labels texts expects after each character."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from charrnn.arrays import Array
from charrnn.errors import UsageError
from charrnn.labelling import TOGETHER, as_read, log_probabilities
from charrnn.network import Network
from charrnn.notebook import Shown
from charrnn.reading import Opened, Text
from charrnn.text.texts import Texts


@dataclass(frozen=True)
class Decision:
    """A text as it is read, without the mark of its beginning, and the label that it gets.

    start: the place of its first character among all. characters: the first T of its `length`.
    label: of the whole text, probability: the label's. known: the label that it has, None where
    nobody has said. probabilities (T,): of `label` after each character; likeliest (T,): the
    label there. decided: how many characters had been read when the label became the likeliest for
    good; None where the text is longer than T.
    """

    start: int
    characters: str
    length: int
    label: int
    probability: float
    known: int | None
    probabilities: Array
    likeliest: Array
    decided: int | None


@dataclass(frozen=True)
class Decisions(Shown):
    """Texts one after another. labels: the model's. model, text: names."""

    found: tuple[Decision, ...]
    labels: tuple[str, ...]
    model: str
    text: str


def decisions(opened: Opened, read: Text, *, offset: int = 0, length: int) -> Decisions:
    """Return the texts that begin from `offset` on, until `length` characters have been read.

    The last one may be cut short; its label is still that of all of it. Raises UsageError where no
    text begins there.
    """
    found = tuple(_decisions(opened.checkpoint.network(), read, offset, length))
    if not found:
        raise UsageError(f"no text begins at character {offset:,} or after it")
    return Decisions(found, opened.checkpoint.labels, opened.name, read.name)


def _decisions(network: Network, text: Text, offset: int, length: int) -> Iterator[Decision]:
    edges = [*network.text_begins(text.ids).tolist(), len(text.ids)]
    for number, (begin, end) in enumerate(pairwise(edges)):
        if begin >= offset and length > 0:
            known = int(text.labels[number]) if number < len(text.labels) else None
            yield _decision(network, text, begin + 1, end, min(length, end - begin - 1), known)
            length -= end - begin


def _decision(
    network: Network, text: Text, start: int, end: int, shown: int, known: int | None
) -> Decision:
    """Read the text between two places, and the first `shown` of its characters one by one."""
    ids = text.ids[start - 1 : end]
    whole = log_probabilities(network, Texts(ids, np.array([0]), np.array([0]), TOGETHER))[0]
    label = int(whole.argmax())
    logs = as_read(network, ids[: 1 + shown])[1:]
    likeliest = logs.argmax(axis=1)
    others = np.flatnonzero(likeliest != label)
    decided = int(others[-1]) + 2 if len(others) else 1
    return Decision(
        start=start,
        characters=text.characters[start : start + shown],
        length=end - start,
        label=label,
        probability=float(np.exp(whole[label])),
        known=known,
        probabilities=np.exp(logs[:, label]),
        likeliest=likeliest,
        decided=decided if shown == end - start else None,
    )
