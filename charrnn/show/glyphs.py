"""Characters as a terminal may show them: a model's text never reaches one raw."""

import itertools
import unicodedata

HIDDEN_CATEGORIES = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
WHITE = {" ": "space", "\n": "line end", "\t": "tab", "\x1e": "between texts"}
GAP = "   "  # between the parts of a legend
JOINERS = "\u200c\u200d"  # Persian, Indic scripts and emoji need them; they move nothing


def visible(character: str, unicode: bool = True) -> str:
    """Return a character that is safe to print: itself, or a glyph for what has none.

    Controls become their pictures (␛), other invisible ones their number (‹202E›).
    unicode: whether the terminal shows more than ASCII.
    """
    code = ord(character)
    if unicode and code < 0x20:
        return chr(0x2400 + code)
    if unicode and code == 0x7F:
        return "␡"
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is part of no character
        return f"‹{code & 0xFF:02X}›" if unicode else f"<{code & 0xFF:02X}>"
    if unicode and unicodedata.category(character) in HIDDEN_CATEGORIES:
        return f"‹{code:04X}›"
    if not unicode and not (character.isascii() and character.isprintable()):
        return f"<{code:02X}>"
    return character


def safe(text: str) -> str:
    """Return a line that may hold anybody's text, such as a file's name, safe to print."""
    return "".join(map(visible, text))


def running(character: str, unicode: bool = True) -> str:
    """Return a character of running text: line ends and tabs as they are, the rest visible."""
    if character in "\n\t" or (unicode and character in JOINERS):
        return character
    return visible(character, unicode)


def marked(character: str, unicode: bool = True) -> str:
    """Return a character of a drawing, where white space must be seen as well."""
    if unicode:
        return {" ": "·", "\n": "⏎", "\t": "→"}.get(character) or visible(character)
    return {"\n": "\\n", "\t": "\\t"}.get(character) or visible(character, unicode=False)


def key(text: str, unicode: bool = True) -> str:
    """Say what the marks of a text's white space are: · space   ⏎ line end   → tab."""
    marks = {marked(one, unicode): name for one, name in WHITE.items() if one in text}
    return GAP.join(f"{mark} {name}" for mark, name in marks.items() if mark != " ")


def from_word(text: str, start: int, stop: int) -> int:
    """Return the first place from `start` on, before `stop`, where a word begins.

    Where none does, that of the first white space; `start` where there is none.
    """
    places = range(start, stop)
    begins = (at for at in places if not text[at].isspace() and text[at - 1 : at].isspace())
    spaces = (at for at in places if text[at].isspace())
    return start if start == 0 else next(itertools.chain(begins, spaces), start)
