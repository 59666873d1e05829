"""The `prose` corpus: what the running interpreter's standard library writes in English.

Paragraphs of its help topics and docstrings, each wrapped anew at one width, so that where a
line ends follows from how far it has come. Shuffled, and the same for every run under one Python
version.
"""

import ast
import inspect
import random
import re
import sysconfig
import textwrap
from collections.abc import Iterator
from pathlib import Path

from charrnn.errors import CorpusError
from charrnn.text import stdlib

COLUMNS = 64
TOGETHER = 8  # paragraphs that are joined to one, so that few line ends follow a blank line
SHORTEST = 100  # characters of a paragraph
LETTERS = 0.7  # of its characters, at least
TRIPLE_QUOTED = re.compile(r'"""(.*?)"""|\'\'\'(.*?)\'\'\'', re.DOTALL)
OTHER_QUOTES = re.compile(r"`|''|[)}]'s")  # of which not every one opens or closes a quotation
SENTENCE_END = re.compile(r"[.!?][\"')]*\Z")


def sources(folder: Path | None = None, columns: int = COLUMNS, seed: int = 0) -> str:
    """Return the standard library's paragraphs, wrapped at a width, a blank line after each.

    Raises CorpusError where the interpreter has no sources with it.
    """
    folder = folder or Path(sysconfig.get_path("stdlib"))
    written = [*topics(folder / "pydoc_data" / "topics.py"), *docstrings(folder)]
    chosen = list(dict.fromkeys(found for text in written for found in paragraphs(text)))
    if not chosen:
        raise CorpusError(
            f"{folder}: this interpreter has no sources of its standard library",
            "name a text file, or `nested`, the corpus that ships with charrnn",
        )
    random.Random(seed).shuffle(chosen)
    joined = [" ".join(chosen[at : at + TOGETHER]) for at in range(0, len(chosen), TOGETHER)]
    return "".join(f"{wrapped(paragraph, columns)}\n\n" for paragraph in joined)


def topics(path: Path) -> list[str]:
    """Return the texts of the interpreter's help, of which a dictionary in this file consists."""
    if not path.exists():
        return []
    tree = ast.parse(path.read_bytes())
    found = [ast.literal_eval(line.value) for line in tree.body if isinstance(line, ast.Assign)]
    return [text for texts in found for text in texts.values()]


def docstrings(folder: Path) -> Iterator[str]:
    """Yield the triple-quoted strings of the modules in a folder, without their indentation."""
    for path in sorted(stdlib.modules(folder)):
        source = path.read_text(encoding="utf-8", errors="replace")
        for match in TRIPLE_QUOTED.finditer(source):
            yield inspect.cleandoc(match[1] or match[2] or "")


def paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of plain English in a text, each in one line."""
    for block in re.split(r"\n\s*\n", text):
        lines = block.strip("\n").split("\n")
        joined = " ".join(" ".join(lines).split())
        letters = sum(map(str.isalpha, joined))
        if (
            not any(line[:1].isspace() for line in lines)
            and len(joined) >= SHORTEST
            and joined.isascii()
            and letters >= LETTERS * len(joined)
            and joined.count('"') % 2 == 0
            and not OTHER_QUOTES.search(joined)
            and SENTENCE_END.search(joined)
        ):
            yield joined


def wrapped(paragraph: str, columns: int) -> str:
    """Return a paragraph broken at spaces into lines of at most `columns` characters."""
    return textwrap.fill(paragraph, columns, break_long_words=False, break_on_hyphens=False)
