"""The character of an alphabet that looks most like one that it lacks."""

import unicodedata

ALIKE = [  # a character of each, in order of preference
    "'‘’‚‛`´ʼ′",
    '"“”„‟«»″',
    "-‐‑‒–—―−",
    " \u00a0\u2002\u2003\u2009\u202f\u3000\t\n",
    "….",
]


def nearest(character: str, alphabet: str) -> str:
    """Return the nearest character of a non-empty alphabet, sorted by code point.

    Tried in turn: a quotation mark, dash or space of another kind; the letter without its accents
    or its width; the other case; the closest code point of the same kind (letter, digit, …), and
    of any.
    """
    for candidate in _alike(character):
        if candidate in alphabet:
            return candidate
    kind = unicodedata.category(character)[0]
    same = [one for one in alphabet if unicodedata.category(one)[0] == kind]
    return min(same or alphabet, key=lambda one: abs(ord(one) - ord(character)))


def _alike(character: str) -> list[str]:
    group = next((group for group in ALIKE if character in group), "")
    base = unicodedata.normalize("NFKD", character)[:1]
    return [*group, base, character.swapcase(), base.swapcase()]
