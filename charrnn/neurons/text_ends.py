"""What there is at the ends of texts: the states of all units, and the last characters."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from charrnn.errors import UsageError
from charrnn.network import Network
from charrnn.neurons import baselines
from charrnn.neurons.scores import auroc
from charrnn.text.labelled import Labelled
from charrnn.text.texts import encoded
from charrnn.text.vocabulary import Unknown

PIECE = 1 << 15  # characters of all texts together that are read at once

Matrix = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]


def end_states(network: Network, texts: Sequence[str], unknown: Unknown = "error") -> Matrix:
    """Return the states of all units (R, S) after the last character of each text.

    Each is read from the first state: as a record after its mark, or as a line after a line end.
    """
    characters = network.vocabulary.characters
    begin = network.record_end or "\n" * ("\n" in characters)
    ids, starts = encoded(texts, network.vocabulary, begin, unknown)
    lengths = np.diff(np.append(starts, len(ids)))
    if not lengths.all():
        raise UsageError(
            "a text has no character that the model knows", "--unknown nearest reads it"
        )
    names = network.architecture.cell.STATES
    found = np.zeros((len(starts), len(names) * network.architecture.neurons))
    left = np.argsort(lengths, kind="stable")
    while len(left):
        count = max(1, int(np.searchsorted(lengths[left] * np.arange(1, len(left) + 1), PIECE)))
        together, left = left[:count], left[count:]
        times = np.arange(lengths[together[-1]])[:, None]
        places = np.minimum(starts[together] + times, len(ids) - 1)  # (T, N)
        signals = network.run(ids[places], None, names, predicting=False).signals
        last = lengths[together] - 1, np.arange(count)
        found[together] = np.concatenate([signals[name][last] for name in names], axis=1)
    return found


class Simple:
    """What a label is told by without a network: how long a text is, and its last characters."""

    def __init__(self, rows: Labelled) -> None:
        self.lengths = np.array([len(text) for text in rows.texts], float)
        self.ends: list[Integers] = []
        for order in range(1, max(baselines.ORDERS) + 1):
            kinds = dict[str, int]()
            ends = [kinds.setdefault(text[-order:], len(kinds)) for text in rows.texts]
            self.ends.append(np.array(ends))

    def scores(self, wanted: Mask, chooses: Mask, reports: Mask) -> dict[str, Matrix]:
        """Return a number for each text that reports, higher where the label is likelier."""
        known = wanted[chooses].astype(float)
        longer = auroc(self.lengths[chooses], known) >= 0.5
        found = {"length": self.lengths[reports] * (1 if longer else -1)}
        estimate = np.full(int(reports.sum()), known.mean())
        for order, ends in enumerate(self.ends, 1):
            counts, sums = (
                np.bincount(ends[chooses], weights, minlength=ends.max() + 1)[ends[reports]]
                for weights in (None, known)
            )
            estimate = (sums + baselines.PRIOR * estimate) / (counts + baselines.PRIOR)
            if order in baselines.ORDERS:
                found[f"last {order}"] = estimate
        return found
