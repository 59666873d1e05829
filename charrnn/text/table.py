"""Rows of files and folders as columns in memory: a few bytes a character, no objects a row."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from charrnn.errors import CorpusError
from charrnn.text import corpus as corpora
from charrnn.text import readers
from charrnn.text.readers.columns import Columns
from charrnn.text.readers.source import Bad
from charrnn.text.strings import Strings, Written


@dataclass(frozen=True)
class Table:
    """Rows, by column, in the order in which they were read.

    name: after the first file. sha256: of all bytes read. notes: on what was left out.
    """

    name: str
    columns: tuple[Strings, ...]
    sha256: str
    notes: tuple[str, ...] = ()


def read(
    names: Sequence[str],
    fields: Sequence[str],
    *,
    columns: str = "",
    more: bool = False,
    form: str = readers.AUTO,
    encoding: str = "utf-8",
    skip_bad: bool = False,
    wrong: Callable[[Sequence[str]], str] = lambda row: "",
) -> Table:
    """Read files and folders of any form that `charrnn.text.readers` has.

    fields: what the columns are, such as text and label; more: whether there may be more of the
    last. columns: which, by default the first ones; see `Columns`. wrong: says what is wrong with a
    row, where something is. skip_bad: leave out bad rows. Raises CorpusError, which names the
    first.
    """
    digest = hashlib.sha256()
    wanted = Columns.of(columns, fields, more)
    written = [Written() for _ in wanted.groups]
    count, bad = 0, 0
    first: Bad | None = None
    for name in names:
        for row in readers.read(name, wanted, form, encoding, digest):
            if not isinstance(row, Bad):
                what = _empty(row.fields, fields) or wrong(row.fields)
                if not what:
                    count += 1
                    for column, field in zip(written, row.fields, strict=True):
                        column.append(field)
                    continue
                row = Bad(what, row.where, row.line)
            first, bad = first or row, bad + 1
    said = f"{first.where}, line {first.line:,}: {first.what}" if first else ""
    if not count:
        raise _nothing(f"no {' with a '.join(fields)} is in {', '.join(names)}", said)
    if bad and not skip_bad:
        others = f" (and {bad - 1:,} more bad row{'s' * (bad != 2)})" * (bad > 1)
        raise CorpusError(said + others, "--skip-bad counts bad rows and passes over them")
    notes = (f"{bad:,} bad row{'s' * (bad != 1)} skipped; the first: {said}",) if bad else ()
    strings = tuple(one.strings() for one in written)
    return Table(corpora.name_of(names), strings, digest.hexdigest(), notes)


def _empty(row: Sequence[str], fields: Sequence[str]) -> str:
    """Say which field of a row is empty, if one is."""
    if all(row):
        return ""
    place = next(number for number, field in enumerate(row) if not field)
    return f"the {fields[min(place, len(fields) - 1)]} is empty"


def _nothing(what: str, said: str) -> CorpusError:
    """Return the error for files without a row that can be used. said: what is wrong with one."""
    hint = "--columns names other columns, --read another form"
    if "tab" in said:
        hint = f"a row has a tab between two columns; {hint}"
    return CorpusError(f"{what}: {said}" if said else what, hint)
