"""Whether the neurons that were found are used, where their concept matters."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from charrnn.network import Network
from charrnn.neurons import ablation, bootstrap
from charrnn.neurons.activations import Activations
from charrnn.neurons.address import Neuron
from charrnn.neurons.concepts import Concept
from charrnn.neurons.evidence import Finding, Use
from charrnn.neurons.scores import Labels
from charrnn.neurons.search import halves
from charrnn.text.vocabulary import Ids

Mask = npt.NDArray[np.bool_]


def used(
    activations: Activations,
    found: Finding,
    labels: Labels,
    text: str,
    random: np.random.Generator,
) -> list[Use]:
    """Hold each found unit at its mean, and LIKE others, and read B again."""
    network, (_, b) = activations.network, halves(activations)
    units = [(one.signal.neuron, one.signal.name) for one in found.evidence]
    held = [(neuron, ablation.state_of(network, name)) for neuron, name in units]
    numbers = {neuron.number for neuron, _ in held}
    ids = activations.ids[: b.start + b.length]
    _, deviations = ablation.moments(network, ids[b.start :], [held[0][1]])[held[0][1]]
    hidden = network.architecture.hidden
    like = ablation.alike(deviations, held[0][0], hidden, numbers)
    groups = [[one] for one in held] + [[(neuron, held[0][1])] for neuron in like]
    done = ablation.ablate(network, ids, groups, b.start)
    masks = where(found.concept, labels, text, done.start, len(done.costs))
    deciding = masks["resolving"] if masks["resolving"].any() else masks["on"]
    drawn = bootstrap.weights(len(done.costs), random)
    others = [_mean(row, deciding) for row in done.differences[len(held) :]]
    uses = []
    for row in done.differences[: len(held)]:
        low, _ = bootstrap.interval(bootstrap.means(row, deciding, drawn))
        uses.append(
            Use(
                overall=float(row.mean()),
                on=_mean(row, masks["on"]),
                off=_mean(row, masks["off"]),
                resolving=_mean(row, masks["resolving"]),
                like_mean=float(np.mean(others)),
                like_deviation=float(np.std(others)),
                shown=low > 0 and _mean(row, deciding) > max(others),
            )
        )
    return uses


def compared(
    network: Network,
    ids: Ids,
    groups: Sequence[Sequence[Neuron]],
    concept: Concept | None,
    text: str,
) -> tuple[list[dict[str, float]], dict[str, tuple[float, float]], int]:
    """Hold groups of units at their means, and LIKE single ones of like variance to the first.

    Returns the differences of each group overall, on, off and resolving, the mean and standard
    deviation of the like units', and how many characters were counted. The state that is held is
    the cell state of an LSTM, else h.
    """
    state = network.architecture.cell.STATES[-1]
    _, deviations = ablation.moments(network, ids, [state])[state]
    first = groups[0][0]
    numbers = {neuron.number for group in groups for neuron in group}
    like = ablation.alike(deviations, first, network.architecture.hidden, numbers)
    held = [[(neuron, state) for neuron in group] for group in [*groups, *([one] for one in like)]]
    done = ablation.ablate(network, ids, held)
    length = len(done.costs)
    masks = {name: np.zeros(length, bool) for name in ("on", "off", "resolving")}
    if concept:
        masks = where(concept, concept.labels(text), text, done.start, length)
    masks = {"overall": np.ones(length, bool)} | masks
    found = [{name: _mean(row, mask) for name, mask in masks.items()} for row in done.differences]
    others = found[len(groups) :]
    spread = {
        name: (
            float(np.mean([one[name] for one in others])),
            float(np.std([one[name] for one in others])),
        )
        for name in masks
    }
    return found[: len(groups)], spread, length


def where(concept: Concept, labels: Labels, text: str, start: int, length: int) -> dict[str, Mask]:
    """Return, for the characters from `start` on, which are predicted while the concept is on.

    on, off: by the label of the character before. resolving: the characters that end it.
    """
    before, here = labels[start - 1 : start - 1 + length], labels[start : start + length]
    ends = np.zeros(length, bool)
    if concept.resolved_by == "closing":
        ends = (before > 0) & (here <= 0)
    elif concept.resolved_by == "newline":
        ends = np.array([one == "\n" for one in text[start : start + length]])
    if concept.graded:
        return {"on": np.zeros(length, bool), "off": np.zeros(length, bool), "resolving": ends}
    return {"on": before > 0, "off": before <= 0, "resolving": ends}


def _mean(values: npt.NDArray[np.float64], chosen: Mask) -> float:
    return float(values[chosen].mean()) if chosen.any() else float("nan")
