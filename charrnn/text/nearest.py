"""What a person would type for a character that an alphabet lacks."""

import unicodedata
from collections.abc import Callable

ALIKE = [  # a character of each, in order of preference
    "'‘’‚‛`´ʼ′",
    '"“”„‟«»″',
    "-‐‑‒–—―−",
    " \u00a0\u2002\u2003\u2009\u202f\u3000\t",
    "/⁄∕",
]
FOLDED = {  # letters that Unicode does not take apart
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O",
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th",
    "ħ": "h", "Ħ": "H", "ŧ": "t", "Ŧ": "T", "ı": "i", "ĸ": "k", "ŋ": "ng", "Ŋ": "NG",
    "ƒ": "f", "ɨ": "i", "ʉ": "u", "ƀ": "b", "ɓ": "b", "ɗ": "d",
}  # fmt: skip
LEFT_OUT = ("M", "C")  # categories: marks, controls and format characters


def nearest(character: str, knows: Callable[[str], bool]) -> str:
    """Return the characters to write for one that an alphabet lacks; perhaps none.

    knows: whether the alphabet has a character.

    Tried in turn: a quotation mark, dash or space of another kind; the letters without accents,
    strokes and ligatures; the other case. What has nothing like it is left out.
    """
    spelled = _spelled(character)
    candidates: list[str] = [*_alike(character), spelled]
    for candidate in (*candidates, character.swapcase(), spelled.swapcase()):
        if candidate and all(map(knows, candidate)):
            return candidate
    return ""


def _alike(character: str) -> str:
    for group in ALIKE:
        if character in group:
            return group
    return ""


def _spelled(character: str) -> str:
    """Return a character taken apart, without its marks: é is e, ﬁ is fi, … is three dots."""
    parts = FOLDED.get(character) or unicodedata.normalize("NFKD", character)
    kept = (part for part in parts if not unicodedata.category(part).startswith(LEFT_OUT))
    spelled: list[str] = [FOLDED.get(part, _alike(part)[:1] or part) for part in kept]
    return "".join(spelled)
