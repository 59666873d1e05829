"""Two models scored on the same texts: each measure of both, and the difference."""

from rich.console import Console

from charrnn.neurons.paired import Measured, PairedScores
from charrnn.show.console import is_picture, say, say_names, without_folders
from charrnn.show.glyphs import safe
from charrnn.show.labels import VERSION
from charrnn.show.report import Report
from charrnn.show.stdio import is_unicode
from charrnn.show.units import change, count

NAMES = {  # of the measures, and by what they are shown: decimals, and whether as a percentage
    "accuracy": ("accuracy", 1, True),
    "macro_f1": ("macro-F1", 3, False),
    "log_loss": ("log loss", 3, False),
    "tag_accuracy": ("tags right", 2, True),
    "word_accuracy": ("words right", 1, True),
    "diacritic_error_rate": ("wrong marks", 2, True),
    "span_f1": ("span F1", 3, False),
    "nats": ("nats", 4, False),
    "nats_without_label": ("without label", 4, False),
    "gain": ("gain", 4, False),
}


def report(found: PairedScores) -> Report:
    """Return the view; its table has a row a measure."""

    def show(console: Console) -> None:
        unicode = is_unicode(console.encoding)
        first, _, rest = found.drawn.partition(" ")
        drawn = f"{count(found.texts, first)} {rest}".rstrip()
        say_names(console, "two models", f"{found.text}, {drawn}")
        for letter, model in zip("AB", found.models, strict=True):
            name = without_folders(model) if is_picture(console) else model
            say(console, safe(f"{letter}  {name}"))
        console.print()
        say(console, f"{'':13} {'A':>8} {'B':>8} {'A less B':>9}  95%")
        for one in found.measures:
            say(console, _line(one, unicode))
        console.print()
        say(console, f"95%: of the difference; each {found.drawn} is drawn for both models")

    rows = [
        {
            "measure": one.name,
            "a": one.a,
            "b": one.b,
            "difference": one.difference,
            "interval": list(one.interval) if one.interval else None,
            "verdict": one.verdict,
        }
        for one in found.measures
    ]
    data = {
        "version": VERSION,
        "text": found.text,
        "drawn": found.drawn,
        "texts": found.texts,
    }
    return Report(show, data, rows)


def _line(one: Measured, unicode: bool) -> str:
    """Return the line of a measure."""
    name, digits, share = NAMES.get(one.name, (one.name, 3, False))
    scale, unit = (100, "%") if share else (1, "")

    def difference(value: float) -> str:
        return change(scale * value, digits, unicode)

    a, b = (f"{scale * value:.{digits}f}{unit}" for value in (one.a, one.b))
    line = f"{name:13} {a:>8} {b:>8} {difference(one.difference):>9}"
    if one.interval:
        low, high = map(difference, one.interval)
        line += f"  {low + ' to ' + high:18} {one.verdict}"
    return line
