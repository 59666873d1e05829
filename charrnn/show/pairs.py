"""How good the texts are that a model writes for texts."""

from rich.console import Console

from charrnn.sampling.answering import Answered
from charrnn.show.console import say, say_names
from charrnn.show.glyphs import running
from charrnn.show.report import Report
from charrnn.show.stdio import is_unicode
from charrnn.show.units import count

WORST = 10  # answers that are listed


def report(found: Answered) -> Report:
    """Return the view of a model's answers; its table has a row a source."""
    rows = [
        {
            "source": source,
            "answer": answer,
            "references": list(right),
            "exact": exact,
            "edits": edits,
            "length": length,
        }
        for source, answer, right, exact, edits, length in zip(
            found.sources,
            found.hypotheses,
            found.references,
            found.exact.tolist(),
            found.edits.tolist(),
            found.lengths.tolist(),
            strict=True,
        )
    ]
    decoding = f"beam of {found.beam}" if found.beam > 1 else "greedy"

    def show(console: Console) -> None:
        unicode = is_unicode(console.encoding)
        sources = count(len(found.sources), "source")
        for name, value in found.measures.items():
            line = f"{name.replace('_', ' ')} {value:.2%}"
            if between := found.intervals.get(name):
                line += f" (95% {between[0]:.2%} to {between[1]:.2%})"
            say(console, line + f" of {sources}" * (name == "exact"))
        say(console, f"decoded by {decoding}, a source's nearest reference counts")
        say_names(console, found.model, found.text)
        worst = sorted((row for row in rows if row["edits"]), key=lambda row: -row["edits"])
        if worst:
            console.print()
            say(console, "the most edits: source → answer | right")
        for row in worst[:WORST]:
            line = f"{row['source']} → {row['answer']} | {' | '.join(row['references'])}"
            say(console, f"{row['edits']:3,}  " + "".join(running(one, unicode) for one in line))

    data = {
        "text": found.text,
        "decoding": decoding,
        "sources": len(found.sources),
        **found.measures,
        "intervals": found.intervals,
        "edits": int(found.edits.sum()),
        "reference_symbols": int(found.lengths.sum()),
    }
    return Report(show, data, rows)
