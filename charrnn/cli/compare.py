"""`charrnn inspect compare`: two models on one text, or one run's models after another."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from charrnn.cli import completion
from charrnn.cli.help import helped
from charrnn.cli.options import ConceptOption, view
from charrnn.cli.reading import Given, Opened, Text, predictable
from charrnn.errors import UsageError

if TYPE_CHECKING:
    from charrnn.neurons.evidence import Finding
    from charrnn.show.report import Report
    from charrnn.text.vocabulary import Ids

PLACES = 4  # shown where each is better


@helped(
    "charrnn inspect compare checkpoints/book-lstm checkpoints/book-gru",
    "charrnn inspect compare checkpoints/book-lstm --concept quotes",
)
@view
def compare(
    given: Given,
    models: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Two checkpoints or run folders; one run folder with --concept.",
            metavar="MODEL",
            show_default="",
            autocompletion=completion.models,
        ),
    ] = None,
    concept: ConceptOption = "",
) -> None:
    """Compare two models on one text: losses, where each is better, similar neurons.

    With --concept, follow one concept's neuron through the models that a run has kept
    (train --keep N).
    """
    named = [*(models or []), *([given.model] if given.model else [])]
    if concept and len(named) == 1:
        given.deliver(_through(named[0], concept, given))
    elif concept or len(named) != 2:
        raise UsageError("two models are compared, or one run with --concept")
    else:
        both = [given.opened(one) for one in named]
        given.deliver(_two(both, given), *both)


def _two(both: Sequence[Opened], given: Given) -> "Report":
    """Return the view of two models on the same characters."""
    from charrnn.neurons.activations import Activations
    from charrnn.neurons.matched import COUNTED, matches, stretches
    from charrnn.show import compared
    from charrnn.show.console import talk

    loaded = [one.checkpoint for one in both]
    text = given.read(loaded[0])
    if given.unknown == "skip":
        text = _known_to_both(text, both)
    text = predictable(text)
    _check_records(both)
    other = loaded[1].vocabulary.encode_characters(text.characters, given.unknown)
    with talk().status(f"reading {len(text.ids):,} characters"):
        networks = [one.network() for one in loaded]
        costs = [one.losses(ids) for one, ids in zip(networks, (text.ids, other), strict=True)]
        read = [
            Activations(network, ids[:COUNTED], [network.architecture.cell.DEFAULT_SIGNAL])
            for network, ids in zip(networks, (text.ids, other), strict=True)
        ]
        matched = matches(read[0], read[1])
    where = stretches(costs[0], costs[1], PLACES)
    nats = [float(one.mean()) for one in costs]
    names = [one.name for one in both]
    shown = text.characters[1:]
    return compared.of_two(names, text.name, shown, nats, where, (read[0], read[1]), matched)


def _known_to_both(text: Text, both: Sequence[Opened]) -> Text:
    """Return a text without the characters that the second model does not know."""
    first, second = (one.checkpoint.vocabulary for one in both)
    alphabet = set(second.characters_of(range(len(second))))
    shared = "".join(one for one in text.characters if one in alphabet)
    return Text(first.encode_characters(shared, "skip"), shared, text.name)


def _check_records(both: Sequence[Opened]) -> None:
    """Raise UsageError for models that do not read a text in the same way."""
    if both[0].checkpoint.record_end != both[1].checkpoint.record_end:
        raise UsageError(
            "one model has learned records and the other has not, or with another end: they read "
            "a text differently",
            "charrnn inspect score gives the loss of each of them on a text",
        )


def _through(folder: Path, concept: str, given: Given) -> "Report":
    """Return the view of a concept's neuron through the models that a run has kept."""
    from charrnn import checkpoint, runs
    from charrnn.corpus_of import sample
    from charrnn.neurons.concepts import named
    from charrnn.neurons.survey import survey
    from charrnn.show import compared
    from charrnn.show.console import talk

    if not folder.is_dir():
        raise UsageError(f"{folder} is not the folder of a run")
    found: dict[int, tuple[int, float | None, Finding]] = {}
    learned: Ids | None = None  # the same for all models of a run
    with talk().status("searching") as status:
        for path in runs.kept(folder):
            loaded = checkpoint.load(path)
            step = int(loaded.provenance.get("steps", 0))
            if step in found:
                continue
            status.update(f"searching at step {step:,}")
            text = given.read(loaded)
            learned = sample(path, loaded, text.ids) if learned is None else learned
            wanted = [named(concept, text.characters)]
            search = survey(path, loaded, text.ids, wanted, learned=learned)
            found[step] = (step, loaded.provenance.get("validation_nats"), next(search))
    return compared.of_run(str(folder), concept, [found[step] for step in sorted(found)])
