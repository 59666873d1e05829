"""CoNLL-U, the form of Universal Dependencies, by the package conllu."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from charrnn.errors import CorpusError
from charrnn.text.readers.columns import Columns, picked
from charrnn.text.readers.sentences import Sentence, spaced, spans
from charrnn.text.readers.source import Bad, Row, Source

NAMES = ("form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
USUAL = {"1": "form", "2": "upos"}  # columns where none are named
JOINED = "+"  # the values of words that are written as one


class Parsed(NamedTuple):
    """A sentence: its comments by name, and its words with their lines and columns."""

    comments: dict[str, Any]
    words: list[tuple[int, tuple[str, ...]]]


def read(source: Source, columns: Columns) -> Iterator[Row | Bad]:
    """Yield a row a word, of form and part of speech where no columns are named.

    Numbers are those of the file, in which 2 is the form. Words that are written as one (`don't`)
    are one, with the values of all: AUX+PART.
    """
    columns = usual(columns)
    rows = (
        row
        for one in _parsed(source)
        for row in ([(one.line, one.what)] if isinstance(one, Bad) else one.words)
    )
    return picked(rows, columns, source.where, "tab", names=("id", *NAMES))


def usual(columns: Columns) -> Columns:
    """Return columns or, where none are named, form and part of speech."""
    if columns.given:
        return columns
    return Columns(tuple((USUAL[one],) for (one,) in columns.groups))


def sentences(source: Source) -> Iterator[Sentence | Bad]:
    """Yield the sentences, each with the text of its comment, or else as SpaceAfter says.

    The columns of a word begin with its id.
    """
    begins = True
    for one in _parsed(source):
        if isinstance(one, Bad):
            yield one
            continue
        begins = begins or any(name.startswith("newdoc") for name in one.comments)
        cells = tuple(cells for _, cells in one.words)
        forms, line = [cell[1] for cell in cells], one.words[0][0]
        text = one.comments.get("text") or spaced(forms, [cell[-1] for cell in cells])
        try:
            yield Sentence(text, spans(forms, text), cells, begins, source.where, line)
        except ValueError as error:
            yield Bad(str(error), source.where, line)
        begins = False


def _parsed(source: Source) -> Iterator[Parsed | Bad]:
    """Yield the sentences of a file, those that cannot be read as what is wrong with them."""
    package = _package(source)
    block: list[str] = []
    first = 1
    for number, line in source.lines():
        if line.strip():
            first = first if block else number
            block.append(line)
        elif block:
            yield _sentence(package, block, source.where, first)
            block = []
    if block:
        yield _sentence(package, block, source.where, first)


def _sentence(package: Any, block: list[str], where: str, first: int) -> Parsed | Bad:
    """Return the sentence of some lines, of which one is the first."""
    comments = sum(line.startswith("#") for line in block)
    as_it_is = dict.fromkeys(NAMES, lambda cells, place: cells[place])
    try:
        (found,) = package.parse("\n".join(block), field_parsers=as_it_is)
    except package.exceptions.ParseException as error:
        return Bad(f"this is not CoNLL-U: {str(error).rstrip('.')}", where, first)
    words, inside = [], 0
    for line, token in enumerate(found, start=first + comments):
        if len(token) <= len(NAMES):
            return Bad(f"a word has {len(token)} columns, not {1 + len(NAMES)}", where, line)
        cells = [token[name] for name in NAMES]
        if isinstance(token["id"], int):
            if token["id"] > inside:
                words.append((line, (str(token["id"]), *cells)))
        elif token["id"][1] == "-":  # a written word of several, whose lines follow
            start, _, inside = token["id"]
            parts = [one for one in found if one["id"] in range(start, inside + 1)]
            joined = [JOINED.join(part[name] for part in parts) for name in NAMES[1:-1]]
            words.append((line, (f"{start}-{inside}", cells[0], *joined, cells[-1])))
    if not words:
        return Bad("a sentence without words", where, first)
    return Parsed(dict(found.metadata), words)


def _package(source: Source) -> Any:
    try:
        import conllu
        import conllu.exceptions
    except ImportError:
        raise CorpusError(
            f"{source.where}: CoNLL-U is read by the package conllu, which is not installed",
            "pip install conllu",
        ) from None
    return conllu
