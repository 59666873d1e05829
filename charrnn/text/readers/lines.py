"""Plain lines: a text a line, and nothing else."""

from collections.abc import Iterator

from charrnn.errors import CorpusError
from charrnn.text.readers.columns import Columns, picked
from charrnn.text.readers.source import Bad, Row, Source


def read(source: Source, columns: Columns) -> Iterator[Row | Bad]:
    """Yield the lines that are not empty. Raises CorpusError where more columns are wanted."""
    if len(columns.groups) > 1 and not source.beginning:
        raise CorpusError(f"{source.where} is empty", "a table has a tab between two columns")
    if len(columns.groups) > 1:
        raise CorpusError(
            f"{source.where} is read as plain lines, which have one column",
            "a table has a tab between two; --read NAME says that it has another form",
        )
    rows = ((number, [line]) for number, line in source.lines())
    return picked(rows, columns, source.where, "text", names=("text",))
