"""What `sample` and views of `inspect` do with a model that tags characters."""

import json
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from charrnn.cli.labels import USED
from charrnn.errors import UsageError
from charrnn.show.glyphs import running

if TYPE_CHECKING:
    from charrnn.checkpoint import Checkpoint
    from charrnn.cli.reading import Given
    from charrnn.reading import Opened, Text
    from charrnn.sampling.settings import SampleConfig
    from charrnn.show.report import Report


def refuse_writing(given: Collection[str], path: Path) -> None:
    """Raise UsageError for a setting of writing, given to a model that only tags."""
    for name in given:
        if name not in USED - {"top"}:
            raise UsageError(
                f"--{name.replace('_', '-')} is for models that write; {path} tags characters",
                "--prompt TEXT, or a text a line on standard input, gets its tags",
            )


def answer(
    loaded: "Checkpoint", parts: Iterable[list[str]], config: "SampleConfig", stream: TextIO
) -> None:
    """Write each text as the model restores it or, for tags with names, as CoNLL; or as JSON.

    parts: texts that are read together, as they come.
    """
    from charrnn.tagging import tagged_lines
    from charrnn.text.tags import PAIRS
    from charrnn.text.words import are_words, as_conll

    network = loaded.network()
    visibly = stream.isatty() or config.safe
    for part in parts:
        for text, tags in tagged_lines(network, loaded, part):
            whole = PAIRS[loaded.tag].apply(text, tags) if loaded.tag else text
            if config.json:
                line = json.dumps(
                    {"version": 1, "text": whole} | ({} if loaded.tag else {"tags": tags})
                )
            elif loaded.tag:
                line = whole
            elif are_words(loaded.labels):
                line = as_conll(text, tags)
            else:
                line = "".join(f"{one}\t{tag}\n" for one, tag in zip(text, tags, strict=True))
            stream.write("".join(map(running, line)) + "\n" if visibly else line + "\n")
        stream.flush()


def score(opened: "Opened", files: list[Path], columns: str, skip_bad: bool, form: str) -> "Report":
    """Return the view of how well a model tags characters: held out, or those of files."""
    from charrnn.show import tags as show
    from charrnn.show.console import note
    from charrnn.tagging import measured

    names = [str(file) for file in files]
    found = measured(opened, opened.checkpoint.network(), names, columns, skip_bad, form)
    for line in found.notes:
        note(line)
    return show.report(found)


def text(
    opened: "Opened", read: "Text", offset: int, length: int, top: int, given: "Given"
) -> "Report":
    """Return the view of how sure the tags of characters are. length: 0 fits the window."""
    from charrnn.neurons.tags import tags_of
    from charrnn.show import tags as show
    from charrnn.show.console import data
    from charrnn.show.heatmap import FIXED, fitting, usable_colors

    if top:
        raise UsageError("--top is for models that predict the next character")
    if not length:
        rows = 1 if usable_colors(data()) else 2
        shown = read.characters[offset:]
        exported = given.output or given.json
        length = FIXED if exported else fitting(data(), shown, rows, show.OTHER_LINES)
    return show.shaded(tags_of(opened, read, offset=offset, length=length))


def errors(opened: "Opened", read: "Text") -> "Report":
    """Return the view of which tags are taken for which."""
    from charrnn.neurons.tags import mistagged
    from charrnn.show import tags as show

    return show.mistagged(mistagged(opened, read))
