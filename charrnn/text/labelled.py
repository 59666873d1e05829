"""Texts with a label each: a file or a folder a label, or a table of texts and labels."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from charrnn.errors import CorpusError
from charrnn.text import corpus as corpora

TABLES = {".tsv": "\t", ".csv": ","}


class Row(NamedTuple):
    """A text, its label, and where it stands: file and line."""

    text: str
    label: str
    where: str


class Bad(NamedTuple):
    """A row that cannot be used: where it stands, and what is wrong with it."""

    where: str
    what: str


@dataclass(frozen=True)
class Labelled:
    """Texts and their labels, in the order in which they were read.

    name: after the first file. sha256: of all bytes read. notes: on what was left out.
    """

    name: str
    rows: tuple[Row, ...]
    sha256: str
    notes: tuple[str, ...] = ()

    @property
    def characters(self) -> int:
        """How many characters the texts have together."""
        return sum(len(row.text) for row in self.rows)


def read(
    names: Sequence[str],
    *,
    columns: str = "",
    encoding: str = "utf-8",
    skip_bad: bool = False,
    labels: Sequence[str] = (),
) -> Labelled:
    """Read a table (.tsv, .csv, also compressed), or a folder of a file or a folder a label.

    columns: of text and label, by number from 1 or by the names in the first row, as in text,label;
    by default the first two, and no first row of names. labels: the only ones there may be.
    skip_bad: leave out rows without a label or a text, or of another label. Raises CorpusError,
    which names them.
    """
    digest = hashlib.sha256()
    rows: list[Row] = []
    bad: list[Bad] = []
    for name in names:
        for found in _read(name, columns, encoding, digest.update):
            if isinstance(found, Bad):
                bad.append(found)
            elif labels and found.label not in labels:
                unseen = f"the label {found.label!r} was never seen in training"
                bad.append(Bad(found.where, unseen))
            else:
                rows.append(found)
    if bad and not rows and not labels:
        raise CorpusError(
            f"no text with a label is in {', '.join(names)}: {_said(bad[0])}",
            "a table has a text, a tab and a label a row; --columns names other columns",
        )
    if bad and not skip_bad:
        raise _refused(bad)
    if not rows:
        raise CorpusError(f"{', '.join(names)}: no text with a label is there")
    rows_of = f"{len(bad):,} bad row{'s' * (len(bad) != 1)}"
    notes = (f"{rows_of} skipped; the first: {_said(bad[0])}",) if bad else ()
    return Labelled(corpora.name_of(names), tuple(rows), digest.hexdigest(), notes)


def _refused(bad: list[Bad]) -> CorpusError:
    others = len(bad) - 1
    more = f" (and {others:,} more bad row{'s' * (others != 1)})" * bool(others)
    return CorpusError(_said(bad[0]) + more, "--skip-bad counts bad rows and passes over them")


def _said(bad: Bad) -> str:
    return f"{bad.where}: {bad.what}"


def _read(
    name: str, columns: str, encoding: str, digest: Callable[[bytes], None]
) -> Iterator[Row | Bad]:
    """Yield the rows of a table or a folder."""
    path = Path(name)
    if path.is_dir():
        yield from _folder(path, encoding, digest)
        return
    for source in corpora.sources([name], [], may_hold_nul=False):
        digest(source.data)
        text = corpora.decoded(source, encoding)
        yield from _table(source.where, text, columns)


def _folder(folder: Path, encoding: str, digest: Callable[[bytes], None]) -> Iterator[Row | Bad]:
    """Yield the texts of a folder: a line of a label's file each, or a file of its folder each."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        notes: list[str] = []
        for source in corpora.sources([str(path)], notes, may_hold_nul=False):
            digest(source.data)
            text = corpora.decoded(source, encoding)
            label = path.name if path.is_dir() else path.name.removesuffix(path.suffix)
            if path.is_dir():
                yield _row(text.strip("\r\n"), label, source.where)
                continue
            for number, line in enumerate(text.splitlines(), start=1):
                if line:
                    yield Row(line, label, f"{source.where}, line {number:,}")


def _row(text: str, label: str, where: str) -> Row | Bad:
    if not text:
        return Bad(where, "the text is empty")
    return Row(text, label, where) if label else Bad(where, "the label is empty")


def _table(where: str, text: str, columns: str) -> Iterator[Row | Bad]:
    """Yield the rows of a table; blank lines are none. TSV knows no quoting, CSV does."""
    stem = Path(where)
    suffix = (Path(stem.stem) if stem.suffix in corpora.OPENERS else stem).suffix.lower()
    tabs = TABLES.get(suffix, "\t") == "\t"
    lines = _tab_separated(text) if tabs else _comma_separated(text)
    first, second, skip = 0, 1, 0
    for number, cells in lines:
        if not any(cells):
            continue
        if not skip and columns:
            first, second, header = _columns(columns, cells, where)
            skip = 1
            if header:
                continue
        place = f"{where}, line {number:,}"
        if len(cells) <= max(first, second):
            missing = "there is no tab" if tabs and len(cells) == 1 else "a column is missing"
            yield Bad(place, missing)
        else:
            yield _row(cells[first], cells[second], place)


def _tab_separated(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(text.split("\n"), start=1):
        yield number, line.rstrip("\r").split("\t")


def _comma_separated(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    before = 0
    for cells in reader:
        yield before + 1, cells
        before = reader.line_num


def _columns(columns: str, cells: list[str], where: str) -> tuple[int, int, bool]:
    """Return the places of text and label, and whether these cells are names of columns."""
    wanted = [one.strip() for one in columns.split(",")]
    if len(wanted) != 2 or not all(wanted):
        raise CorpusError(f"--columns {columns!r} is not valid", "for example: text,label or 1,2")
    if wanted[0] == wanted[1]:
        raise CorpusError(
            f"--columns {columns!r} names one column", "a text and its label stand in two"
        )
    if all(one.isdecimal() for one in wanted):
        if "0" in wanted:
            raise CorpusError(f"--columns {columns!r}: columns count from 1")
        first, second = (int(one) - 1 for one in wanted)
        return first, second, False
    missing = [one for one in wanted if one not in cells]
    if missing:
        raise CorpusError(
            f"{where} has no column {missing[0]!r} in its first row",
            f"which is: {', '.join(cells)}",
        )
    return cells.index(wanted[0]), cells.index(wanted[1]), True
