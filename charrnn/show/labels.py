"""How well texts are labelled: a row a label, the worst first, and which were taken for which."""

from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Console

from charrnn.generative import Generated
from charrnn.measures import Measures
from charrnn.show.console import say, say_names
from charrnn.show.glyphs import safe
from charrnn.show.report import Report
from charrnn.show.units import count

WIDTH, NAME = 80, 20  # columns: of all, of a label at most
FIGURES = 22  # columns of the figures of a label in a narrow window
GAP = 1  # columns between two counts
FEWEST = 4  # lines of the table, in however small a window


def report(
    found: Measures, labels: Sequence[str], model: str, text: str, above: Sequence[str] = ()
) -> Report:
    """Return the view of a model's measures on labelled texts; its table has a row a label.

    above: lines that stand first. A window holds the labels of the lowest F1, and the confusion
    matrix if it fits; anything else holds all.
    """
    texts = int(found.confusion.sum())
    rows = [
        {"label": label, "texts": int(have), "precision": precision, "recall": recall, "f1": f1}
        for label, have, precision, recall, f1 in zip(
            labels,
            found.confusion.sum(axis=1),
            found.precision.tolist(),
            found.recall.tolist(),
            found.f1.tolist(),
            strict=True,
        )
    ]
    head = [
        *above,
        f"accuracy {found.accuracy:.1%} · macro-F1 {found.macro_f1:.3f} · log loss "
        f"{found.log_loss:.3f} nats per text · {count(texts, 'text')}",
    ]

    def show(console: Console) -> None:
        for line in head:
            say(console, line)
        say_names(console, model, text)
        console.print()
        table = _table(console, found, rows)
        matrix = _confusion(console, found, labels)
        left = _left(console, [*head, f"{model} · {text}", ""])
        if left is not None and len(table) + len(matrix) > left:
            most = max(FEWEST, left - 1)
            more = f"{count(len(table) - most, 'more label')}, " * (len(table) > most)
            table, matrix = table[:most], [f"{more}confusion matrix: --json"]
        for line in table + matrix:
            say(console, line)

    data = {
        "text": text,
        "texts": texts,
        "accuracy": found.accuracy,
        "macro_f1": found.macro_f1,
        "log_loss": found.log_loss,
        "labels": list(labels),
        "confusion": found.confusion.tolist(),
    }
    return Report(show, data, rows)


def report_of(found: Generated) -> Report:
    """Return the view of a model that writes texts for labels: their loss, then the same table."""
    gain = found.nats_without - found.nats
    above = [
        f"with its label     {found.nats:.4f} nats per character",
        f"without it         {found.nats_without:.4f} ({gain:+.4f})",
        f"on {count(found.characters, 'character')}, each text's end among them",
        "",
        "by Bayes, the label under which a text is the likeliest:",
    ]
    table = report(found.measures, found.labels, found.model, found.text, above)
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
