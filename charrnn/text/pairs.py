"""Texts with one or several texts each that belong to them, such as words and their sounds."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from charrnn.text import table
from charrnn.text.table import Table

FIELDS = ("source", "target")


def read(names: Sequence[str], **how: Any) -> Table:
    """Read sources and targets, as the columns of a table; see `table.read`.

    There may be several columns of targets: columns="1+3,2,4".
    """
    return table.read(names, FIELDS, more=True, **how)


def answers(pairs: Table) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """Yield each source once, in the order of the first time it stands, with its right answers.

    An answer has a text a column of targets; one that stands twice is given once.
    """
    sources, *targets = pairs.columns
    groups = sources.groups()
    order = np.argsort(groups, kind="stable")
    edges = np.flatnonzero(np.diff(groups[order])) + 1
    for rows in np.split(order, edges):
        found = (tuple(column[row] for column in targets) for row in rows.tolist())
        yield sources[int(rows[0])], list(dict.fromkeys(found))
