"""The kinds of mistakes of a network, as a table."""

import numpy as np
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from charrnn.neurons.mistakes import Mask, Mistakes
from charrnn.show.console import say, say_names
from charrnn.show.glyphs import GAP, from_word, marked
from charrnn.show.heatmap import say_legend
from charrnn.show.report import Report
from charrnn.show.stdio import is_unicode

BAR, NUMBERS, WIDTH = 6, 34, 80  # columns: of the longest bar, left of it, of all
NARROW = 60  # columns, below which examples have a line of their own
EXAMPLES = 3
BEFORE = 20  # characters shown before one


def report(found: Mistakes, text: str, model: str, name: str) -> Report:
    """Return the view of the mistakes on a text."""
    total = max(found.mistakes, 1)
    longest = max(int(mask.sum()) for mask in found.kinds.values()) or 1

    def show(console: Console) -> None:
        unicode = is_unicode(console.encoding)
        share = found.mistakes / max(found.counted, 1)
        say(console, f"mistakes: {found.mistakes:,} of {found.counted:,} characters ({share:.1%})")
        say_names(console, model, name)
        console.print()
        width = console.width if console.is_terminal else WIDTH
        for kind, mask in found.kinds.items():
            count = int(mask.sum())
            bar = ("▇" if unicode else "#") * round(BAR * count / longest)
            line = f"{kind:16} {count:7,} {count / total:6.1%}  {bar:{BAR}}  "
            apart = "" if width >= NARROW else "\n  "
            examples = _examples(text, mask, unicode, width - (2 if apart else len(line)))
            line = line.rstrip() if apart or not examples else line
            say(console, line + apart * bool(examples) + examples)
        console.print()
        say(console, "mistake, in brackets: the true character had a probability below one half")
        say_legend(console, Text("each counts once, in the first row that fits it"), text)

    rows = [
        {"kind": kind, "mistakes": int(mask.sum()), "share": float(mask.sum()) / total}
        for kind, mask in found.kinds.items()
    ]
    data = {"model": model, "text": name, "characters": found.counted, "mistakes": found.mistakes}
    return Report(show, data, rows)


def _examples(text: str, mask: Mask, unicode: bool, width: int) -> str:
    """Return mistakes in brackets after what comes before them, as many as the width holds."""
    places = np.flatnonzero(mask).tolist()
    step = max(1, len(places) // EXAMPLES)
    line = ""
    for place in places[step // 2 :: step][:EXAMPLES]:
        start = from_word(text, max(0, place - BEFORE), place)
        before = "".join(marked(one, unicode) for one in text[start:place])
        longer = f"{line}{GAP if line else ''}{before}[{marked(text[place], unicode)}]"
        line = longer if cell_len(longer) <= width else line
    return line
