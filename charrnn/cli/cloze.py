"""What `sample` and `inspect text` do with a model that predicts characters from both sides."""

import json
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from charrnn.errors import UsageError
from charrnn.show.glyphs import running

if TYPE_CHECKING:
    from charrnn.checkpoint import Checkpoint
    from charrnn.cli.reading import Given
    from charrnn.reading import Opened, Text
    from charrnn.sampling.settings import SampleConfig
    from charrnn.show.report import Report

USED = {"fill", "prompt", "prompt_file", "samples", "json", "output", "force", "unknown"}
USED |= {"threads", "safe"}
HINT = "--fill ____ --prompt 'To ____ or not' fills the gap; charrnn inspect text proof-reads"


def refuse_writing(given: Collection[str], path: Path) -> None:
    """Raise UsageError for a setting of writing, or without a gap to fill."""
    for name in given:
        if name not in USED:
            raise UsageError(
                f"--{name.replace('_', '-')} is for models that write; {path} fills gaps", HINT
            )
    if "fill" not in given:
        raise UsageError(f"{path} writes no new text: it predicts characters from both sides", HINT)


def answer(
    loaded: "Checkpoint", parts: Iterable[list[str]], config: "SampleConfig", stream: TextIO
) -> None:
    """Write what fills the gap of each text: several for a prompt, else the likeliest in place."""
    from charrnn.sampling.fill import fillings
    from charrnn.show import sampled
    from charrnn.show.console import PlainConsole

    network = loaded.network()
    console, visibly = PlainConsole(file=stream), stream.isatty() or config.safe
    prompted = bool(config.prompt or config.prompt_file)
    count = config.samples if config.samples > 1 else sampled.FILLINGS if prompted else 1
    for text in (text for part in parts for text in part):
        found = fillings(network, text, config.fill, config.unknown).found[:count]
        if config.json:
            rows = [one._asdict() for one in found]
            stream.write(json.dumps({"version": 1, "prompt": text, "fillings": rows}) + "\n")
        elif count > 1:
            sampled.show_fillings(console, found)
        else:
            filled = found[0].text
            stream.write("".join(map(running, filled)) + "\n" if visibly else filled + "\n")
        stream.flush()


def text(
    opened: "Opened", read: "Text", offset: int, length: int, top: int, given: "Given"
) -> "Report":
    """Return the view of the characters that both sides find unlikely. length: 0 is all of it."""
    from charrnn.neurons.proofreading import TOP, proofread
    from charrnn.show import proofreading as show

    found = proofread(opened, read, top=top or TOP, offset=offset, length=length or None)
    return show.report(found)
