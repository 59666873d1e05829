"""Whether a unit is used: what the text costs when it stands still at its mean.

The unit's state is put at its mean inside the recurrence, at every character, and the text is read
again. A difference is what a character costs with the unit so held, less what it costs without, in
nats, for the same characters.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from charrnn.cells.cell import Array
from charrnn.errors import UsageError
from charrnn.intervention import Intervention
from charrnn.network import Network, log_softmax
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
    means = {state: moments(network, ids, state)[0] for state in states}
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
        logs = log_softmax(result.logits.astype(np.float64))
        found = -np.take_along_axis(logs, ids[places][..., None].astype(np.intp), axis=-1)[..., 0]
        costs[times[times >= 0]] = found[times >= 0]
    return costs


def moments(network: Network, ids: Ids, signal: str) -> tuple[Array, Array]:
    """Return the mean and the standard deviation (units,) of a state; c as it is, not squashed."""
    count, total, squares = 0, 0.0, 0.0
    state = network.start()
    for start in range(0, len(ids), 4096):
        result = network.run(ids[start : start + 4096, None], state, [signal])
        state = result.state
        values = result.signals[signal][:, 0].astype(np.float64)
        count, total = count + len(values), total + values.sum(axis=0)
        squares = squares + (values**2).sum(axis=0)
    mean = np.asarray(total / count)
    return mean, np.sqrt(np.maximum(squares / count - mean**2, 0))


def alike(deviations: Array, neuron: Neuron, hidden: int, apart_from: set[int]) -> list[Neuron]:
    """Return LIKE units whose standard deviation (units,) is nearest that of a neuron."""
    order = np.argsort(np.abs(deviations - deviations[neuron.number]), kind="stable")
    others = [int(one) for one in order if int(one) not in apart_from | {neuron.number}]
    return [Neuron(one, one // hidden + 1, one % hidden) for one in others[:LIKE]]
