"""The form of fastText: __label__x, then the text, in one line."""

from collections.abc import Iterator, Sequence

from charrnn.text.readers.columns import Columns, picked
from charrnn.text.readers.source import Bad, Row, Source

PREFIX = "__label__"


def read(source: Source, columns: Columns) -> Iterator[Row | Bad]:
    """Yield text and label of each line."""
    rows = ((number, _parts(line)) for number, line in source.lines())
    return picked(rows, columns, source.where, "label", names=("text", "label"))


def _parts(line: str) -> Sequence[str] | str:
    """Return the text and the label of a line, or what is wrong with it."""
    if not line.strip():
        return ()
    if not line.startswith(PREFIX):
        return f"there is no {PREFIX} at its beginning"
    label, _, text = line.partition(" ")
    if text.startswith(PREFIX):
        return "it has several labels"
    return text, label.removeprefix(PREFIX)
