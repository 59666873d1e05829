"""What one neuron does while the network reads a text."""

from dataclasses import dataclass

import numpy as np

from charrnn import predictions
from charrnn.arrays import Array, drawn
from charrnn.cells.cell import DEAD
from charrnn.errors import UsageError
from charrnn.losses import surprise
from charrnn.network import Network
from charrnn.neurons.address import Neuron
from charrnn.notebook import Shown
from charrnn.predictions import Predictions, unknown
from charrnn.text.vocabulary import Ids

WARMUP = 10_000  # characters read before the first one shown, at most


@dataclass(frozen=True)
class Recording(Shown):
    """A neuron's signal over a stretch of text.

    ids, values (T,): a character, and the signal once it has been read. low, high: the domain
    that drawings use. label: the signal in words. loss_nats: on the stretch, a character; NaN
    when it has none to predict. time_constant: in characters, LSTM only; infinite for a unit
    that never forgets. deviation: the standard deviation of the signal before any squashing.
    characters: those of the ids. model, text: their names.
    """

    neuron: Neuron
    label: str
    offset: int
    ids: Ids
    values: Array
    low: float
    high: float
    loss_nats: float
    time_constant: float | None
    deviation: float
    characters: str = ""
    model: str = ""
    text: str = ""

    @property
    def flat(self) -> bool:
        """Whether what is drawn hardly varies, as a dead or a saturated unit's signal."""
        return len(self.values) > 1 and float(self.values.std()) < DEAD

    @property
    def hidden_by_tanh(self) -> bool:
        """Whether it is flat only because it is squashed."""
        return self.flat and self.deviation >= DEAD


def record(
    network: Network,
    ids: Ids,
    neuron: Neuron,
    *,
    signal: str | None = None,
    offset: int = 0,
    length: int | None = None,
    raw: bool = False,
    model: str = "",
    text: str = "",
) -> Recording:
    """Read ids (C,) and record a neuron from `offset` on.

    The state is carried from up to 10,000 characters before the offset. signal: h, c or a gate;
    by default c for an LSTM, h for the others. A cell state is squashed by tanh; `raw` leaves it
    as it is, with a domain of ± the 99th percentile of its size. model, text: their names.
    Raises UsageError for a signal that the cell lacks or an offset past the end.
    """
    if offset >= len(ids):
        raise UsageError(f"the text has {len(ids):,} characters, so none at offset {offset:,}")
    cell = network.architecture.cell
    signal = signal or cell.DEFAULT_SIGNAL
    shape = cell.SIGNALS.get(signal)
    if raw and not (shape and shape.squashed):
        raise UsageError(f"the signal is {signal}; only the cell state c can be raw")
    keeper = [cell.KEEPER] if len(cell.STATES) > 1 else []
    first = max(0, offset - WARMUP)
    shown = ids[offset : None if length is None else offset + length]
    (stop,) = network.text_ends(ids, np.array([offset + len(shown)]))
    signals, costs = _read(network, ids[first:stop], neuron, {signal, *keeper})
    signals = {name: one[offset - first :][: len(shown)] for name, one in signals.items()}
    values = signals[signal]
    costs = costs[max(0, offset - first - 1) :]  # the cost at i is that of character i + 1
    deviation = float(values.std())
    low, high, label = cell.SIGNALS[signal].low, cell.SIGNALS[signal].high, signal
    if raw:
        high = max(float(np.quantile(np.abs(values), 0.99)), 1e-6)
        low = -high
    elif cell.SIGNALS[signal].squashed:
        values, label = drawn(cell.SIGNALS[signal], values), f"tanh({signal})"
    return Recording(
        neuron=neuron,
        label=f"{label}, {cell.SIGNALS[signal].meaning}",
        offset=offset,
        ids=network.predicted_ids(shown),
        values=values,
        low=low,
        high=high,
        loss_nats=float(costs.mean()) if len(costs) else float("nan"),
        time_constant=_time_constant(signals[keeper[0]]) if keeper else None,
        deviation=deviation,
        characters=network.vocabulary.characters_of(shown),
        model=model,
        text=text,
    )


def _read(
    network: Network, ids: Ids, neuron: Neuron, names: set[str]
) -> tuple[dict[str, Array], Array]:
    """Return the neuron's signals (T,) and the costs (T - 1,) of all characters but the first."""
    parts: dict[str, list[Array]] = {name: [] for name in names}
    costs = []
    for places, result in network.read(ids, sorted(names)):
        if network.architecture.causal:
            costs.append(surprise(result.logits[:, 0], network.predicted_ids(ids[1:][places])))
        for name in names:
            parts[name].append(result.signals[name][:, 0, neuron.number])
    signals: dict[str, Array] = {
        name: np.concatenate(part).astype(np.float64) for name, part in parts.items()
    }
    return signals, np.concatenate(costs) if costs else np.zeros(0)


def _time_constant(forget: Array) -> float:
    """Return τ = -1 / mean(ln f) in characters: after τ steps 1/e of a cell state is left."""
    mean = float(np.log(np.maximum(forget, 1e-12)).mean())
    return -1 / mean if mean else float("inf")


def predicted(network: Network, ids: Ids, offset: int, length: int, k: int) -> Predictions:
    """Return what was expected at the characters from `offset` on, with the k likeliest.

    The state is carried from up to WARMUP characters before. The very first character of the text,
    which nothing comes before, is unknown; so are all where a model predicts no character.
    """
    first = max(0, offset - WARMUP)
    found = unknown(length, min(k, network.architecture.vocabulary))
    if not network.architecture.causal:
        return found
    told = network.predicted_ids(ids[first + 1 : offset + length])
    for at, result in network.read(ids[first : offset + length - 1]):
        places = np.arange(at.start, at.stop) + first + 1 - offset  # of the characters told
        shown = places >= 0
        part = predictions.of(result.logits[shown, 0], told[at][shown], k)
        for whole, values in zip(found, part, strict=True):
            whole[places[shown]] = values
    return found
