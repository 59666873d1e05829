"""What a neuron may stand for: functions from a text to a label for each of its characters.

A concept *tracks* what has been read (its label at t depends on the characters up to t),
*anticipates* the next character, or is *lexical*: decided by the last character or two alone.
A detector takes a piece of text and its state, None before the first piece, and returns the
labels and the state for the next piece, so that a text of any length can be read in pieces.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from charrnn import files
from charrnn.errors import UsageError, near

Labels = npt.NDArray[np.float64]
Detector = Callable[[str, Any], tuple[list[Any], Any]]
Kind = Literal["tracks", "anticipates", "lexical"]

CLOSERS = {")": "(", "]": "[", "}": "{"}
TAB = 8
URL = re.compile(r"https?://|www\.")
LONGEST_PREFIX = len("https://")
LARGEST = 1_000_000_000  # bytes of a file of labels


@dataclass(frozen=True)
class Concept:
    """A name, what kind it is, and its detector. graded: its labels are numbers, not yes or no.

    resolved_by: which character ends the state: "closing" is where a label goes off, "newline" a
    line end; "" for none. given: its labels come from a file and not from the detector.
    """

    name: str
    kind: Kind
    detector: Detector
    meaning: str
    graded: bool = False
    resolved_by: str = ""
    given: bool = False

    def labels(self, text: str, end: str = "") -> Labels:
        """Return the label of each character of a whole text (C,).

        end: what ends a record; each is a text of its own. The last label of what anticipates is
        not known, and 0.
        """
        parts = re.split(f"(?<={re.escape(end)})", text) if end else [text]
        found = [np.asarray(self.detector(part, None)[0], np.float64) for part in parts if part]
        labels = np.concatenate(found) if found else np.zeros(0)
        return np.append(labels[1:], 0.0) if self.kind == "anticipates" else labels


def brackets(openers: str) -> Detector:
    """Count how many of these brackets are open; each kind closes its own, strays are ignored.

    A blank line closes what is still open: else one smiley would count to the end of the text.
    """

    def detect(text: str, state: Any) -> tuple[list[int], Any]:
        last, depths = state or ("", {})
        depths = dict(depths) or dict.fromkeys(openers, 0)
        total, labels = sum(depths.values()), []
        for character in text:
            if character in depths:
                depths[character] += 1
                total += 1
            elif character == "\n" == last:
                depths, total = dict.fromkeys(openers, 0), 0
            else:
                opener = CLOSERS.get(character, "")
                if depths.get(opener, 0):
                    depths[opener] -= 1
                    total -= 1
            last = last if character == "\r" else character
            labels.append(total)
        return labels, (last, depths)

    return detect


def quotes(text: str, state: Any) -> tuple[list[bool], Any]:
    """Say whether a quotation is open: "…", “…”, or '…' at an edge of a word.

    ' opens after what is no letter or digit. Inside such a quotation one that follows a letter may
    be an apostrophe: it has closed once the next character is no letter or digit. A blank line
    ends every quotation.
    """
    kind, waiting, last = state or ("", False, "\n")
    labels = []
    for character in text:
        if waiting:
            kind, waiting = (kind if character.isalnum() else ""), False
        if character == "\n" == last:
            kind = ""
        elif not kind and (character in '"“' or (character == "'" and not last.isalnum())):
            kind = character
        elif (kind == '"' == character) or (kind == "“" and character == "”"):
            kind = ""
        elif kind == "'" == character:
            if last.isalnum():
                waiting = True
            else:
                kind = ""
        labels.append(bool(kind))
        last = last if character == "\r" else character
    return labels, (kind, waiting, last)


def line_position(text: str, state: Any) -> tuple[list[int], Any]:
    """Count the characters since the last line end."""
    count, labels = state or 0, []
    for character in text:
        count = 0 if character in "\r\n" else count + 1
        labels.append(count)
    return labels, count


def line_end(text: str, state: Any) -> tuple[list[bool], Any]:
    """Say whether the character ends a line; of CR and LF together the first one does."""
    last, labels = state or "", []
    for character in text:
        labels.append(character == "\r" or (character == "\n" and last != "\r"))
        last = character
    return labels, last


def indent(text: str, state: Any) -> tuple[list[int], Any]:
    """Measure the white space at the start of this line, so far; a tab goes to the next 8."""
    width, leading = state or (0, True)
    labels = []
    for character in text:
        if character == "\n":
            width, leading = 0, True
        elif leading and character == " ":
            width += 1
        elif leading and character == "\t":
            width += TAB - width % TAB
        else:
            leading = False
        labels.append(width)
    return labels, (width, leading)


def url(text: str, state: Any) -> tuple[list[bool], Any]:
    """Say whether an address such as https://… or www.… is being read, its prefix complete."""
    on, tail = state or (False, "")
    labels = []
    for character in text:
        if character.isspace():
            on, tail = False, ""
        elif not on:
            tail = (tail + character)[-LONGEST_PREFIX:]
            on = bool(URL.search(tail))
        labels.append(on)
    return labels, (on, tail)


