"""How well texts are labelled: a row a label, and which were taken for which."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console

from charrnn.generative import Generated
from charrnn.measures import Measures
from charrnn.show.console import say, say_names
from charrnn.show.glyphs import safe
from charrnn.show.report import Report
from charrnn.show.units import count

WIDTH, NAME = 80, 20  # columns: of all, of a label at most
GAP = 1  # columns between two counts


def report(found: Measures, labels: Sequence[str], model: str, text: str) -> Report:
    """Return the view of a model's measures on labelled texts; its table has a row a label."""
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

    def show(console: Console) -> None:
        say(
            console,
            f"accuracy {found.accuracy:.1%} · macro-F1 {found.macro_f1:.3f} · log loss "
            f"{found.log_loss:.3f} nats per text · {count(texts, 'text')}",
        )
        say_names(console, model, text)
        console.print()
        wide = min(NAME, max(map(cell_len, [*labels, "label"])))
        say(console, f"{'label':{wide}}   texts  precision  recall     F1")
        for row in rows:
            name = fitting(row["label"], wide)
            shares = f"{row['precision']:9.1%}  {row['recall']:6.1%}  {row['f1']:5.3f}"
            say(console, f"{name}  {row['texts']:6,}  {shares}")
        console.print()
        _show_confusion(console, found, labels, wide)

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
    table = report(found.measures, found.labels, found.model, found.text)

    def show(console: Console) -> None:
        gain = found.nats_without - found.nats
        say(console, f"with its label     {found.nats:.4f} nats per character")
        say(console, f"without it         {found.nats_without:.4f} ({gain:+.4f})")
        say(console, f"on {count(found.characters, 'character')}, each text's end among them")
        console.print()
        say(console, "by Bayes, the label under which a text is the likeliest:")
        table.show(console)

    figures = {
        "characters": found.characters,
        "nats": found.nats,
        "nats_without_label": found.nats_without,
    }
    return Report(show, table.data | figures, table.rows)


def fitting(label: str, width: int) -> str:
    """Return a label in so many columns, cut short if it must be."""
    shown = safe(label)
    while cell_len(shown) > width:
        shown = shown[:-2] + "…"
    return shown + " " * (width - cell_len(shown))


def _show_confusion(console: Console, found: Measures, labels: Sequence[str], wide: int) -> None:
    """Print the confusion matrix, in as many parts as the width needs."""
    say(console, "down: the label that a text has; across, by number: the label that it got")
    numbers = len(str(len(labels)))
    cell = max(numbers, len(f"{found.confusion.max():,}")) + GAP
    room = (console.width if console.is_terminal else WIDTH) - numbers - 1 - wide
    together = max(1, room // cell)
    for first in range(0, len(labels), together):
        columns = range(first, min(first + together, len(labels)))
        heads = "".join(f"{column + 1:>{cell}}" for column in columns)
        say(console, " " * (numbers + 1 + wide) + heads)
        for row, label in enumerate(labels):
            counts = [int(found.confusion[row, column]) for column in columns]
            shown = "".join(f"{f'{one:,}' if one else '·':>{cell}}" for one in counts)
            say(console, f"{row + 1:>{numbers}} {fitting(label, wide)}{shown}")
