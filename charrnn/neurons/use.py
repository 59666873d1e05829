"""Whether neurons are used, where their concept matters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from charrnn.cells.cell import DEAD
from charrnn.network import Network
from charrnn.neurons import ablation, bootstrap
from charrnn.neurons.ablation import LIKE, Held
from charrnn.neurons.activations import Activations, Signal
from charrnn.neurons.address import Neuron
from charrnn.neurons.concepts import Concept, named
from charrnn.neurons.evidence import Use
from charrnn.neurons.scores import Labels
from charrnn.notebook import Shown
from charrnn.reading import Opened, Text

Mask = npt.NDArray[np.bool_]
Row = npt.NDArray[np.float64]


class LabelUse(NamedTuple):
    """How the texts of a label fare without a group of units.

    label: its place among the model's. texts: that have it. nats: what their loss rises by, per
    text. before, without: the mean probability that they have this label.
    """

    label: int
    texts: int
    nats: float
    before: float
    without: float


class Compared(NamedTuple):
    """The loss that ablating a group adds, and that its matched control groups add.

    costs: differences in nats per character, overall, on, off and resolving. like: the number of
    controls, groups of as many units; means, deviations: of theirs, by the same names. Where a
    model labels texts they are in nats per text; by_label: that by which the loss rises most first.
    accuracy: before and without, of labels, or the share of exact answers. Else they are empty.
    """

    costs: dict[str, float]
    like: int
    means: dict[str, float]
    deviations: dict[str, float]
    accuracy: tuple[float, ...] = ()
    by_label: tuple[LabelUse, ...] = ()


@dataclass(frozen=True)
class Ablations(Shown):
    """The loss that a text has more without some neurons.

    groups: those that were held together; costs: of each group. counted: how many characters, or
    texts. concept: where it was looked, "" for everywhere. model, text: their names. labels: of a
    model that labels texts. per: what the losses are counted by, of: what they are means of, see
    `ablation.per`. where: these stand.
    """

    groups: tuple[tuple[Neuron, ...], ...]
    costs: tuple[Compared, ...]
    counted: int
    concept: str
    model: str
    text: str
    labels: tuple[str, ...] = ()
    where: str = "eight parts of the text"
    per: str = "character"
    of: str = "character"


class Tried(NamedTuple):
    """Groups of units that were held, and for each the control groups that were held beside it."""

    done: ablation.Ablation
    rows: list[Row]
    beside: list[list[Row]]


def used(
    states: Activations,
    signals: Sequence[Signal],
    concept: Concept,
    labels: Labels,
    text: str,
    random: np.random.Generator,
) -> dict[Signal, Use]:
    """Hold the unit of each signal at its mean, and for each LIKE others, and read the text.

    states: all states of the network on it.
    """
    network = states.network
    groups = [[(one.neuron, ablation.state_of(network, one.name))] for one in signals]
    tried = _tried(states, groups)
    masks = _masks(tried.done, concept, labels, text)
    block = 1 if tried.done.texts else bootstrap.BLOCK
    deciding = masks["resolving"] if masks["resolving"].any() else masks["on"]
    drawn = bootstrap.weights(len(tried.done.places), random, block)
    uses = {}
    for signal, row, beside in zip(signals, tried.rows, tried.beside, strict=True):
        low, _ = bootstrap.interval(bootstrap.means(row, deciding, drawn, block))
        others = [_mean(other, deciding) for other in beside]
        uses[signal] = Use(
            overall=float(row.mean()),
            on=_mean(row, masks["on"]),
            off=_mean(row, masks["off"]),
            resolving=_mean(row, masks["resolving"]),
            like=len(others),
            like_mean=float(np.mean(others)) if others else float("nan"),
            like_deviation=float(np.std(others)) if others else float("nan"),
            shown=bool(others) and low > 0 and _mean(row, deciding) > max(others),
        )
    return uses


def ablations(
    opened: Opened, text: Text, neurons: Sequence[Neuron], concept: str = ""
) -> Ablations:
    """Hold neurons at their means one by one, and several then together.

    concept: its name, to tell the loss where it is present, where not, and where it is resolved.
    Raises UsageError for a concept that is not there or a text that is too short.
    """
    wanted = named(concept, text.characters) if concept else None
    groups = [(one,) for one in neurons] + [tuple(neurons)] * (len(neurons) > 1)
    network = opened.checkpoint.network()
    costs, counted = compared(network, text, groups, wanted)
    names = opened.name, text.name
    labels = opened.checkpoint.labels if network.architecture.scored == "text" else ()
    per, of = ablation.per(network.architecture)
    spread = network.architecture.aligned or of == "text"
    where = "whole texts, evenly spread" if spread else Ablations.where
    return Ablations(tuple(groups), tuple(costs), counted, concept, *names, labels, where, per, of)


def compared(
    network: Network,
    text: Text,
    groups: Sequence[Sequence[Neuron]],
    concept: Concept | None,
) -> tuple[list[Compared], int]:
    """Hold groups of units at their means, and for each LIKE groups of matched control units.

    Returns what each costs, and how many characters, or texts, were counted. The state that is held
    is the cell state of an LSTM, else h.
    """
    state = network.architecture.cell.STATES[-1]
    names = network.architecture.cell.STATES
    states = Activations(network, text.ids, names, targets=text.labels)
    held = [[(neuron, state) for neuron in group] for group in groups]
    tried = _tried(states, held)
    places = tried.done.places
    masks = {name: np.zeros(len(places), bool) for name in ("on", "off", "resolving")}
    if concept:
        labels = concept.labels(text.characters, network.record_end)
        masks = _masks(tried.done, concept, labels, text.characters)
    masks = {"overall": np.ones(len(places), bool)} | masks
    right = ablation.exact(states, held).mean(axis=1) if network.architecture.stack else None
    found = []
    for number, (row, beside) in enumerate(zip(tried.rows, tried.beside, strict=True)):
        costs = {name: _mean(row, mask) for name, mask in masks.items()}
        others = {name: [_mean(one, mask) for one in beside] for name, mask in masks.items()}
        means = {name: float(np.mean(ones or [np.nan])) for name, ones in others.items()}
        spread = {name: float(np.std(ones or [np.nan])) for name, ones in others.items()}
        accuracy, by_label = _by_label(tried.done, number)
        if right is not None:
            accuracy = float(right[0]), float(right[1 + number])
        found.append(Compared(costs, len(beside), means, spread, accuracy, by_label))
    return found, len(places)


def _tried(states: Activations, groups: Sequence[Sequence[Held]]) -> Tried:
    """Hold each group, and living units that vary as its own do, as many; each control once."""
    moments, last = states.moments, states.network.architecture.cell.STATES[-1]
    living = moments[last].shown >= DEAD
    taken = {neuron.number for group in groups for neuron, _ in group}
    architecture = states.network.architecture

    def alike(held: Held, most: int) -> list[Held]:
        neuron, state = held
        deviations = moments[state].deviation
        units = ablation.alike(deviations, living, neuron, architecture, taken, most)
        return [(unit, state) for unit in units]

    beside = [_controls([alike(one, LIKE * len(group)) for one in group]) for group in groups]
    controls = list(dict.fromkeys(one for some in beside for one in some))
    done = ablation.ablate(states, [*groups, *controls])
    rows = list(done.differences)
    by_control = dict(zip(controls, rows[len(groups) :], strict=True))
    return Tried(done, rows[: len(groups)], [[by_control[one] for one in some] for some in beside])


def _controls(alike: Sequence[Sequence[Held]]) -> list[tuple[Held, ...]]:
    """Return LIKE groups at most, each of different units: one of those like each unit."""
    groups: list[tuple[Held, ...]] = []
    for first in range(min(LIKE, *map(len, alike))):
        group: list[Held] = []
        for units in alike:
            group += [one for one in units[first:] if one not in group][:1]
        if len(group) == len(alike):
            groups.append(tuple(group))
    return groups


def _by_label(
    done: ablation.Ablation, group: int
) -> tuple[tuple[float, ...], tuple[LabelUse, ...]]:
    """Return the accuracy before and without a group, and how the texts of each label fare."""
    if done.texts is None or done.right is None:
        return (), ()
    before, difference = done.costs, done.differences[group]
    chosen = [(int(one), done.texts.labels == one) for one in np.unique(done.texts.labels)]
    found = [
        LabelUse(
            label,
            int(have.sum()),
            _mean(difference, have),
            _mean(np.exp(-before), have),
            _mean(np.exp(-before - difference), have),
        )
        for label, have in chosen
    ]
    accuracy = float(done.right[0].mean()), float(done.right[1 + group].mean())
    return accuracy, tuple(sorted(found, key=lambda one: -one.nats))


def _masks(done: ablation.Ablation, concept: Concept, labels: Labels, text: str) -> dict[str, Mask]:
    """Return where a concept is on among what was counted: at characters, or in texts."""
    if done.texts is None:
        return where(concept, labels, text, done.places)
    begins = done.places - done.texts.lengths + 1
    spans = zip(begins.tolist(), (done.places + 1).tolist(), strict=True)
    on = np.array([not concept.graded and bool((labels[a:b] > 0).any()) for a, b in spans])
    off = ~on & (not concept.graded)
    return {"on": on, "off": off, "resolving": np.zeros_like(on)}


def where(
    concept: Concept, labels: Labels, text: str, places: npt.NDArray[np.intp]
) -> dict[str, Mask]:
    """Return which characters, at some places of a text, are predicted while the concept is on.

    on, off: by the label of the character before. resolving: the characters that end it.
    """
    before, here = labels[places - 1], labels[places]
    ends = np.zeros(len(places), bool)
    if concept.resolved_by == "closing":
        ends = (before > 0) & (here <= 0)
    elif concept.resolved_by == "newline":
        ends = np.array([text[place] == "\n" for place in places.tolist()], bool)
    if concept.graded:
        return {"on": np.zeros_like(ends), "off": np.zeros_like(ends), "resolving": ends}
    return {"on": before > 0, "off": before <= 0, "resolving": ends}


def _mean(values: Row, chosen: Mask) -> float:
    return float(values[chosen].mean()) if chosen.any() else float("nan")
