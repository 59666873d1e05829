"""A word a line with its columns, and an empty line after each sentence."""

from collections.abc import Iterator
from typing import NamedTuple

from charrnn.text.readers.columns import Columns, picked
from charrnn.text.readers.sentences import Sentence, spaced, spans
from charrnn.text.readers.source import Bad, Row, Source

DOCUMENT = "-DOCSTART-"  # the only word of a line that begins a document


class Lines(NamedTuple):
    """The lines of a sentence: its comments, and its words with their lines and columns."""

    comments: list[str]
    words: list[tuple[int, list[str]]]


def read(source: Source, columns: Columns) -> Iterator[Row | Bad]:
    """Yield a row a word. Columns are apart by a tab, or else by spaces."""
    words = (word for lines in _sentences(source) for word in lines.words)
    rows = (word for word in words if word[1][0] != DOCUMENT)
    return picked(rows, columns, source.where, between="tab or space")


def sentences(source: Source) -> Iterator[Sentence | Bad]:
    """Yield the sentences, each with its text.

    That is the comment `# text = …`, or else the words with spaces, but where the last column says
    that none follows (`charrnn.text.readers.sentences.spaced`).
    """
    begins = True
    for comments, words in _sentences(source):
        begins = begins or any(one.startswith("# newdoc") for one in comments)
        if words and words[0][1][0] == DOCUMENT:
            begins = True
            continue
        if not words:
            continue
        given = (one.removeprefix("# text = ") for one in comments if one.startswith("# text = "))
        forms, last = ([cells[place] for _, cells in words] for place in (0, -1))
        text, line = next(given, spaced(forms, last)), words[0][0]
        try:
            found = spans(forms, text)
        except ValueError as error:
            yield Bad(str(error), source.where, line)
        else:
            cells = tuple(tuple(one) for _, one in words)
            yield Sentence(text, found, cells, begins, source.where, line)
        begins = False


def _sentences(source: Source) -> Iterator[Lines]:
    """Yield the lines of each sentence."""
    found = Lines([], [])
    for number, line in source.lines():
        if not line.strip():
            yield found
            found = Lines([], [])
        elif not found.words and _is_comment(line):
            found.comments.append(line)
        else:
            found.words.append((number, line.split("\t") if "\t" in line else line.split()))
    yield found


def _is_comment(line: str) -> bool:
    """Return whether a line before the first word is a comment; a word such as ### is none."""
    return line.startswith("# ") or (line.startswith("#") and "\t" not in line)
