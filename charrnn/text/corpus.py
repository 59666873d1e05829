"""From the names that a user types to one text: read, decompress, decode, join."""

import bz2
import codecs
import gzip
import hashlib
import lzma
import os
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from charrnn import assets
from charrnn.errors import CorpusError
from charrnn.text import recipes, stdlib
from charrnn.text.vocabulary import Ids, Vocabulary

OPENERS: dict[str, type[gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile]] = {
    ".gz": gzip.GzipFile,
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
}
BYTE_ORDER_MARK = "\ufeff"
SNIFFED_BYTES = 8192  # a file with a NUL among its first ones is taken for binary


@dataclass(frozen=True)
class Corpus:
    """A text to learn from.

    text: its characters; with bytes, byte b is the character number b.
    sha256: of the bytes read, decompressed and joined in order.
    notes: what a user should know about the text, one line each.
    """

    name: str
    text: str
    sha256: str
    notes: tuple[str, ...] = ()

    @property
    def characters(self) -> int:
        """How many characters the text has."""
        return len(self.text)

    @property
    def alphabet(self) -> int:
        """How many different characters it has."""
        return len(set(self.text))

    def encoded(self, min_count: int, as_bytes: bool) -> tuple[Vocabulary, Ids]:
        """Return the alphabet, and the text as ids (C,)."""
        vocabulary = Vocabulary.of(self.text, min_count=min_count, as_bytes=as_bytes)
        return vocabulary, vocabulary.encode_characters(self.text)


@dataclass(frozen=True)
class Source:
    """One file's bytes and where they came from."""

    where: str
    data: bytes


def read(
    names: Sequence[str],
    *,
    encoding: str = "utf-8",
    as_bytes: bool = False,
    newlines: str = "keep",
) -> Corpus:
    """Read one text from files, folders, '-' for stdin, or named corpora.

    A name wins over a path called so; `./python` is the path. Raises CorpusError for what
    cannot be found or decoded.
    """
    digest = hashlib.sha256()
    texts = []
    notes: list[str] = []
    may_hold_nul = as_bytes or encoding.lower().startswith(("utf-16", "utf16", "utf-32", "utf32"))
    for source in sources(names, notes, may_hold_nul):
        digest.update(source.data)
        texts.append(source.data.decode("latin-1") if as_bytes else _decode(source, encoding))
    text = "".join(texts)
    text, line_note = _line_ends(text, newlines)
    return Corpus(name_of(names), text, digest.hexdigest(), (*notes, *line_note))


def sources(names: Iterable[str], notes: list[str], may_hold_nul: bool) -> Iterator[Source]:
    """Yield what each name stands for, in order; remarks are appended to notes."""
    for name in names:
        path = Path(name)
        if not name:
            raise CorpusError("a corpus with an empty name was given; name a file or a folder")
        if name == "-":
            yield Source("stdin", sys.stdin.buffer.read())
        elif name in named():
            yield Source(name, _named(name))
        elif path.is_dir():
            yield from _folder(path, notes, may_hold_nul)
        elif path.exists():
            yield Source(name, _read_file(path))
        else:
            raise CorpusError(
                f"{name}: there is no such file, folder or named corpus",
                f"the names are: {', '.join(named())}",
            )


def named() -> list[str]:
    """Return the names that stand for a corpus wherever the program runs."""
    return ["python", "nested", *recipes.load_all()]


def absolute(names: Sequence[str]) -> tuple[str, ...]:
    """Return the same sources under names that mean the same from any folder."""
    return tuple(
        name if name == "-" or name in named() else str(Path(name).absolute()) for name in names
    )


def _named(name: str) -> bytes:
    if name == "python":
        return stdlib.sources().encode("utf-8")
    if name == "nested":
        return assets.path("corpora/nested.txt").read_bytes()
    return recipes.fetch(recipes.load_all()[name]).read_bytes()


def _folder(folder: Path, notes: list[str], may_hold_nul: bool) -> Iterator[Source]:
    """Yield the text files below a folder, sorted by path; hidden ones are passed over."""
    found = skipped = 0
    for path in sorted(_files(folder)):
        if not may_hold_nul and b"\0" in _read_file(path, SNIFFED_BYTES):
            skipped += 1
            continue
        found += 1
        yield Source(str(path), _read_file(path))
    if not found:
        raise CorpusError(f"{folder}: no text file is in this folder or below it")
    notes.append(f"{folder}: {found:,} text files read, {skipped:,} binary ones passed over")


def _files(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(root, name)
            if not name.startswith(".") and path.is_file():
                yield path


def _read_file(path: Path, size: int = -1) -> bytes:
    return next(blocks(path, size), b"")


def blocks(path: Path, size: int) -> Iterator[bytes]:
    """Yield a file's bytes, decompressed, so many at a time; -1 is all of them."""
    try:
        with OPENERS[path.suffix](path) if path.suffix in OPENERS else path.open("rb") as file:
            while data := file.read(size):
                yield data
    except (EOFError, zlib.error, lzma.LZMAError) as error:
        raise CorpusError(f"{path}: cannot be decompressed: {error}") from error
    except OSError as error:
        raise CorpusError(f"{path}: {error.strerror or error}") from error


def decoder(encoding: str) -> codecs.IncrementalDecoder:
    """Return a decoder of text in pieces. Raises CorpusError for an encoding unheard of."""
    try:
        return codecs.getincrementaldecoder(encoding)()
    except LookupError:
        raise CorpusError(
            f"no encoding is called {encoding!r}", "some are: utf-8, latin-1, cp1252, utf-16"
        ) from None


def _decode(source: Source, encoding: str) -> str:
    try:
        text = decoder(encoding).decode(source.data, final=True)
    except UnicodeError as error:
        raise undecodable(source.where, encoding, error) from error
    return text.removeprefix(BYTE_ORDER_MARK)


def undecodable(where: str, encoding: str, error: UnicodeError, place: int = 0) -> CorpusError:
    """Return the error for bytes, the first of them at a place, that are not text."""
    what = f"cannot be decoded as {encoding}: {error}"
    if isinstance(error, UnicodeDecodeError):
        byte = error.object[error.start]
        what = f"byte 0x{byte:02X} at offset {place + error.start:,} is not {encoding}"
    return CorpusError(
        f"{where}: {what}",
        "--encoding latin-1 (or another) decodes other text; train --bytes takes any file",
    )


def _line_ends(text: str, newlines: str) -> tuple[str, list[str]]:
    if "\r" not in text:
        return text, []
    if newlines == "unix":
        return text.replace("\r\n", "\n").replace("\r", "\n"), []
    pairs = text.count("\r\n")
    alone = text.count("\r") - pairs
    counts = " and ".join(
        f"{count:,} {name}" for count, name in ((pairs, "CRLF"), (alone, "CR")) if count
    )
    return text, [f"line ends: {counts} are kept; --newlines unix turns them into LF"]


def name_of(names: Sequence[str]) -> str:
    """Name a corpus after its first source: shakespeare for data/shakespeare.txt.gz."""
    first = Path(names[0])
    name = "stdin" if names[0] == "-" else first.absolute().name
    if first.suffix in OPENERS:
        name = Path(name).stem
    name = name if first.is_dir() else Path(name).stem or name
    return name if len(names) == 1 else f"{name}-and-{len(names) - 1}-more"
