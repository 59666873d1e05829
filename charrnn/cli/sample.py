"""`charrnn sample`: write new text."""

import itertools
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import typer

from charrnn.errors import UsageError
from charrnn.show.glyphs import running, safe
from charrnn.show.streams import end_with_the_reader, is_unicode, raw_stdout

FLUSH_SECONDS = 0.05


def sample(
    checkpoint: Annotated[
        Path | None,
        typer.Argument(
            help="A checkpoint or a run folder.",
            show_default="the newest run under checkpoints/, else the demonstration model",
        ),
    ] = None,
    temp: Annotated[
        float,
        typer.Option(help="Temperature: 0 takes the likeliest, 1 draws as the model says.", min=0),
    ] = 1.0,
    length: Annotated[
        int, typer.Option(help="Characters to write, the prompt not counted.", min=0)
    ] = 1000,
    prompt: Annotated[str, typer.Option(help="Text to go on from; it is printed too.")] = "",
    prompt_file: Annotated[
        Path | None,
        typer.Option(help="Read the prompt from a file, before --prompt.", metavar="FILE"),
    ] = None,
    unknown: Annotated[
        Literal["error", "skip"],
        typer.Option(help="Prompt characters that the model has never seen."),
    ] = "error",
    seed: Annotated[
        int | None, typer.Option(help="Same seed, same text.", min=0, show_default="random")
    ] = None,
) -> None:
    """Write new text with a trained network, as it is drawn.

    Text piped in comes before the prompt. On a terminal control characters are shown, not sent;
    a pipe gets the raw text.
    """
    import secrets

    import numpy as np

    from charrnn import checkpoint as checkpoints
    from charrnn import runs
    from charrnn.sampling.generate import generate

    end_with_the_reader()
    path = runs.find(checkpoint)
    loaded = checkpoints.load(path)
    network = loaded.network()
    seed = secrets.randbits(32) if seed is None else seed
    given = network.vocabulary.encode(_piped() + _read(prompt_file) + prompt, unknown)
    lost = int((given == len(network.vocabulary.characters)).sum())
    if lost:
        print(f"{lost:,} of the prompt's characters are unknown to the model", file=sys.stderr)
    random = np.random.default_rng(seed)
    drawn = generate(network, given, temp=temp, length=length, random=random, end=loaded.record_end)
    print(f"{safe(runs.describe(path))} · temp {temp:g} · seed {seed}", file=sys.stderr)
    pieces = network.vocabulary.stream(itertools.chain(given.tolist(), drawn))
    _write(itertools.chain(pieces, "\n" * bool(loaded.record_end)))


def _piped() -> str:
    """Return the text that is piped in, bytes that are not UTF-8 kept as surrogates."""
    if sys.stdin.isatty():
        return ""
    return sys.stdin.buffer.read().decode("utf-8", "surrogateescape")


def _read(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        return file.read_bytes().decode("utf-8", "surrogateescape")
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}") from error


def _write(pieces: Iterable[str]) -> None:
    """Write text as it comes: visibly to a terminal, raw to anything else."""
    if sys.stdout.isatty():
        unicode = is_unicode(sys.stdout.encoding)
        last = "\n"
        try:
            for last in pieces:
                sys.stdout.write("".join(running(character, unicode) for character in last))
                sys.stdout.flush()
        finally:
            sys.stdout.write("" if last == "\n" else "\n")
        return
    raw_stdout()
    flushed = 0.0
    for piece in pieces:
        sys.stdout.write(piece)
        if (now := time.monotonic()) - flushed > FLUSH_SECONDS:
            sys.stdout.flush()
            flushed = now