def classed(is_one: Callable[[str], bool]) -> Detector:
    """Say whether the character itself is of a class."""

    def detect(text: str, state: Any) -> tuple[list[bool], Any]:
        known = {character: is_one(character) for character in set(text)}
        return [known[character] for character in text], None

    return detect


def edge(starting: bool) -> Detector:
    """Say whether a word of letters and digits starts with, or has ended before, the character."""

    def detect(text: str, state: Any) -> tuple[list[bool], Any]:
        inside, labels = bool(state), []
        for character in text:
            word = character.isalnum()
            labels.append(word and not inside if starting else inside and not word)
            inside = word
        return labels, inside

    return detect


def _punctuation(character: str) -> bool:
    return not character.isalnum() and not character.isspace() and character.isprintable()


def _counted(name: str, openers: str, meaning: str) -> Concept:
    return Concept(name, "tracks", brackets(openers), meaning, resolved_by="closing")


def _lexical(name: str, is_one: Callable[[str], bool], meaning: str) -> Concept:
    return Concept(name, "lexical", classed(is_one), meaning)


def matches(pattern: str) -> Concept:
    """Return the concept of being inside a match of a pattern, from its second character on.

    It is read whole: its detector takes no text in pieces. Raises UsageError for no pattern.
    """
    import regex

    try:
        compiled = regex.compile(pattern)
    except regex.error as error:
        raise UsageError(f"--regex {pattern!r} is not a valid pattern: {error}") from error

    def detect(text: str, state: Any) -> tuple[list[bool], Any]:
        labels = [False] * len(text)
        for found in compiled.finditer(text):
            start, end = found.span()
            labels[start + 1 : end] = [True] * max(0, end - start - 1)
        return labels, None

    return Concept(
        f"regex {pattern}",
        "tracks",
        detect,
        "inside a match, after its first character",
        resolved_by="closing",
    )


def named(name: str, text: str) -> Concept:
    """Return a built-in concept. Raises UsageError, which says which there are."""
    known = built_in(text)
    if name not in known:
        hint = near(name, known, "there are")
        if not name.replace("-", "").isalnum():
            hint = "--regex searches for a regular expression"
        raise UsageError(f"no concept is called {name!r}", hint)
    return known[name]


def from_file(path: Path, length: int) -> tuple[Concept, Labels]:
    """Return a user's own concept: one number a character, separated by white space.

    Raises UsageError for a file that does not hold as many numbers as the text has characters,
    FileError for one that cannot be read.
    """
    try:
        labels = np.array(files.read(path, LARGEST).decode("utf-8-sig").split(), np.float64)
    except ValueError as error:
        raise UsageError(f"{path} must hold only numbers, separated by white space") from error
    if not np.isfinite(labels).all():
        raise UsageError(f"{path} has a value that is not a finite number")
    if len(labels) != length:
        raise UsageError(
            f"{path} holds {len(labels):,} numbers; the text has {length:,} characters"
        )
    graded = len(np.unique(labels)) > 2

    def detect(text: str, state: Any) -> tuple[list[Any], Any]:
        return list(labels), None

    resolved = "" if graded else "closing"
    return Concept(path.name, "tracks", detect, "", graded, resolved, given=True), labels


def built_in(text: str) -> dict[str, Concept]:
    """Return the built-in concepts by name; the text decides in which language comments are."""
    from charrnn.neurons.comments import comments, is_c_like

    comment = comments(is_c_like(text))
    newline = "newline"
    every = [
        _counted("brackets", "([{", "inside brackets of any kind"),
        _counted("parens", "(", "inside ( )"),
        _counted("square", "[", "inside [ ]"),
        _counted("curly", "{", "inside { }"),
        Concept("quotes", "tracks", quotes, "inside a quotation", resolved_by="closing"),
        Concept(
            "line-position", "tracks", line_position, "characters since the line end", True, newline
        ),
        Concept("line-end", "anticipates", line_end, "before a line end", False, newline),
        Concept("indent", "tracks", indent, "width of the line's indentation", True, newline),
        Concept("comment", "tracks", comment, "inside a comment", resolved_by="closing"),
        Concept("url", "tracks", url, "inside an address", resolved_by="closing"),
        Concept("word-start", "lexical", edge(starting=True), "first character of a word"),
        Concept("word-end", "lexical", edge(starting=False), "first character after a word"),
        _lexical("capital", str.isupper, "a capital letter"),
        _lexical("digit", str.isdigit, "a digit"),
        _lexical("space", str.isspace, "white space"),
        _lexical("vowel", lambda one: one.lower() in "aeiou", "a vowel"),
        _lexical("punctuation", _punctuation, "punctuation"),
    ]
    return {concept.name: concept for concept in every}
