"""The kinds of mistakes of a network, as a table."""

import numpy as np
from rich.console import Console

from charrnn.neurons.mistakes import Mask, Mistakes
from charrnn.show import ramp
from charrnn.show.console import say
from charrnn.show.glyphs import marked, safe
from charrnn.show.report import Report
from charrnn.show.streams import is_unicode

BAR = 30  # columns
EXAMPLES = 3
BEFORE = 12


def report(found: Mistakes, text: str, model: str, name: str) -> Report:
    """Return the view of the mistakes on a text."""
    total = max(found.mistakes, 1)
    longest = max(int(mask.sum()) for mask in found.kinds.values()) or 1

    def show(console: Console) -> None:
        unicode = is_unicode(console.encoding)
        say(console, safe(f"{model} · {name}"))
        share = found.mistakes / max(found.counted, 1)
        many = f"{found.mistakes:,} of {found.counted:,} characters ({share:.1%})"
        say(console, f"{many} were given less than one half")
        say(console, "each kind is what is left by those above it")
        console.print()
        for kind, mask in found.kinds.items():
            count = int(mask.sum())
            bar = ramp.marks(unicode)[-1] * round(BAR * count / longest)
            line = f"{kind:16} {count:8,} {count / total:6.1%}  {bar}"
            say(console, line.rstrip())
            if count:
                say(console, f"{'':16} {_examples(text, mask, unicode)}")

    rows = [
        {"kind": kind, "mistakes": int(mask.sum()), "share": float(mask.sum()) / total}
        for kind, mask in found.kinds.items()
    ]
    data = {"model": model, "text": name, "characters": found.counted, "mistakes": found.mistakes}
    return Report(show, data, rows)


def _examples(text: str, mask: Mask, unicode: bool) -> str:
    places = np.flatnonzero(mask).tolist()
    step = max(1, len(places) // EXAMPLES)
    shown = []
    for place in places[step // 2 :: step][:EXAMPLES]:
        before = "".join(marked(one, unicode) for one in text[max(0, place - BEFORE) : place])
        shown.append(f"{before}[{marked(text[place], unicode)}]")
    return "  ".join(shown)
