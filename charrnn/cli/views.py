"""Views of `charrnn inspect` on a whole network or text: gates, ablate, text."""

from pathlib import Path
from typing import Annotated

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
from charrnn.errors import UsageError
from charrnn.show.streams import end_with_the_reader


def gates(
    checkpoint: CheckpointOption = None,
    text: TextOption = None,
    encoding: EncodingOption = "utf-8",
    unknown: UnknownOption = "error",
    output: OutputOption = None,
    force: ForceOption = False,
    json: JsonOption = False,
) -> None:
    """Show how often gates are saturated, as a triangle a gate, and how long units remember."""
    from charrnn.neurons.gates import gates as read
    from charrnn.show import gates as show
    from charrnn.show.report import check_output, deliver

    end_with_the_reader()
    check_output(output, force)
    loaded, model = opened(checkpoint)
    ids, name = text_of(loaded, text, encoding, None, unknown)
    found = read(loaded.network(), ids)
    deliver(show.report(found, model, f"{name}, {len(ids):,} characters"), output, json, force)


def ablate(
    addresses: Annotated[
        str,
        typer.Argument(
            help="42, or several as a group: 42,1:7 (LAYER:UNIT).", metavar="NEURON[,NEURON]..."
        ),
    ],
    concept: Annotated[
        str, typer.Option(help="Where it is on, off, and resolved.", metavar="CONCEPT")
    ] = "",
    checkpoint: CheckpointOption = None,
    text: TextOption = None,
    encoding: EncodingOption = "utf-8",
    unknown: UnknownOption = "error",
    output: OutputOption = None,
    force: ForceOption = False,
    json: JsonOption = False,
) -> None:
    """Hold neurons at their means inside the recurrence, and say what the text then costs."""
    from charrnn.neurons import address
    from charrnn.neurons.concepts import named
    from charrnn.neurons.use import compared
    from charrnn.show import ablated
    from charrnn.show.report import check_output, deliver

    end_with_the_reader()
    check_output(output, force)
    loaded, model = opened(checkpoint)
    parsed = [address.parse(one.strip(), loaded.architecture) for one in addresses.split(",")]
    neurons = list(dict.fromkeys(parsed))
    ids, name = text_of(loaded, text, encoding, None, unknown)
    characters = loaded.vocabulary.characters_of(ids)
    wanted = named(concept, characters) if concept else None
    groups = [[one] for one in neurons] + [neurons] * (len(neurons) > 1)
    found, counted = compared(loaded.network(), ids, groups, wanted, characters)
    names = map(ablated.named, groups)
    rows = [ablated.Row(one, *costs) for one, costs in zip(names, found, strict=True)]
    what = f"{counted:,} characters, in eight parts of the text · "
    what += concept or "no concept: --concept says where to look"
    deliver(ablated.report(rows, model, name, what), output, json, force)


def text(
    file: Annotated[
        Path | None,
        typer.Argument(help="A text file.", show_default="the validation text in the checkpoint"),
    ] = None,
    checkpoint: CheckpointOption = None,
    prompt: Annotated[str | None, typer.Option(help="Read this text.")] = None,
    encoding: EncodingOption = "utf-8",
    unknown: UnknownOption = "error",
    offset: Annotated[int, typer.Option(help="Where in the text to begin.", min=0)] = 0,
    length: Annotated[int, typer.Option(help="Characters to show.", min=1)] = 800,
    top: Annotated[
        int, typer.Option("--top-k", help="Print the N likeliest under each character.", min=0)
    ] = 0,
    output: OutputOption = None,
    force: ForceOption = False,
    json: JsonOption = False,
) -> None:
    """Shade a text by what each character cost the model, and list the costliest."""
    from charrnn.neurons.record import predicted
    from charrnn.show import surprise
    from charrnn.show.report import check_output, deliver

    end_with_the_reader()
    check_output(output, force)
    loaded, model = opened(checkpoint)
    ids, name = text_of(loaded, file, encoding, prompt, unknown)
    if offset >= len(ids):
        raise UsageError(f"the text has {len(ids):,} characters, so none at offset {offset:,}")
    shown = ids[offset : offset + length]
    expected = predicted(loaded.network(), ids, offset, len(shown), max(top, 1))
    if len(ids) < 2:
        raise UsageError(f"{name} is too short: the first character is not predicted")
    vocabulary = loaded.vocabulary
    where = f"{name}, characters {offset:,}–{offset + len(shown) - 1:,}"
    report = surprise.report(
        vocabulary.characters_of(shown),
        expected,
        vocabulary.characters_of(range(len(vocabulary))),
        offset,
        bool(top),
        [model, where],
    )
    deliver(report, output, json, force)


def errors(
    file: Annotated[
        Path | None,
        typer.Argument(help="A text file.", show_default="the validation text in the checkpoint"),
    ] = None,
    checkpoint: CheckpointOption = None,
    corpus: Annotated[
        list[str] | None,
        typer.Option(
            help="The corpus, where it has moved; may be repeated.",
            metavar="FILE",
            show_default="that of the run",
        ),
    ] = None,
    encoding: EncodingOption = "utf-8",
    unknown: UnknownOption = "error",
    output: OutputOption = None,
    force: ForceOption = False,
    json: JsonOption = False,
) -> None:
    """Sort a network's mistakes by what would have told it better.

    n-grams of the training text, a memory of words seen lately, rare words, the choice of a word,
    punctuation, and the rest; after Karpathy, Johnson and Li (2015).
    """
    import numpy as np

    from charrnn import runs
    from charrnn.corpus_of import trained_part, training_text
    from charrnn.neurons.mistakes import sort_out
    from charrnn.show import mistakes as show
    from charrnn.show.console import talk
    from charrnn.show.report import check_output, deliver

    end_with_the_reader()
    check_output(output, force)
    loaded, model = opened(checkpoint)
    ids, name = text_of(loaded, file, encoding, None, unknown)
    if len(ids) < 2:
        raise UsageError(f"{name} is too short: the first character is not predicted")
    as_bytes = loaded.vocabulary.kind == "bytes"
    with talk().status("reading the corpus"):
        whole = training_text(runs.find(checkpoint), loaded.provenance, corpus or [], as_bytes)
        training = trained_part(whole, loaded)
        costs = loaded.network().losses(ids)
        characters = loaded.vocabulary.characters_of(ids)
        found = sort_out(characters, np.append([np.nan], np.exp(-costs)), training)
    deliver(show.report(found, characters, model, name), output, json, force)
