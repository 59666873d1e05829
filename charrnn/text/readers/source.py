"""A file as a reader gets it: its first bytes, and its lines piece by piece."""

import hashlib
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from charrnn.errors import CorpusError
from charrnn.text import corpus as corpora
from charrnn.text import mapped


class Row(NamedTuple):
    """A row: the fields that were asked for, and where it stands. line: counted from 1."""

    fields: tuple[str, ...]
    where: str
    line: int


class Bad(NamedTuple):
    """A row that cannot be used: what is wrong with it, and where it stands."""

    what: str
    where: str
    line: int


class Source:
    """A file, a folder or standard input, which is read once.

    where: what to call it. digest: gets its bytes. Raises CorpusError for what is not there.
    """

    def __init__(self, name: str, encoding: str = "utf-8", digest: Any = None) -> None:
        self.path, self.where = Path(name), "stdin" if name == "-" else name
        self.encoding, self.digest = encoding, digest or hashlib.sha256()
        corpora.codec(encoding)
        self._blocks: Iterator[bytes] = iter(())
        self.is_folder = name != "-" and corpora.located(name).is_dir()
        if name == "-":
            self._blocks = iter(lambda: sys.stdin.buffer.read(mapped.PIECE), b"")
        elif not self.is_folder:
            self._blocks = corpora.blocks(self.path, mapped.PIECE)
        self._first = next(self._blocks, b"")

    @property
    def beginning(self) -> str:
        """The first characters; nothing of them is wrong yet."""
        return (
            self._first[: corpora.SNIFFED_BYTES]
            .decode(self.encoding, "ignore")
            .lstrip(corpora.BYTE_ORDER_MARK)
        )

    def lines(self) -> Iterator[tuple[int, str]]:
        """Yield each line's number, from 1, and the line without its end, LF or CRLF."""
        for number, line in enumerate(self.whole_lines(), start=1):
            yield number, line.removesuffix("\n").removesuffix("\r")

    def whole_lines(self) -> Iterator[str]:
        """Yield each line, with its end."""
        rest = ""
        for piece in self._pieces():
            lines = (rest + piece).split("\n")
            rest = lines.pop()
            yield from (line + "\n" for line in lines)
        if rest:
            yield rest

    def _pieces(self) -> Iterator[str]:
        blocks = itertools.chain([self._first] if self._first else [], self._blocks)
        try:
            for text in mapped.decoded(blocks, self.where, self.encoding, digest=self.digest):
                nuls, seen = text.count("\0"), set(text)
                corpora.check_characters(self.where, self._first, len(text), nuls, seen)
                yield text
        except CorpusError as error:  # rows are text, whatever else a file may hold
            hint = error.hint.removesuffix(corpora.AS_BYTES).removesuffix("; ")
            raise CorpusError(error.message, hint) from error

    def below(self, path: Path) -> "Source":
        """Return a file of this folder."""
        return Source(str(path), self.encoding, self.digest)


def ending(path: Path) -> str:
    """Return how a file's name ends, whether or not it is compressed: .csv of a.csv.gz."""
    return stem(path)[1]


def stem(path: Path) -> tuple[str, str]:
    """Return a file's name without its ending, and that, whether or not it is compressed."""
    name = Path(path.stem) if path.suffix in corpora.OPENERS else Path(path.name)
    return name.stem, name.suffix
