"""A folder with a folder a label, in which each file is a text."""

from collections.abc import Iterator

from charrnn.text import corpus as corpora
from charrnn.text.readers.columns import Columns, picked
from charrnn.text.readers.source import Bad, Row, Source


def read(source: Source, columns: Columns) -> Iterator[Row | Bad]:
    """Yield text and label, which is the folder's name; hidden ones are none."""
    for path in sorted(source.path.iterdir()):
        if path.is_dir() and not path.name.startswith("."):
            for file in corpora.sources([str(path)], [], may_hold_nul=False):
                source.digest.update(file.data)
                text = corpora.decoded(file, source.encoding).strip("\r\n")
                rows = [(1, (text, path.name))]
                yield from picked(rows, columns, file.where, "label", names=("text", "label"))
