"""`charrnn inspect explain`: a card for one neuron."""

from typing import TYPE_CHECKING, Annotated

import typer

from charrnn.cli.options import (
    CheckpointOption,
    EncodingOption,
    ForceOption,
    JsonOption,
    OutputOption,
    TextOption,
    UnknownOption,
)
from charrnn.cli.reading import opened, text_of
from charrnn.show.streams import end_with_the_reader

if TYPE_CHECKING:
    from charrnn.checkpoint import Checkpoint
    from charrnn.network import Network
    from charrnn.neurons.address import Neuron
    from charrnn.neurons.evidence import Finding
    from charrnn.text.vocabulary import Ids

CONCEPTS = 3  # shown on the card
EXCERPTS = 4  # of each kind


def explain(
    address: Annotated[
        str,
        typer.Argument(help="42, counted from 0 through the layers, or LAYER:UNIT, as in 1:42."),
    ],
    checkpoint: CheckpointOption = None,
    text: TextOption = None,
    encoding: EncodingOption = "utf-8",
    unknown: UnknownOption = "error",
    seed: Annotated[int, typer.Option(help="Of random excerpts, shifts and draws.")] = 0,
    output: OutputOption = None,
    force: ForceOption = False,
    json: JsonOption = False,
) -> None:
    """Explain one neuron: what it tells best, excerpts, gates, what it pushes, what it is worth."""
    import numpy as np

    from charrnn import runs
    from charrnn.corpus_of import sample
    from charrnn.neurons import address as addresses
    from charrnn.neurons.activations import Activations
    from charrnn.neurons.excerpts import excerpts
    from charrnn.neurons.record import record
    from charrnn.neurons.use import compared
    from charrnn.show import card as show
    from charrnn.show.console import talk
    from charrnn.show.report import check_output, deliver

    end_with_the_reader()
    check_output(output, force)
    loaded, model = opened(checkpoint)
    neuron = addresses.parse(address, loaded.architecture)
    ids, name = text_of(loaded, text, encoding, None, unknown)
    network, vocabulary = loaded.network(), loaded.vocabulary
    characters = vocabulary.characters_of(ids)
    with talk().status("searching all neurons for every concept"):
        learned = sample(runs.find(checkpoint), loaded, ids)
        findings, first = _findings(loaded, network, ids, characters, learned, neuron, seed)
        concept = findings[0].concept if findings else None
        (use,), counted = compared(network, ids, [[neuron]], concept, characters)
        recording = record(network, ids, neuron)
        names = loaded.architecture.cell.GATES
        standing = Activations(network, ids, names)
        count = loaded.architecture.neurons
        columns = standing.columns([n * count + neuron.number for n in range(len(names))])
        gates = dict(zip(names, columns[standing.counted].mean(axis=0).tolist(), strict=True))
    card = show.Card(
        neuron=neuron,
        label=recording.label,
        low=recording.low,
        high=recording.high,
        characters=characters,
        values=recording.values,
        first=first,
        places=excerpts(recording.values, first, EXCERPTS, np.random.default_rng(seed)),
        findings=findings,
        gates=gates,
        time_constant=recording.time_constant,
        pushes=network.pushes(neuron.layer - 1, neuron.unit),
        alphabet=vocabulary.characters_of(range(len(vocabulary))),
        use=use,
        counted=counted,
    )
    deliver(show.report(card, model, f"{name}, {len(ids):,} characters"), output, json, force)


def _findings(
    loaded: "Checkpoint",
    network: "Network",
    ids: "Ids",
    text: str,
    learned: "Ids",
    neuron: "Neuron",
    seed: int,
) -> tuple[list["Finding"], int]:
    """Return what the neuron tells best beyond the last characters, and the first counted place."""
    import numpy as np

    from charrnn.neurons import baselines
    from charrnn.neurons.activations import Activations
    from charrnn.neurons.concepts import built_in
    from charrnn.neurons.evidence import ENCODES
    from charrnn.neurons.find import find, with_use

    names = network.architecture.cell.STATES
    read = Activations(network, ids, names)
    plain = baselines.all_untrained(loaded, ids, names, seed)
    concepts = list(built_in(text).values())
    found = [
        one
        for one in find(
            read,
            plain,
            text,
            concepts,
            learned=learned,
            top=1,
            ablating=False,
            seed=seed,
            only=neuron.number,
        )
        if one.evidence and not one.refused
    ]
    found.sort(key=lambda one: -one.evidence[0].over_lexical)
    random = np.random.default_rng(seed)
    best = [
        with_use(read, one, one.concept.labels(text, network.record_end), text, random)
        if one.verdict(one.evidence[0]) == ENCODES
        else one
        for one in found[:CONCEPTS]
    ]
    return best, int(read.counted[0])
