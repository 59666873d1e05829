"""Tables with tabs between their columns. They know no quotes."""

from collections.abc import Iterator

from charrnn.text.readers.columns import Columns, picked
from charrnn.text.readers.source import Bad, Row, Source


def read(source: Source, columns: Columns) -> Iterator[Row | Bad]:
    """Yield the rows; the first one has names where columns are named."""
    rows = ((number, line.split("\t")) for number, line in source.lines())
    return picked(rows, columns, source.where, between="tab")
