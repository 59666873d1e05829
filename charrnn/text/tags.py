"""Tags made from plain text: what is stripped off a text, and how it is put back.

Each pair holds strip: a text → the stripped text, and a tag for each of its characters; and apply:
stripped text and tags → the text, exactly. An empty tag changes nothing.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

Stripped = tuple[str, list[str]]
APART = "|"  # in a tag: before it stands what comes before, or is part of, the character
UPPER = "upper"
OF_LETTERS = "\u0653\u0654\u0655"  # madda and hamza: with them an Arabic letter is another one
LAST_CHARACTER = 0x20000  # after which there is no punctuation
SPACES = re.compile(r"\s+")


class Pair(NamedTuple):
    """A way to make tags, see above."""

    strip: Callable[[str], Stripped]
    apply: Callable[[str, Sequence[str]], str]


def is_mark(character: str) -> bool:
    """Return whether a character is a diacritic: a mark that takes up no space."""
    return unicodedata.category(character) == "Mn" and character not in OF_LETTERS


@cache
def apart(character: str) -> tuple[str, str]:
    """Return a character without its marks, and its marks, by canonical decomposition (NFD).

    One that is not composed of just these, such as Å the unit or a Korean syllable, has none.
    """
    whole = unicodedata.normalize("NFD", character)
    base, marks = whole[0], whole[1:]
    restored = unicodedata.normalize("NFC", whole) == character
    return (base, marks) if restored and all(map(is_mark, marks)) else (character, "")


@cache
def marked(base: str, tag: str) -> str:
    """Return a character with the marks of its tag: composed with as many as it can be."""
    inner, bar, outer = tag.partition(APART)
    if bar:
        return unicodedata.normalize("NFC", base + inner) + outer
    for stop in range(len(tag), 0, -1):
        composed = unicodedata.normalize("NFC", base + tag[:stop])
        if len(composed) == 1 and apart(composed) == (base, tag[:stop]):
            return composed + tag[stop:]
    return base + tag


def strip_diacritics(text: str) -> Stripped:
    """Take the marks off; a tag is the marks of a character, in their order.

    Marks that could be composed with their letter, but are not, stand after `APART`.
    """
    stripped: list[str] = []
    inner: list[str] = []
    outer: list[str] = []
    for character in text:
        if stripped and is_mark(character):
            outer[-1] += character
            continue
        base, marks = apart(character)
        stripped.append(base)
        inner.append(marks)
        outer.append("")
    tags = []
    for base, composed, rest in zip(stripped, inner, outer, strict=True):
        wanted = (unicodedata.normalize("NFC", base + composed) if composed else base) + rest
        plain = marked(base, composed + rest) == wanted
        tags.append(composed + rest if plain else composed + APART + rest)
    return "".join(stripped), tags


def apply_diacritics(stripped: str, tags: Sequence[str]) -> str:
    """Put the marks back."""
    return "".join(map(marked, stripped, tags))


def strip_case(text: str) -> Stripped:
    """Write capitals small; the tag of one is `UPPER`. What has no single small letter stays."""
    small = [one.lower() if one.lower().upper() == one else one for one in text]
    small = [new if len(new) == 1 else old for new, old in zip(small, text, strict=True)]
    return "".join(small), [UPPER * (new != old) for new, old in zip(small, text, strict=True)]


def apply_case(stripped: str, tags: Sequence[str]) -> str:
    """Write capitals again."""
    return "".join(
        one.upper() if tag and len(one.upper()) == 1 else one
        for one, tag in zip(stripped, tags, strict=True)
    )


def _cut_out(text: str, pattern: re.Pattern[str]) -> Stripped:
    """Take out what matches; it is the tag of the character before it.

    What comes before the first character stands before `APART` in its tag. A text that would be
    left empty stays as it is.
    """
    found = list(pattern.finditer(text))
    stripped = pattern.sub("", text)
    if not stripped:
        return text, [""] * len(text)
    tags = [""] * len(stripped)
    taken = 0
    for match in found:
        place = match.start() - taken - 1
        tags[max(0, place)] += match.group() + APART * (place < 0)
        taken += len(match.group())
    return stripped, tags


def _put_back(stripped: str, tags: Sequence[str]) -> str:
    """Write each tag after its character."""
    parts = []
    for character, tag in zip(stripped, tags, strict=True):
        before, _, after = tag.rpartition(APART)
        parts.append(before + character + after)
    return "".join(parts)


def strip_spaces(text: str) -> Stripped:
    """Take white space out; a tag is what follows a character."""
    return _cut_out(text, SPACES)


def strip_punctuation(text: str) -> Stripped:
    """Take punctuation out; a tag is what follows a character."""
    return _cut_out(text, _punctuation())


@cache
def _punctuation() -> re.Pattern[str]:
    """Return what matches punctuation: characters of Unicode's categories P….

    White space before it goes with it where other white space, or nothing, comes after it.
    """
    all_of_them = map(chr, range(LAST_CHARACTER))
    found = "".join(one for one in all_of_them if unicodedata.category(one)[0] == "P")
    marks = f"[{re.escape(found)}]+"
    return re.compile(rf"(?:\s+{marks})+(?=\s|\Z)|{marks}")


PAIRS = {
    "diacritics": Pair(strip_diacritics, apply_diacritics),
    "case": Pair(strip_case, apply_case),
    "spaces": Pair(strip_spaces, _put_back),
    "punctuation": Pair(strip_punctuation, _put_back),
}
