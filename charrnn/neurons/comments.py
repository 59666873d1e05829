"""The detector of comments, in Python and in languages like C, strings respected."""

from typing import Any

ESCAPE = "\\"


def comments(c_like: bool) -> Any:
    """Return a detector of comments: # in Python, // and /* */ in languages like C.

    The sign that opens a comment is on from its last character; the line end that closes it is off,
    and so is the / of */. A string goes to its own quote, in Python also a triple one, or, if
    single, to the end of its line.
    """
    return _c if c_like else _python


def is_c_like(text: str) -> bool:
    """Return whether more lines end as statements of C do than as the heads of Python's blocks."""
    return text.count(";\n") > text.count(":\n")


def _python(text: str, state: Any) -> tuple[list[bool], Any]:
    string, comment, escaped, run = state or ("", False, False, "")
    labels = []
    for character in text:
        if run and not string and character == run[0]:
            run += character
            string, run = (run, "") if len(run) == 3 else ("", run)
        elif comment:
            comment = character != "\n"
        else:
            if len(run) == 1 and not string:  # one quote and something else: a string has begun
                string, run = run, ""
            if string:
                string, escaped, run = _in_string(character, string, escaped, run)
            else:
                comment, run = character == "#", character if character in "\"'" else ""
        labels.append(comment)
    return labels, (string, comment, escaped, run)


def _in_string(character: str, string: str, escaped: bool, run: str) -> tuple[str, bool, str]:
    """Return the string that is still open, whether the next is escaped, the quotes in a row."""
    if escaped:
        return string, False, ""
    if character == ESCAPE:
        return string, True, ""
    run = run + character if character == string[0] else ""
    closed = run == string or (character == "\n" and len(string) == 1)
    return ("", False, "") if closed else (string, False, run)


def _c(text: str, state: Any) -> tuple[list[bool], Any]:
    kind, last = state or ("", "")  # kind: a quote, "//", "/*", or nothing
    labels = []
    for character in text:
        both, last = last + character, character
        if not kind and both in ("//", "/*"):
            kind, last = both, ""
        elif not kind and character in "\"'":
            kind = character
        elif (kind == "//" and character == "\n") or (kind == "/*" and both == "*/"):
            kind, last = "", ""
        elif len(kind) == 1 and both[:-1] == ESCAPE:
            last = ""  # what is escaped escapes nothing
        elif len(kind) == 1 and character in (kind, "\n"):
            kind, last = "", ""
        labels.append(len(kind) == 2)
    return labels, (kind, last)
