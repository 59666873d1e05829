"""`charrnn inspect compare`: two models on one text, or one run's models after another."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from charrnn.cli.options import (
    EncodingOption,
    ForceOption,
    JsonOption,
    OutputOption,
    TextOption,
    UnknownOption,
)
from charrnn.cli.reading import opened, text_of
from charrnn.errors import UsageError
from charrnn.show.streams import end_with_the_reader

if TYPE_CHECKING:
    from charrnn.checkpoint import Checkpoint
    from charrnn.neurons.evidence import Finding
    from charrnn.show.report import Report
    from charrnn.text.vocabulary import Ids, Unknown

PLACES = 4  # shown where each is better


def compare(
    models: Annotated[
        list[Path],
        typer.Argument(help="Two checkpoints or run folders; one run folder with --concept."),
    ],
    concept: Annotated[
        str,
        typer.Option(
            help="When its neuron first appears in a run's kept models.", metavar="CONCEPT"
        ),
    ] = "",
    text: TextOption = None,
    encoding: EncodingOption = "utf-8",
    unknown: UnknownOption = "error",
    output: OutputOption = None,
    force: ForceOption = False,
    json: JsonOption = False,
) -> None:
    """Compare two models on one text: losses, where each is better, neurons that do alike.

    Or follow one concept through the models that a run has kept (train --keep N).
    """
    from charrnn.show.report import check_output, deliver

    end_with_the_reader()
    check_output(output, force)
    if concept and len(models) == 1:
        deliver(_through(models[0], concept, text, encoding, unknown), output, json, force)
    elif concept or len(models) != 2:
        raise UsageError("two models are compared, or one run with --concept")
    else:
        deliver(_two(models, text, encoding, unknown), output, json, force)


def _two(models: Sequence[Path], text: Path | None, encoding: str, unknown: "Unknown") -> "Report":
    """Return the view of two models on the same characters."""
    from charrnn.neurons.activations import Activations
    from charrnn.neurons.matched import COUNTED, matches, stretches
    from charrnn.show import compared
    from charrnn.show.console import talk

    both = [opened(one) for one in models]
    ids, name = text_of(both[0][0], text, encoding, None, unknown)
    characters = both[0][0].vocabulary.characters_of(ids)
    _check_records([loaded for loaded, _ in both])
    other = both[1][0].vocabulary.encode_characters(characters, unknown)
    if len(other) != len(ids):
        raise UsageError("the second model does not know every character of the text")
    if len(ids) < 2:
        raise UsageError(f"{name} is too short: the first character is not predicted")
    with talk().status(f"reading {len(ids):,} characters"):
        networks = [loaded.network() for loaded, _ in both]
        costs = [one.losses(part) for one, part in zip(networks, (ids, other), strict=True)]
        read = [
            Activations(network, part[:COUNTED], [network.architecture.cell.DEFAULT_SIGNAL])
            for network, part in zip(networks, (ids, other), strict=True)
        ]
        matched = matches(read[0], read[1])
    where = stretches(costs[0], costs[1], PLACES)
    nats = [float(one.mean()) for one in costs]
    names = [model for _, model in both]
    return compared.of_two(names, name, characters[1:], nats, where, (read[0], read[1]), matched)


def _check_records(models: Sequence["Checkpoint"]) -> None:
    """Raise UsageError for models that do not read a text in the same way."""
    if models[0].record_end != models[1].record_end:
        raise UsageError(
            "one model has learned records and the other has not, or with another end: they read "
            "a text differently",
            "charrnn inspect score says what a text costs each of them",
        )


def _through(
    folder: Path, concept: str, text: Path | None, encoding: str, unknown: "Unknown"
) -> "Report":
    """Return the view of a concept's neuron through the models that a run has kept."""
    from charrnn import checkpoint, runs
    from charrnn.corpus_of import sample
    from charrnn.neurons import baselines
    from charrnn.neurons.activations import Activations
    from charrnn.neurons.concepts import named
    from charrnn.neurons.find import find
    from charrnn.show import compared
    from charrnn.show.console import talk

    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder of a run")
    found: dict[int, tuple[int, float | None, Finding]] = {}
    learned: Ids | None = None  # the same for all models of a run
    with talk().status("searching") as status:
        for path in runs.kept(folder):
            loaded = checkpoint.load(path)
            step = int(loaded.provenance.get("steps", 0))
            if step in found:
                continue
            status.update(f"searching at step {step:,}")
            ids, _ = text_of(loaded, text, encoding, None, unknown)
            characters = loaded.vocabulary.characters_of(ids)
            names = loaded.architecture.cell.STATES
            network = loaded.network()
            plain = baselines.all_untrained(loaded, ids, names, seed=0)
            learned = sample(path, loaded, ids) if learned is None else learned
            read = Activations(network, ids, names)
            wanted = [named(concept, characters)]
            search = find(read, plain, characters, wanted, learned=learned, top=1, ablating=False)
            found[step] = (step, loaded.provenance.get("validation_nats"), next(search))
    return compared.of_run(str(folder), concept, [found[step] for step in sorted(found)])
