"""What `sample` and views of `inspect` do with a model that labels texts."""

import json
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from charrnn.errors import UsageError
from charrnn.show.glyphs import safe

if TYPE_CHECKING:
    from charrnn.checkpoint import Checkpoint
    from charrnn.cli.reading import Given
    from charrnn.reading import Opened, Text
    from charrnn.sampling.settings import SampleConfig
    from charrnn.show.report import Report

USED = {"prompt", "prompt_file", "top", "json", "output", "force", "unknown", "threads", "safe"}
TOGETHER = 4096  # lines that are labelled at once, of those that are there


def refuse_writing(given: Collection[str], path: Path) -> None:
    """Raise UsageError for a setting of writing, given to a model that writes nothing."""
    for name in given:
        if name not in USED:
            raise UsageError(
                f"--{name.replace('_', '-')} is for models that write; {path} labels texts",
                "--prompt TEXT, or a text a line on standard input, gets its label",
            )


def answer(
    loaded: "Checkpoint", parts: Iterable[list[str]], config: "SampleConfig", stream: TextIO
) -> None:
    """Write the likeliest labels of each text, with their probabilities, as TSV or JSON."""
    import numpy as np

    from charrnn import labelling

    network, top, names = loaded.network(), config.top or 1, loaded.labels
    visibly = stream.isatty()
    pieces = (part[n : n + TOGETHER] for part in parts for n in range(0, len(part), TOGETHER))
    for part in pieces:
        logs = labelling.log_probabilities(network, labelling.encoded(network, part))
        best = np.argsort(-logs, axis=1, kind="stable")[:, :top]
        shares = np.exp(np.take_along_axis(logs, best, axis=1))
        for text, numbers, row in zip(part, best.tolist(), shares.tolist(), strict=True):
            found = [(names[one], share) for one, share in zip(numbers, row, strict=True)]
            stream.write(_line(text, found, config.json, visibly) + "\n")
        stream.flush()


def _line(text: str, found: list[tuple[str, float]], as_json: bool, visibly: bool) -> str:
    if as_json:
        labels = [{"label": label, "probability": share} for label, share in found]
        return json.dumps({"version": 1, "text": text, "labels": labels})
    cells = [cell for label, share in found for cell in (label, f"{share:.4f}")]
    return "\t".join(map(safe, cells) if visibly else cells)


def score(opened: "Opened", files: list[Path], columns: str, skip_bad: bool, form: str) -> "Report":
    """Return the view of how well a model labels texts: held out, or those of a table or folder."""
    from charrnn import generative, labelling
    from charrnn.show import labels as show
    from charrnn.show.console import note

    names = [str(file) for file in files]
    if opened.checkpoint.architecture.labels:
        generated = generative.measured(opened, names, columns, skip_bad, form)
        for line in generated.notes:
            note(line)
        return show.report_of(generated)
    network = opened.checkpoint.network()
    found = labelling.measured(opened, network, names, columns, skip_bad, form)
    for line in found.notes:
        note(line)
    return show.report(found)


def text(
    opened: "Opened", read: "Text", offset: int, length: int, top: int, given: "Given"
) -> "Report":
    """Return the view of when the labels of texts were decided. length: 0 fits the window."""
    from charrnn.neurons.decisions import decisions
    from charrnn.show import decisions as show
    from charrnn.show.console import data
    from charrnn.show.heatmap import FIXED

    if top:
        raise UsageError("--top is for models that predict the next character")
    if not length:
        lengths = _lengths(opened, read, offset)
        length = FIXED if given.output or given.json else show.fitting(data(), lengths)
    return show.report(decisions(opened, read, offset=offset, length=length))


def attention(opened: "Opened", read: "Text", offset: int, length: int, given: "Given") -> "Report":
    """Return the view of which characters count for the labels of texts. length: 0 fits."""
    from charrnn.labelling import alignments
    from charrnn.show import attention as show
    from charrnn.show.console import data
    from charrnn.show.heatmap import FIXED

    if not length:
        lengths = _lengths(opened, read, offset)
        length = FIXED if given.output or given.json else show.fitting(data(), lengths)
    return show.report(alignments(opened, read, offset=offset, length=length))


def _lengths(opened: "Opened", read: "Text", offset: int) -> list[int]:
    """Return how many characters the texts from a place on have, without their marks."""
    import numpy as np

    begins = opened.checkpoint.network().text_begins(read.ids)
    lengths: list[int] = (np.diff(np.append(begins[begins >= offset], len(read.ids))) - 1).tolist()
    return lengths


def errors(opened: "Opened", read: "Text") -> "Report":
    """Return the view of which labels are taken for which."""
    from charrnn.neurons.mislabelled import mislabelled
    from charrnn.show import mislabelled as show

    return show.report(mislabelled(opened, read))
