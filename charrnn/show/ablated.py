"""The loss that a text has more without some neurons."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from rich.cells import cell_len
from rich.console import Console

from charrnn.neurons.address import Neuron
from charrnn.neurons.use import Ablations, LabelUse
from charrnn.show.console import say, say_names
from charrnn.show.glyphs import safe
from charrnn.show.labels import NAME as LABEL
from charrnn.show.labels import fitting
from charrnn.show.report import Report
from charrnn.show.stdio import is_unicode
from charrnn.show.units import change, count

COLUMNS = {"overall": "overall", "on": "on", "off": "off", "resolving": "at end"}
OF_TEXTS = {name: COLUMNS[name] for name in ("overall", "on", "off")}
LABELS, FEWER = 6, 3  # labels of a group of neurons, and of each of several groups
NAME, NUMBER = 38, 10  # columns of the window
FIGURES = 32  # columns beside a label, of what it loses
NARROW = NAME + len(COLUMNS) * NUMBER  # below which figures stand under their name


class Row(NamedTuple):
    """A group of neurons, the loss that ablating it adds, and that `like` control groups add.

    accuracy, by_label: see `Compared`.
    """

    neurons: str
    costs: dict[str, float]
    like: int
    means: dict[str, float]
    deviations: dict[str, float]
    accuracy: tuple[float, ...] = ()
    by_label: tuple[LabelUse, ...] = ()


def report_of(found: Ablations) -> Report:
    """Return the view of what was held."""
    names = map(named, found.groups)
    rows = [Row(name, *costs) for name, costs in zip(names, found.costs, strict=True)]
    counted = f"{count(found.counted, found.of)}, in {found.where}"
    what = count(found.counted, "text") if found.labels else counted
    what += f" · {found.concept or 'no concept: --concept says where to look'}"
    return report(rows, found.model, found.text, what, found.labels, found.per)


def report(
    rows: list[Row],
    model: str,
    text: str,
    what: str,
    labels: Sequence[str] = (),
    per: str = "character",
) -> Report:
    """Return the view. labels: of a model that labels texts. per: what losses are counted by."""
    columns = OF_TEXTS if labels else COLUMNS

    def show(console: Console) -> None:
        say_names(console, model, text)
        say(console, safe(what))
        console.print()
        _line(console, "ablated (held at the mean)", list(columns.values()))
        for row in rows:
            _line(console, safe(row.neurons), _figures(row.costs, columns))
            if row.like:
                _line(console, f"  {_controls(row)}, mean", _figures(row.means, columns))
                _line(console, "  their standard deviation", _figures(row.deviations, columns, ""))
            else:
                say(console, "  no matched control units: too few units vary as much")
        console.print()
        if labels:
            say(
                console, "nats per text added to the loss; on, off: texts with the concept, without"
            )
            _show_labels(console, rows, labels)
        else:
            say(
                console,
                f"nats per {per} added to the loss; on, off, at end: where the concept is",
            )
            _show_exact(console, rows)
        say(console, "a small value does not prove that a neuron is unused")

    data = {"model": model, "text": text, "concept": what}
    return Report(show, data, [_data(row, labels) for row in rows])


def _controls(row: Row) -> str:
    """Say what a row is compared with: single units, or groups of as many."""
    size = row.neurons.count(",") + 1
    if size == 1:
        return count(row.like, "matched control unit")
    return f"{count(row.like, 'matched control group')} of {size}"


def _show_labels(console: Console, rows: list[Row], labels: Sequence[str]) -> None:
    """Print how the texts of each label fare without neurons: those first that depend on them."""
    unicode = is_unicode(console.encoding)
    arrow = "→" if unicode else "->"
    window = console.width if console.is_terminal else FIGURES + LABEL
    wide = max(1, min(LABEL, max(map(cell_len, labels)), window - FIGURES))
    for row in rows:
        before, without = row.accuracy
        console.print()
        say(console, safe(f"{row.neurons}: accuracy {before:.1%} {arrow} {without:.1%}"))
        for one in row.by_label[: LABELS if len(rows) == 1 else FEWER]:
            name = fitting(labels[one.label], wide)
            share = f"{one.before:.3f} {arrow} {one.without:.3f}"
            say(console, f"  {name} {change(one.nats, 4, unicode)}  {share} {one.texts:6,}")
    console.print()
    say(
        console, "label: nats per text added; its mean probability on its texts; how many those are"
    )


def _show_exact(console: Console, rows: list[Row]) -> None:
    """Print how many answers are right without neurons, where a model writes some."""
    arrow = "→" if is_unicode(console.encoding) else "->"
    for row in (one for one in rows if one.accuracy):
        before, without = row.accuracy
        say(console, safe(f"{row.neurons}: exact answers {before:.1%} {arrow} {without:.1%}"))
    if any(row.accuracy for row in rows):
        say(console, "the loss is of known targets (teacher-forced); answers are greedy")


def _figures(
    values: dict[str, float], columns: Iterable[str] = COLUMNS, sign: str = "+"
) -> list[str]:
    """Show the value of each column, – where there is none."""
    numbers = [values[column] for column in columns]
    return ["–" if value != value else f"{value:{sign}.4f}" for value in numbers]


def _line(console: Console, name: str, cells: list[str]) -> None:
    """Print a row of the table, in two lines where the window is narrow or the name long."""
    numbers = "".join(f"{cell:>{NUMBER}}" for cell in cells)
    if console.width < NARROW or len(name) > NAME:
        say(console, name)
        name = ""
    console.print(f"{name:{NAME if console.width >= NARROW else 0}}{numbers}", soft_wrap=True)


def _data(row: Row, labels: Sequence[str]) -> dict[str, Any]:
    """Return a row with names that say what the figures are."""
    like = {
        f"like_{name}_{column}": values[column]
        for name, values in (("mean", row.means), ("deviation", row.deviations))
        for column in COLUMNS
    }
    of_labels = {
        "accuracy": row.accuracy,
        "labels": [one._asdict() | {"label": labels[one.label]} for one in row.by_label],
    }
    found = {"neurons": row.neurons} | row.costs | {"like_units": row.like} | like
    exact = {"exact": row.accuracy} if row.accuracy else {}
    return found | (of_labels if labels else exact)


def named(neurons: Sequence[Neuron]) -> str:
    """Name a group of neurons: 42 (1:42), 170 (2:42)."""
    return ", ".join(one.both_names for one in neurons)
