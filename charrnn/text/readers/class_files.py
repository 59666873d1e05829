"""A folder with a file a label, each with a text a line."""

from collections.abc import Iterator

from charrnn.text.readers.columns import Columns, picked
from charrnn.text.readers.source import Bad, Row, Source, stem


def read(source: Source, columns: Columns) -> Iterator[Row | Bad]:
    """Yield text and label, which is the file's name without its ending; hidden ones are none."""
    for path in sorted(source.path.iterdir()):
        if path.is_file() and not path.name.startswith("."):
            file, label = source.below(path), stem(path)[0]
            rows = ((number, (line, label) if line else ()) for number, line in file.lines())
            yield from picked(rows, columns, file.where, "label", names=("text", "label"))
