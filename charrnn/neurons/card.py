"""Everything that explains one neuron."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from charrnn.arrays import Array
from charrnn.neurons import ablation
from charrnn.neurons.activations import cold
from charrnn.neurons.address import Neuron
from charrnn.neurons.evidence import NOTHING, Finding
from charrnn.neurons.excerpts import excerpts
from charrnn.neurons.gates import means_of
from charrnn.neurons.record import record
from charrnn.neurons.survey import survey, with_uses
from charrnn.neurons.use import Compared, compared
from charrnn.notebook import Shown
from charrnn.reading import Opened, Text

EXCERPTS = 4  # of each kind


@dataclass(frozen=True)
class Card(Shown):
    """What is known of one neuron. values (C,): its signal over the text, as it is drawn.

    label: the signal in words; low, high: its domain. first: the first character that counts.
    places: of excerpts, by kind. findings: its best concepts, best first. gates: the mean of each.
    time_constant: in characters, None without one. pushes (V,): by how much its output moves each
    logit, None if the head does not read it; targets: of what, characters or labels. use: what
    holding it costs, for the best concept, on so many characters that are counted, or texts where
    they are labelled. full: whether all places are shown.
    labels: whether a model labels texts. per, of: see `charrnn.neurons.ablation.per`.
    """

    neuron: Neuron
    label: str
    low: float
    high: float
    characters: str
    values: Array
    first: int
    places: dict[str, list[int]]
    findings: list[Finding]
    gates: dict[str, float]
    time_constant: float | None
    pushes: Array | None
    targets: Sequence[str]
    use: Compared
    counted: int
    full: bool = False
    labels: bool = False
    per: str = "character"
    of: str = "character"
    model: str = ""
    text: str = ""


def card(
    opened: Opened, text: Text, neuron: Neuron, *, top: int = 3, full: bool = False, seed: int = 0
) -> Card:
    """Explain a neuron by what it does on a text: all concepts are searched for, `top` kept.

    seed: of random excerpts, shifts and draws. Raises UsageError for a text that is too short.
    """
    model = opened.checkpoint
    network, vocabulary = model.network(), model.vocabulary
    findings = _findings(opened, text, neuron, top, seed)
    concept = findings[0].concept if findings else None
    (use,), counted = compared(network, text, [[neuron]], concept)
    recording = record(network, text.ids, neuron)
    first = cold(network)
    per, of = ablation.per(network.architecture)
    return Card(
        neuron=neuron,
        label=recording.label,
        low=recording.low,
        high=recording.high,
        characters=text.characters,
        values=recording.values,
        first=first,
        places=excerpts(recording.values, first, EXCERPTS, np.random.default_rng(seed)),
        findings=findings,
        gates=means_of(network, text.ids, neuron),
        time_constant=recording.time_constant,
        pushes=network.pushes(neuron.number),
        targets=model.labels
        if model.architecture.classes
        else vocabulary.characters_of(range(len(vocabulary))),
        use=use,
        counted=counted,
        full=full,
        labels=model.architecture.scored == "text",
        per=per,
        of=of,
        model=opened.name,
        text=text.described,
    )


def _findings(opened: Opened, text: Text, neuron: Neuron, top: int, seed: int) -> list[Finding]:
    """Return what the neuron stands for, best first, and whether it is used; chance last."""
    model = opened.checkpoint
    found = [
        one
        for one in survey(opened.path, model, text.ids, seed=seed, only=neuron.number)
        if one.evidence and not one.refused
    ]
    found.sort(key=lambda one: -one.evidence[0].strength)
    telling = [one for one in found if one.verdict(one.evidence[0]) != NOTHING]
    return with_uses(model, text, (telling or found)[: top if telling else 1], seed)
