"""Which labels are taken for which, with the worst texts, as a table."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from charrnn.neurons.mislabelled import Mislabelled, Mistake
from charrnn.show.console import say, say_names
from charrnn.show.glyphs import GAP, marked, safe
from charrnn.show.labels import NAME, fitting
from charrnn.show.report import Report
from charrnn.show.stdio import is_unicode

PAIRS, TALL = 12, 40  # pairs that are shown, twice as many in a window of so many lines
EXAMPLES, LONGEST = 3, 24  # texts of a pair; columns of one
WIDTH, NARROW = 80, 60  # columns, below which examples have a line of their own


def report(found: Mislabelled) -> Report:
    """Return the view; its table has a row for each text that is labelled wrong."""
    labels = found.labels
    total, wrong, pairs = sum(found.texts), len(found.mistakes), found.pairs

    def show(console: Console) -> None:
        say(console, f"mistakes: {wrong:,} of {total:,} texts ({wrong / max(total, 1):.1%})")
        say_names(console, found.model, found.text)
        console.print()
        wide = min(NAME, max(map(cell_len, labels)))
        arrow = "→" if is_unicode(console.encoding) else "->"
        most = PAIRS * (2 if console.is_terminal and console.height >= TALL else 1)
        for label, got, some in pairs[:most]:
            share = f"{len(some):5,} {len(some) / found.texts[label]:6.1%}"
            line = f"{fitting(labels[label], wide)} {arrow} {fitting(labels[got], wide)} {share}"
            _say_pair(console, line, some)
        console.print()
        if pairs[most:]:
            rest = sum(len(some) for *_, some in pairs[most:])
            say(console, f"{rest:,} more in {len(pairs) - most:,} other pairs")
        say(console, f"a label {arrow} the label that its texts got: how many, their share of it;")
        say(console, "the texts of the largest loss, with the probability of their own label")

    rows = [
        one._asdict() | {"label": labels[one.label], "got": labels[one.got]}
        for one in found.mistakes
    ]
    taken = [
        {"label": labels[label], "got": labels[got], "texts": len(some), "of": found.texts[label]}
        for label, got, some in pairs
    ]
    names = {"model": found.model, "text": found.text}
    data = {"texts": total, "mistakes": wrong, "pairs": taken}
    return Report(show, names | data, rows)


def _say_pair(console: Console, line: str, some: Sequence[Mistake]) -> None:
    """Print a pair and as many of its texts as the width holds."""
    width = console.width if console.is_terminal else WIDTH
    apart = width < NARROW
    unicode = is_unicode(console.encoding)
    examples = ""
    for one in some[:EXAMPLES]:
        shown = Text("".join(marked(character, unicode) for character in one.text[:LONGEST]))
        shown.truncate(LONGEST, overflow="ellipsis" if unicode else "crop")
        longer = f"{examples}{GAP if examples else ''}{shown.plain} {one.probability:.2g}"
        fits = cell_len(longer) <= width - (2 if apart else cell_len(line) + 2)
        examples = longer if fits else examples
    say(console, safe(line) if apart else f"{line}  {examples}".rstrip())
    if apart and examples:
        say(console, f"  {examples}")
