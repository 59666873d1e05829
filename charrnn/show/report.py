"""What a view hands over: how it is drawn, and its data; and where it goes."""

import csv
import io
import json as to_json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from charrnn.errors import UsageError
from charrnn.files import expect_free, making
from charrnn.show import typeset
from charrnn.show.console import PlainConsole, data
from charrnn.show.stdio import raw_stdout

ENDINGS = (".html", ".svg", ".txt", ".json", ".csv")
STDOUT = Path("-")
VERSION = 1  # of what JSON holds; it rises when a name in it changes its meaning or goes
WIDTH = 100  # columns of an exported .txt


@dataclass(frozen=True)
class Report:
    """A view. show: draws it on a console. data: what its JSON holds. rows: its table, as CSV.

    picture: returns it as SVG, where it has a better one than its text. tabular: whether its JSON
    holds the rows, too.
    """

    show: Callable[[Console], None]
    data: dict[str, Any] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    picture: Callable[[], str] | None = None
    tabular: bool = True

    @property
    def as_json(self) -> str:
        """The data as one line of JSON; what is no number is null."""
        rows = {"rows": self.rows} if self.tabular else {}
        return to_json.dumps(_plain({"version": VERSION} | self.data | rows))


def check_output(output: Path | None, force: bool) -> None:
    """Raise an error for a file that no view can be exported to, before any work is done."""
    if output in (None, STDOUT):
        return
    if output.suffix.lower() not in ENDINGS:
        raise UsageError(f"{output}: an export ends in one of {', '.join(ENDINGS)}")
    expect_free(output, force)


def deliver(
    report: Report, output: Path | None = None, json: bool = False, force: bool = False
) -> None:
    """Print a view, or its data with `json`, or write it to a file by the file's ending."""
    if output and output != STDOUT:
        write(report, output, force)
    elif json:
        raw_stdout()
        print(report.as_json)
    else:
        report.show(data())


def write(report: Report, output: Path, force: bool = False) -> None:
    """Write a view to a file, in the format of the file's ending."""
    content = exported(report, output.suffix.lower())
    with making(output, force) as temporary:
        temporary.write_bytes(content.encode("utf-8", "surrogateescape"))


def exported(report: Report, ending: str) -> str:
    """Return a view as the content of a file."""
    if ending == ".json":
        return report.as_json + "\n"
    if ending == ".csv":
        if not report.rows:
            raise UsageError("this view has no table, which a .csv file would hold")
        file = io.StringIO()
        names = list(dict.fromkeys(name for row in report.rows for name in row))
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows({name: _cell(one) for name, one in row.items()} for row in report.rows)
        return file.getvalue()
    if ending == ".svg":
        return report.picture() if report.picture else typeset.svg(report.show)
    if ending == ".html":
        return typeset.html(report.show, report.picture() if report.picture else "")
    console = PlainConsole(file=io.StringIO(), width=WIDTH, picture=False)
    report.show(console)
    return console.export_text()


def _cell(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula."""
    formula = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if formula else value


def _plain(value: Any) -> Any:
    """Return data with every NaN and infinity as None, which JSON has."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    return value
