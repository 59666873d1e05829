"""How well texts are labelled: a row a label, and which were taken for which."""

from collections.abc import Callable, Sequence

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
GAP = 1  # columns between two counts
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


def report(found: Labelled | Generated) -> Report:
    """Return the view of a model's measures on labelled texts; its table has a row a label."""
    labels, tallies, text = found.labels, found.tallies, found.text
    measures = found.measures
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

    def show(console: Console) -> None:
        say(console, f"accuracy {measure(tallies, 'accuracy', in_percent)}")
        say(console, f"macro-F1 {measure(tallies, 'macro_f1', to_three)}")
        say(console, f"log loss {measure(tallies, 'log_loss', to_three)} nats per text")
        say(console, f"{count(texts, 'text')}, which a bootstrap draws for the intervals")
        say_names(console, found.model, text)
        console.print()
        wide = min(NAME, max(map(cell_len, [*labels, "label"])))
        say(console, f"{'label':{wide}}   texts  precision  recall     F1")
        for row in rows:
            name = fitting(row["label"], wide)
            shares = f"{row['precision']:9.1%}  {row['recall']:6.1%}  {row['f1']:5.3f}"
            say(console, f"{name}  {row['texts']:6,}  {shares}")
        console.print()
        _show_confusion(console, measures, labels, wide)

    data = {
        "version": VERSION,
        "text": text,
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
    table, tallies = report(found), found.tallies

    def show(console: Console) -> None:
        for name, key in (
            ("with its label", "nats"),
            ("without it", "nats_without_label"),
            ("the difference", "gain"),
        ):
            say(console, f"{name:15} {measure(tallies, key, to_four)}")
        of = count(found.characters, "character")
        say(console, f"nats per character, of {of}, each text's end among them")
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
