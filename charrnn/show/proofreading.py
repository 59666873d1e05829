"""The characters of a text that both sides find unlikely, in the lines where they stand."""

from rich.cells import cell_len
from rich.console import Console

from charrnn.neurons.proofreading import Proofread, Suspect
from charrnn.show.console import say, say_names
from charrnn.show.glyphs import from_word, marked
from charrnn.show.report import Report
from charrnn.show.stdio import is_unicode
from charrnn.show.units import loss

WIDTH = 80  # columns, where no window limits them
AROUND = 24  # characters before and after one, at most
REST = 20  # columns of a line beside its place and its excerpt


def report(found: Proofread) -> Report:
    """Return the view; its table has a row for each character, the worst first."""

    def show(console: Console) -> None:
        say(console, f"characters that both sides find unlikely · loss {loss(found.nats)}")
        say_names(console, found.model, found.text)
        console.print()
        for line in lines(console, found):
            say(console, line)
        if not found.found:
            say(console, "none: at each place the likeliest character stands")
            return
        console.print()
        mark = "×" if is_unicode(console.encoding) else "x"
        say(console, "line:column, the character [in its place], what is likelier there;")
        say(console, f"{mark}N: of a word that the text has N times, listed once")

    rows = [
        one._asdict() | {"excerpt": "".join(_excerpt(found.characters, one.place, AROUND))}
        for one in found.found
    ]
    return Report(show, {"text": found.text, "model": found.model, "nats": found.nats}, rows)


def lines(console: Console, found: Proofread) -> list[str]:
    """Return a line for each character: its place, an excerpt, what is likelier there."""
    unicode = is_unicode(console.encoding)
    places = [f"{one.line:,}:{one.column}" for one in found.found]
    wide = max(map(len, places), default=0)
    width = console.width if console.is_terminal else WIDTH
    around = max(2, min(AROUND, (width - wide - REST) // 2))
    return [
        f"{place:>{wide}}  {_shown(found.characters, one, around, unicode)}"
        for place, one in zip(places, found.found, strict=True)
    ]


def _shown(text: str, one: Suspect, around: int, unicode: bool) -> str:
    """Return a character in its excerpt, what is likelier, and how often its word stands there."""
    before, here, after = (
        "".join(marked(character, unicode) for character in part)
        for part in _excerpt(text, one.place, around)
    )
    excerpt = f"{' ' * max(0, around - cell_len(before))}{before}[{here}]{after}"
    excerpt += " " * max(0, 2 * around + 3 - cell_len(excerpt))
    times = f" ×{one.times:,}" if unicode else f" x{one.times:,}"
    likelier = marked(one.likelier, unicode)
    return f"{excerpt}  {likelier} {one.probability:4.0%}{times * (one.times > 1)}"


def _excerpt(text: str, place: int, around: int) -> tuple[str, str, str]:
    """Return what is before a character, itself, and what is after it, words whole before it."""
    start = from_word(text, max(0, place - around), place)
    return text[start:place], text[place], text[place + 1 : place + 1 + around]
