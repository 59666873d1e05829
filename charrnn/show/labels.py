"""How well texts are labelled: a row a label, the worst first, and which were taken for which."""

from collections.abc import Callable, Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Console

from charrnn.generative import Generated
from charrnn.intervals import Tallies
from charrnn.labelling import Labelled
from charrnn.measures import Measures
from charrnn.show.console import say, say_names
from charrnn.show.glyphs import safe
from charrnn.show.report import Report
from charrnn.show.units import count

WIDTH, NAME = 80, 20  # columns: of all, of a label at most
FIGURES = 22  # columns of the figures of a label in a narrow window
GAP = 1  # columns between two counts
FEWEST = 4  # lines of the table, in however small a window
VERSION = 2  # of JSON with intervals

Format = Callable[[float], str]


def in_percent(value: float) -> str:
    """Return a share as it is shown."""
    return f"{value:.1%}"


def to_three(value: float) -> str:
    """Return a score as it is shown."""
    return f"{value:.3f}"


def to_four(value: float) -> str:
    """Return a loss as it is shown."""
    return f"{value:.4f}"


def measure(tallies: Tallies, name: str, shown: Format) -> str:
    """Return a measure with its interval: 83.0% (95% 81.2–84.7)."""
    value = shown(tallies.values[name])
    if name not in tallies.intervals:
        return value
    low, high = map(shown, tallies.intervals[name])
    return f"{value} (95% {low.removesuffix('%')}–{high.removesuffix('%')})"


def report(found: Labelled | Generated, above: Sequence[str] = ()) -> Report:
    """Return the view of a model's measures on labelled texts; its table has a row a label.

    above: lines that stand first. A window holds the labels of the lowest F1, and the confusion
    matrix if it fits; anything else holds all.
    """
    labels, tallies, measures = found.labels, found.tallies, found.measures
    texts = int(measures.confusion.sum())
    rows = [
        {"label": label, "texts": int(have), "precision": precision, "recall": recall, "f1": f1}
        for label, have, precision, recall, f1 in zip(
            labels,
            measures.confusion.sum(axis=1),
            measures.precision.tolist(),
            measures.recall.tolist(),
            measures.f1.tolist(),
            strict=True,
        )
    ]
    head = [
        *above,
        f"accuracy {measure(tallies, 'accuracy', in_percent)}",
        f"macro-F1 {measure(tallies, 'macro_f1', to_three)}",
        f"log loss {measure(tallies, 'log_loss', to_three)} nats per text",
        f"{count(texts, 'text')}, which a bootstrap draws for the intervals",
    ]

    def show(console: Console) -> None:
        for line in head:
            say(console, line)
        say_names(console, found.model, found.text)
        console.print()
        table = _table(console, measures, rows)
        matrix = _confusion(console, measures, labels)
        left = _left(console, [*head, f"{found.model} · {found.text}", ""])
        if left is not None and len(table) + len(matrix) > left:
            most = max(FEWEST, left - 1)
            more = f"{count(len(table) - most, 'more label')}, " * (len(table) > most)
            table, matrix = table[:most], [f"{more}confusion matrix: --json"]
        for line in table + matrix:
            say(console, line)

    data = {
        "version": VERSION,
        "text": found.text,
        "texts": texts,
        "accuracy": measures.accuracy,
        "macro_f1": measures.macro_f1,
        "log_loss": measures.log_loss,
        "intervals": found.intervals,
        "labels": list(labels),
        "confusion": measures.confusion.tolist(),
    }
    return Report(show, data, rows)


def report_of(found: Generated) -> Report:
    """Return the view of a model that writes texts for labels: their loss, then the same table."""
    above = [
        f"{name:15} {measure(found.tallies, key, to_four)}"
        for name, key in (
            ("with its label", "nats"),
            ("without it", "nats_without_label"),
            ("the difference", "gain"),
        )
    ]
    of = count(found.characters, "character")
    above += [
        f"nats per character, of {of}, each text's end among them",
        "",
        "by Bayes, the label under which a text is the likeliest:",
    ]
    table = report(found, above)
    figures = {
        "characters": found.characters,
        "nats": found.nats,
        "nats_without_label": found.nats_without,
    }
    return Report(table.show, table.data | figures, table.rows)


def fitting(label: str, width: int) -> str:
    """Return a label in so many columns, cut short if it must be."""
    shown = safe(label)
    while cell_len(shown) > width:
        shown = shown[:-2] + "…"
    return shown + " " * (width - cell_len(shown))


def _left(console: Console, beside: Sequence[str]) -> int | None:
    """Return how many lines a window has left beside others, of which each wraps, if it is one."""
    if not console.is_terminal:
        return None
    taken = sum(max(1, -(-cell_len(line) // console.width)) for line in beside)
    return console.height - 1 - taken


def _table(console: Console, found: Measures, rows: Sequence[dict[str, Any]]) -> list[str]:
    """Return a header and a line a label, the lowest F1 first; those without a text come last."""
    width = console.width if console.is_terminal else WIDTH
    wide = min(
        NAME, width - FIGURES, max(cell_len(row["label"]) for row in [*rows, {"label": "label"}])
    )
    narrow = width < wide + FIGURES + 10 + 2 + wide + 6
    lines = [f"{'label':{wide}}   texts" + "  precision" * (not narrow) + "  recall     F1"]
    lines[0] += "  most often taken for" * (not narrow)
    for place in sorted(
        range(len(rows)), key=lambda one: (not rows[one]["texts"], rows[one]["f1"])
    ):
        row = rows[place]
        line = f"{fitting(row['label'], wide)}  {row['texts']:6,}"
        line += f"  {row['precision']:9.1%}" * (not narrow)
        line += f"  {row['recall']:6.1%}  {row['f1']:5.3f}"
        lines.append(line + ("" if narrow else _taken_for(found, rows, place, wide)))
    return lines


def _taken_for(found: Measures, rows: Sequence[dict[str, Any]], place: int, wide: int) -> str:
    """Return the label that most of a label's texts got instead of it, and their share."""
    got = found.confusion[place].copy()
    got[place] = 0
    if not got.any():
        return ""
    other = int(got.argmax())
    return f"  {fitting(rows[other]['label'], wide)} {got[other] / rows[place]['texts']:4.0%}"


def _confusion(console: Console, found: Measures, labels: Sequence[str]) -> list[str]:
    """Return the lines of the confusion matrix, in as many parts as the width needs."""
    lines = ["", "down: the label that a text has; across, by number: the label that it got"]
    numbers = len(str(len(labels)))
    cell = max(numbers, len(f"{found.confusion.max():,}")) + GAP
    width = console.width if console.is_terminal else WIDTH
    wide = min(NAME, max(map(cell_len, labels)), width - numbers - 1 - cell)
    together = max(1, (width - numbers - 1 - wide) // cell)
    for first in range(0, len(labels), together):
        columns = range(first, min(first + together, len(labels)))
        heads = "".join(f"{column + 1:>{cell}}" for column in columns)
        lines.append(" " * (numbers + 1 + wide) + heads)
        for row, label in enumerate(labels):
            counts = [int(found.confusion[row, column]) for column in columns]
            shown = "".join(f"{f'{one:,}' if one else '·':>{cell}}" for one in counts)
            lines.append(f"{row + 1:>{numbers}} {fitting(label, wide)}{shown}")
    return lines
