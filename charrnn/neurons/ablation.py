"""Whether a unit is used: what the text costs when it stands still at its mean.

A model that labels texts is measured by the text: what its label costs. So is an encoder: what a
symbol of the text's target costs the decoder, each given those before it.

The unit's state is put at its mean inside the recurrence, at every character, and the text is read
again. A difference is what a character costs with the unit so held, less what it costs without, in
nats, for the same characters.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from charrnn import between, labelling, tagging
from charrnn.architecture import Architecture
from charrnn.errors import UsageError
from charrnn.intervention import Intervention
from charrnn.losses import surprise
from charrnn.network import Network
from charrnn.neurons.activations import COLD, Activations, cold
from charrnn.neurons.address import Neuron, numbered
from charrnn.sampling.answering import Answering
from charrnn.sampling.beam import answers
from charrnn.stacks import Part, losses
from charrnn.text import tagged
from charrnn.text.texts import Texts
from charrnn.text.vocabulary import Ids

PARTS = 8  # of the text, read at once
PIECE = 32  # characters of each stream that are read at once
LIKE = 20  # units of like variance that are held for comparison
LONGEST = 16_384  # characters that are read
SOURCES = 500  # whose answers are compared with the right ones

Matrix = npt.NDArray[np.float64]


Held = tuple[Neuron, str]
"""A unit and which of its states, h or c, is held."""


@dataclass(frozen=True)
class Ablation:
    """What holding units at their means costs.

    places (C,): of the text, whose costs are counted. costs (C,): of each of these characters, in
    nats, with nothing held. differences (U, C): by how much each held group of units makes it
    dearer. Where a model labels texts C counts texts, and a place is that of a text's last
    character; texts: they, with their labels,
    and of an encoder with their numbers; right (1 + U, C): which are labelled right, first
    with nothing held.
    """

    places: npt.NDArray[np.intp]
    costs: Matrix
    differences: Matrix
    texts: Texts | None = None
    right: npt.NDArray[np.bool_] | None = None


def state_of(network: Network, signal: str) -> str:
    """Return the state that is held to ablate a signal: itself, or for a gate the last state."""
    states = network.architecture.cell.STATES
    return signal if signal in states else states[-1]


def ablate(states: Activations, groups: Sequence[Sequence[Held]]) -> Ablation:
    """Read a text with each group of units held at their means, and once with none.

    states: of the network on the text, all of them. At most LONGEST characters are counted, in
    PARTS that are spread evenly over the text, each read after COLD others; of a model that labels
    texts or characters, about as many in whole texts that are spread evenly.
    """
    network, ids = states.network, states.ids
    if isinstance(network, Part):
        _expect_known(network)
        if network.architecture.stack == "encoder":
            return _ablate_sources(network, states, groups)
    if network.architecture.apart:
        return _ablate_between(states, groups)
    if network.architecture.aligned:
        return _ablate_tags(states, groups)
    if network.architecture.classes:
        return _ablate_texts(states, groups)
    first = cold(network)
    span = (len(ids) - first) // PARTS
    length = min(span, LONGEST // PARTS)
    if length < 1:
        raise UsageError(f"the text is too short: the first {first} characters are not counted")
    # One stream for each part and each group, the parts of a group side by side; group 0: none.
    parts = first + span * np.arange(PARTS)
    starts = np.tile(parts, len(groups) + 1)
    held = [
        replace(one, streams=np.arange((group + 1) * PARTS, (group + 2) * PARTS))
        for group, units in enumerate(groups)
        for one in _at_means(states, units)
    ]
    costs = _costs(network, ids, starts, length, held)
    by_group = costs.reshape(length, len(groups) + 1, PARTS).transpose(1, 2, 0)
    flat = by_group.reshape(len(groups) + 1, -1)
    places = (parts[:, None] + np.arange(length)).reshape(-1)
    return Ablation(places, flat[0], flat[1:] - flat[0])


def _ablate_texts(states: Activations, groups: Sequence[Sequence[Held]]) -> Ablation:
    """Label whole texts with each group of units held at their means, and once with none."""
    network = states.network
    there = labelling.texts_in(network, states.ids, states.targets)
    numbers = labelling.spread(there, LONGEST)
    texts = labelling.some(there, numbers)
    costs, right = [], []
    for units in ([], *groups):
        logs = labelling.log_probabilities(network, texts, _at_means(states, units))
        costs.append(-logs[np.arange(len(logs)), texts.labels])
        right.append(logs.argmax(axis=1) == texts.labels)
    places = (there.starts + there.lengths - 1)[numbers]
    return Ablation(places, costs[0], np.array(costs[1:]) - costs[0], texts, np.array(right))


def _expect_known(network: Part) -> None:
    """Raise UsageError where a model wrote the targets itself."""
    if network.stack.written:
        raise UsageError(
            "a loss is that of known targets, and these texts have none",
            "a table of pairs (.tsv) has them, and so has the held-out text",
        )


def _ablate_sources(
    network: Part, states: Activations, groups: Sequence[Sequence[Held]]
) -> Ablation:
    """Read whole sources with each group of units of an encoder held, and once with none.

    What counts is the mean cost of the symbols of each text's target.
    """
    there = labelling.texts_in(network, states.ids, states.targets)
    numbers = labelling.spread(there, LONGEST)
    texts = labelling.some(there, numbers)
    pairs = [network.stack.pairs[one] for one in texts.labels.tolist()]
    lengths = np.array([len(one.target) - 1 for one in pairs])
    costs = np.array(
        [
            losses(network.model.holding("encoder", _at_means(states, units)), pairs) / lengths
            for units in ([], *groups)
        ]
    )
    places = (there.starts + there.lengths - 1)[numbers]
    return Ablation(places, costs[0], costs[1:] - costs[0], texts)


def exact(states: Activations, groups: Sequence[Sequence[Held]]) -> npt.NDArray[np.bool_]:
    """Return which greedy answers are right (1 + U, N), with no unit held, then with each group.

    Those to SOURCES of a text's sources at most, evenly spread. An answer is right that is one of
    the targets of its source.
    """
    network = states.network
    assert isinstance(network, Part)
    pairs = network.stack.pairs
    right = {(one.source.tobytes(), tuple(one.target.tolist())) for one in pairs}
    found = {pairs[one].source.tobytes(): pairs[one].source for one in states.targets.tolist()}
    sources = list(found.values())[:: max(1, -(-len(found) // SOURCES))]
    answering, end = Answering(network.stack), network.model.end
    lengths = [answering.longest(source) for source in sources]
    rows = []
    for units in ([], *groups):
        model = network.model.holding(network.architecture.stack, _at_means(states, units))
        best = answers(model, sources, 1, lengths, answering.never)
        rows.append(
            [
                one.ended and (source.tobytes(), (end, *one.ids, end)) in right
                for source, (one,) in zip(sources, best, strict=True)
            ]
        )
    return np.array(rows)


def per(architecture: Architecture) -> tuple[str, str]:
    """Return what a difference is counted by, as in nats per character, and what it is a mean of.

    That is the same but for an encoder: the mean cost of a symbol is counted by the text.
    """
    scored = architecture.scored
    return scored, "text" if architecture.stack == "encoder" else scored


def _ablate_between(states: Activations, groups: Sequence[Sequence[Held]]) -> Ablation:
    """Judge characters by both sides with each group of units held, and once with none."""
    every = max(1, -(-len(states.ids) // LONGEST))  # of the windows, evenly spread
    costs = np.array(
        [
            between.judged(states.network, states.ids, _at_means(states, units), every).nats
            for units in ([], *groups)
        ]
    )
    places = np.flatnonzero(~np.isnan(costs[0]))
    places = places[places >= cold(states.network)]
    found = costs[:, places]
    return Ablation(places, found[0], found[1:] - found[0])


def _ablate_tags(states: Activations, groups: Sequence[Sequence[Held]]) -> Ablation:
    """Tag the characters of whole texts with each group of units held, and once with none."""
    network, ids = states.network, states.ids
    begins = tagging.tagged_texts(network, ids, states.targets).starts
    every = max(1, -(-len(ids) // LONGEST))  # of the texts, evenly spread
    chosen = np.arange(len(begins)) % every == 0
    lengths = np.diff(np.append(begins, len(ids)))
    kept = np.flatnonzero(np.repeat(chosen, lengths))
    starts = np.cumsum(lengths[chosen]) - lengths[chosen]
    texts = tagged.from_stored(ids[kept], starts, states.targets[kept])
    costs = [
        tagging.judged(network, texts, _at_means(states, units)).nats for units in ([], *groups)
    ]
    learned = ~np.isnan(costs[0])
    found = np.array(costs)[:, learned]
    return Ablation(kept[learned], found[0], found[1:] - found[0])


def _at_means(states: Activations, units: Sequence[Held]) -> list[Intervention]:
    """Return what holds units at their means."""
    return [
        Intervention(
            neuron.number // states.network.architecture.hidden,
            neuron.unit,
            float(states.moments[state].mean[neuron.number]),
            state,
        )
        for neuron, state in units
    ]


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
        found = surprise(flat, network.predicted_ids(ids[places]).reshape(-1)).reshape(
            len(times), -1
        )
        costs[times[times >= 0]] = found[times >= 0]
    return costs


def alike(
    deviations: Matrix,
    living: npt.NDArray[np.bool_],
    neuron: Neuron,
    architecture: Architecture,
    apart_from: set[int],
    most: int = LIKE,
) -> list[Neuron]:
    """Return living units whose standard deviation (units,) is nearest that of a neuron."""
    order = np.argsort(np.abs(deviations - deviations[neuron.number]), kind="stable")
    skipped = apart_from | {neuron.number}
    others = [int(one) for one in order if living[one] and int(one) not in skipped]
    return [numbered(one, architecture) for one in others[:most]]
