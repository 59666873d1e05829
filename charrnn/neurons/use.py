"""Whether the neurons that were found are used, where their concept matters."""

import numpy as np
import numpy.typing as npt

from charrnn.neurons import ablation, bootstrap
from charrnn.neurons.activations import Activations
from charrnn.neurons.concepts import Concept
from charrnn.neurons.evidence import Finding, Use
from charrnn.neurons.scores import Labels
from charrnn.neurons.search import halves

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
    _, deviations = ablation.moments(network, ids[b.start :], held[0][1])
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
