"""How gates are used: how often each stands open or shut, and how long units remember.

A gate is left-saturated below 0.1 and right-saturated above 0.9, as shares of the characters of a
text, a unit and gate. Source: Karpathy, Johnson & Li 2015 (arXiv 1506.02078). A vanilla network has
no gates; its outputs are saturated below -0.9 and above 0.9.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from charrnn.arrays import drawn
from charrnn.cells.cell import DEAD
from charrnn.network import Network
from charrnn.neurons.activations import Activations
from charrnn.neurons.address import Neuron, numbered
from charrnn.notebook import Shown
from charrnn.text.vocabulary import Ids

MARGIN = 0.1  # of the range at either end

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Saturation:
    """One gate over a text. left, right (layers, H): shares of characters; mean (layers, H)."""

    gate: str
    meaning: str
    left: Matrix
    right: Matrix
    mean: Matrix


@dataclass(frozen=True)
class Gates(Shown):
    """All gates, and the time constant of each unit in characters (layers, H), None without one.

    τ = -1 / mean(ln k), k the gate that keeps: after so many characters 1/e of a state is left.
    deviations (layers, H): the standard deviation of tanh(c), of h where there is no c. neurons: in
    that order; where a model reads both ways, H counts the units of both directions.
    """

    saturations: list[Saturation]
    time_constants: Matrix | None
    keeper: str
    deviations: Matrix
    neurons: tuple[Neuron, ...]
    model: str = ""
    text: str = ""

    @property
    def dead(self) -> npt.NDArray[np.bool_]:
        """Which units (layers, H) are as good as constant over the text."""
        return self.deviations < DEAD


def gates(network: Network, ids: Ids, model: str = "", text: str = "") -> Gates:
    """Read a text and see where the gates stand. model, text: their names."""
    architecture, cell = network.architecture, network.architecture.cell
    shape = architecture.layers, architecture.width
    names = [name for name in cell.GATES if cell.SIGNALS[name].low == 0] or ["h"]
    keeper = cell.KEEPER
    count = len(names) * architecture.neurons
    left, right, total, logs = (np.zeros(count) for _ in range(4))
    moments = np.zeros((2, architecture.neurons))
    kept = cell.STATES[-1]
    activations = Activations(network, ids, list(dict.fromkeys([*names, kept])))
    for piece in activations.pieces():
        values = piece.values[:, :count]
        low = -1.0 if names == ["h"] else 0.0
        left += (values < low + MARGIN).sum(axis=0)
        right += (values > 1 - MARGIN).sum(axis=0)
        total += values.sum(axis=0, dtype=np.float64)
        logs += np.log(np.maximum(values, 1e-12)).sum(axis=0, dtype=np.float64)
        state = piece.values[:, -architecture.neurons :].astype(np.float64)
        state = drawn(cell.SIGNALS[kept], state)
        moments += state.sum(axis=0), np.square(state).sum(axis=0)
    length = len(activations.counted)
    mean, square = moments.reshape(2, *shape) / length
    parts = [part.reshape(len(names), *shape) / length for part in (left, right, total, logs)]
    saturations = [
        Saturation(name, cell.SIGNALS[name].meaning, parts[0][n], parts[1][n], parts[2][n])
        for n, name in enumerate(names)
    ]
    constants = None
    if keeper:
        constants = -1 / np.minimum(parts[3][names.index(keeper)], -1e-12)
    deviations = np.sqrt(np.maximum(square - mean**2, 0))
    neurons = tuple(numbered(one, architecture) for one in range(architecture.neurons))
    return Gates(saturations, constants, keeper, deviations, neurons, model, text)


def means_of(network: Network, ids: Ids, neuron: Neuron) -> dict[str, float]:
    """Return the mean of each gate of a neuron over a text, by the gate's name."""
    names, count = network.architecture.cell.GATES, network.architecture.neurons
    read = Activations(network, ids, names)
    columns = read.columns([n * count + neuron.number for n in range(len(names))])
    return dict(zip(names, columns[read.counted].mean(axis=0).tolist(), strict=True))
