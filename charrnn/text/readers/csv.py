"""Tables with commas between their columns: a cell in quotes may hold commas and line ends."""

import csv
from collections.abc import Iterator, Sequence

from charrnn.text.readers.columns import Columns, picked
from charrnn.text.readers.source import Bad, Row, Source

SAID = {  # of what the csv module finds
    "unexpected end of data": "a quote is opened and never closed",
    "'\"'": "text follows a closing quote; a quote inside a cell is written twice",
    "field larger": f"a cell is longer than {csv.field_size_limit():,} characters; "
    "perhaps a quote is not closed",
}


def read(source: Source, columns: Columns) -> Iterator[Row | Bad]:
    """Yield the rows; the first one has names where columns are named."""
    return picked(_rows(source), columns, source.where, between="comma")


def _rows(source: Source) -> Iterator[tuple[int, Sequence[str] | str]]:
    """Yield each row's first line, and its cells or what is wrong."""
    rows = csv.reader(source.whole_lines(), strict=True)
    while True:
        line = rows.line_num + 1
        try:
            yield line, next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            known = (said for part, said in SAID.items() if part in str(error))
            yield line, next(known, str(error))
