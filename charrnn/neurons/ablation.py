"""Whether a unit is used: what the text costs when it stands still at its mean.

The unit's state is put at its mean inside the recurrence, at every character, and the text is read
again. A difference is what a character costs with the unit so held, less what it costs without, in
nats, for the same characters.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from charrnn.errors import UsageError
from charrnn.intervention import Intervention
from charrnn.network import Network, surprise
from charrnn.neurons.activations import COLD
from charrnn.neurons.address import Neuron
from charrnn.text.vocabulary import Ids

PARTS = 8  # of the text, read at once
PIECE = 32  # characters of each stream that are read at once
LIKE = 20  # units of like variance that are held for comparison
LONGEST = 32_768  # characters that are read

Matrix = npt.NDArray[np.float64]


Held = tuple[Neuron, str]
"""A unit and which of its states, h or c, is held."""


@dataclass(frozen=True)
class Ablation:
    """What holding units at their means costs.

    start: the first place of the text whose cost is counted. costs (C,): of each character from
    there on, in nats, with nothing held. differences (U, C): by how much each held group of units
    makes it dearer.
    """

    start: int
    costs: Matrix
    differences: Matrix


def state_of(network: Network, signal: str) -> str:
    """Return the state that is held to ablate a signal: itself, or for a gate the last state."""
    states = network.architecture.cell.STATES
    return signal if signal in states else states[-1]


def ablate(
    network: Network, ids: Ids, groups: Sequence[Sequence[Held]], start: int = COLD
) -> Ablation:
    """Read ids (T,) with each group of units held at their means, and once with none.

    At most LONGEST characters from `start` on are counted, in PARTS, each read after COLD others.
    """
    ids = ids[start - COLD : start + LONGEST]
    length = (len(ids) - COLD) // PARTS
    if length < 1:
        raise UsageError(f"the text is too short: the first {COLD} characters are not counted")
    states = {state for group in groups for _, state in group}
    means = {state: mean for state, (mean, _) in moments(network, ids, states).items()}
    # One stream for each part and each group, the parts of a group side by side; group 0: none.
    starts = COLD + length * np.tile(np.arange(PARTS), len(groups) + 1)
    held = [
        Intervention(
            neuron.layer - 1,
            neuron.unit,
            float(means[state][neuron.number]),
            state,
            streams=np.arange((group + 1) * PARTS, (group + 2) * PARTS),
        )
        for group, units in enumerate(groups)
        for neuron, state in units
    ]
    costs = _costs(network, ids, starts, length, held)
    by_group = costs.reshape(length, len(groups) + 1, PARTS).transpose(1, 2, 0)
    flat = by_group.reshape(len(groups) + 1, -1)
    return Ablation(start, flat[0], flat[1:] - flat[0])


def _costs(
    network: Network,
    ids: Ids,
    starts: npt.NDArray[np.intp],
    length: int,
    held: Sequence[Intervention],
) -> Matrix:
    """Return what the characters from each start on cost (length, N)."""
    state = network.start(len(starts))
    costs = np.zeros((length, len(starts)))
    for time in range(-COLD, length, PIECE):
        times = np.arange(time, min(time + PIECE, length))
        places = starts + times[:, None]
        result = network.run(ids[np.maximum(places - 1, 0)], state, held=held)
        state = result.state
        flat = result.logits.reshape(-1, result.logits.shape[-1])
        found = surprise(flat, ids[places].reshape(-1)).reshape(len(times), -1)
        costs[times[times >= 0]] = found[times >= 0]
    return costs


def moments(
    network: Network, ids: Ids, signals: Collection[str]
) -> dict[str, tuple[Matrix, Matrix]]:
    """Return the mean and the standard deviation (units,) of states; c as it is, not squashed."""
    names = sorted(signals)
    total, squares = (np.zeros((len(names), network.architecture.neurons)) for _ in range(2))
    for _, result in network.read(ids, names):
        for row, name in enumerate(names):
            values = result.signals[name][:, 0].astype(np.float64)
            total[row] += values.sum(axis=0)
            squares[row] += (values**2).sum(axis=0)
    means = total / len(ids)
    deviations = np.sqrt(np.maximum(squares / len(ids) - means**2, 0))
    return dict(zip(names, zip(means, deviations, strict=True), strict=True))


def alike(deviations: Matrix, neuron: Neuron, hidden: int, apart_from: set[int]) -> list[Neuron]:
    """Return LIKE units whose standard deviation (units,) is nearest that of a neuron."""
    order = np.argsort(np.abs(deviations - deviations[neuron.number]), kind="stable")
    others = [int(one) for one in order if int(one) not in apart_from | {neuron.number}]
    return [Neuron(one, one // hidden + 1, one % hidden) for one in others[:LIKE]]
