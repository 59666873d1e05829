"""From the names that a user types to one text: read, decompress, decode, join."""

import bz2
import codecs
import gzip
import hashlib
import itertools
import lzma
import os
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from charrnn import assets
from charrnn.errors import CorpusError, near
from charrnn.text import prose, recipes, records, stdlib
from charrnn.text.vocabulary import Ids, Vocabulary

OPENERS: dict[str, type[gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile]] = {
    ".gz": gzip.GzipFile,
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
}
BYTE_ORDER_MARK = "\ufeff"
UNPACKED = "it is {}: unpack it and name the folder or the text file"
AS_BYTES = "train --bytes takes any file"
MAGIC = {  # how files begin that are no plain text, and what to do with them
    b"\xff\xfe": "it begins with the byte order mark of UTF-16: --encoding utf-16 reads it",
    b"\xfe\xff": "it begins with the byte order mark of UTF-16: --encoding utf-16 reads it",
    b"PK\x03\x04": UNPACKED.format("a zip archive (as .docx and .epub are)"),
    b"%PDF": "it is a PDF; pdftotext makes a text of it",
    b"\x1f\x8b": "it is compressed: rename it to end in .gz",
    b"BZh": "it is compressed: rename it to end in .bz2",
    b"\xfd7zXZ": "it is compressed: rename it to end in .xz",
}
WHOLE = 1_000_000_000  # bytes of a text that is read at once
MANY_NULS = 0.001  # of the characters
SNIFFED_BYTES = 8192  # a file with a NUL among its first ones is taken for binary


@dataclass(frozen=True)
class Corpus:
    """A text to learn from.

    text: its characters; with bytes, byte b is the character number b.
    sha256: of the bytes read, decompressed and joined in order.
    notes: what a user should know about the text, one line each.
    starts: the places in the text where its files begin. validation: a text to validate on, where
    one was named.
    """

    name: str
    text: str
    sha256: str
    notes: tuple[str, ...] = ()
    starts: tuple[int, ...] = (0,)
    validation: "Corpus | None" = None

    @property
    def characters(self) -> int:
        """How many characters the text has."""
        return len(self.text)

    def records(self, kind: str) -> list[str]:
        """Return the text cut into records, one file after another; see `records.cut`."""
        files = zip(self.starts, [*self.starts[1:], len(self.text)], strict=True)
        return [one for start, end in files for one in records.cut(self.text[start:end], kind)]

    @property
    def alphabet(self) -> int:
        """How many different characters it has."""
        return len(set(self.text))

    def encoded(self, min_count: int, as_bytes: bool) -> tuple[Vocabulary, Ids]:
        """Return the alphabet, that of the text which validates included, and the text as ids."""
        whole = self.text + (self.validation.text if self.validation else "")
        vocabulary = Vocabulary.of(whole, min_count=min_count, as_bytes=as_bytes)
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
    may_hold_nul = as_bytes or codec(encoding).name.startswith(("utf-16", "utf-32"))
    for source in sources(names, notes, may_hold_nul):
        digest.update(source.data)
        texts.append(source.data.decode("latin-1") if as_bytes else decoded(source, encoding))
    line_note = _kept_returns("".join(texts)) if newlines != "unix" else []
    if newlines == "unix":
        texts = [text.replace("\r\n", "\n").replace("\r", "\n") for text in texts]
    starts = tuple(itertools.accumulate(map(len, texts[:-1]), initial=0))
    notes = [*notes, *line_note]
    return Corpus(name_of(names), "".join(texts), digest.hexdigest(), tuple(notes), starts)


def sources(names: Iterable[str], notes: list[str], may_hold_nul: bool) -> Iterator[Source]:
    """Yield what each name stands for, in order; remarks are appended to notes."""
    for name in names:
        if name == "-":
            yield Source("stdin", _bounded(sys.stdin.buffer.read(WHOLE + 1), "stdin"))
        elif name in named():
            yield Source(name, _named(name))
        elif (path := located(name)).is_dir():
            yield from _folder(path, notes, may_hold_nul)
        else:
            yield Source(name, _read_file(path))


def located(name: str) -> Path:
    """Return the path of a file or a folder. Raises CorpusError for what is neither."""
    path = Path(name)
    if not name:
        raise CorpusError("a corpus with an empty name was given; name a file or a folder")
    if path.is_char_device():
        raise CorpusError(f"{name} is a device, not a file", "name a file or a folder")
    if not path.exists():
        raise CorpusError(
            f"{name}: there is no such file, folder or named corpus",
            near(name, named(), "the names are"),
        )
    return path


def named() -> list[str]:
    """Return the names that stand for a corpus wherever the program runs."""
    return ["python", "prose", "nested", *recipes.load_all()]


def absolute(names: Sequence[str]) -> tuple[str, ...]:
    """Return the same sources under names that mean the same from any folder.

    What can be read but once, such as the pipe of a shell's <(…), is "-", as stdin is.
    """

    def absolute_name(name: str) -> str:
        path = Path(name)
        once = path.exists() and not (path.is_file() or path.is_dir())
        return "-" if once else name if name == "-" or name in named() else str(path.absolute())

    return tuple(map(absolute_name, names))


def _named(name: str) -> bytes:
    if name == "python":
        return stdlib.sources().encode("utf-8")
    if name == "prose":
        return prose.sources().encode("utf-8")
    if name == "nested":
        return assets.path("corpora/nested.txt").read_bytes()
    return recipes.fetch(recipes.load_all()[name]).read_bytes()


def _folder(folder: Path, notes: list[str], may_hold_nul: bool) -> Iterator[Source]:
    """Yield the text files below a folder, sorted by path; hidden ones are passed over."""
    found = binary = 0
    passed_over: list[str] = []
    for path in sorted(_files(folder, passed_over)):
        if not may_hold_nul and b"\0" in _read_file(path, SNIFFED_BYTES):
            binary += 1
            continue
        found += 1
        yield Source(str(path), _read_file(path))
    if not found:
        raise CorpusError(f"{folder}: no text file is in this folder or below it")
    counted = f"{found:,} text file{'s' * (found != 1)} read, {binary:,} binary skipped"
    notes.append(": ".join([str(folder), ", ".join([counted, *passed_over])]))


def _files(folder: Path, passed_over: list[str]) -> Iterator[Path]:
    """Yield the files below a folder, links followed; what is passed over is said in words."""
    seen: set[str] = set()
    runs = 0
    unread: list[str] = []
    for root, folders, names in os.walk(
        folder, followlinks=True, onerror=lambda error: unread.append(str(error.filename))
    ):
        real = os.path.realpath(root)
        run = "config.yaml" in names and ("metrics.jsonl" in names or "best.safetensors" in names)
        runs += run
        if run or real in seen:  # a link may lead back to where it is
            folders.clear()
            continue
        seen.add(real)
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(root, name)
            if not name.startswith(".") and path.is_file():
                yield path
    if runs:
        passed_over.append(f"{runs:,} run folder{'s' * (runs != 1)} skipped")
    passed_over += [f"{path} cannot be read" for path in unread]


def _read_file(path: Path, size: int = WHOLE + 1) -> bytes:
    return _bounded(next(blocks(path, size), b""), str(path))


def _bounded(data: bytes, where: str) -> bytes:
    """Return what was read at once. Raises CorpusError for too much of it."""
    if len(data) > WHOLE:
        raise CorpusError(
            f"{where} has more than {WHOLE / 1e6:,.0f} MB, the most that can be read at once",
            "train reads larger texts in pieces, from files that are named one by one",
        )
    return data


def blocks(path: Path, size: int) -> Iterator[bytes]:
    """Yield a file's bytes, decompressed, a number at a time; -1 is all of them."""
    try:
        with OPENERS[path.suffix](path) if path.suffix in OPENERS else path.open("rb") as file:
            while data := file.read(size):
                yield data
    except (EOFError, zlib.error, lzma.LZMAError) as error:
        raise CorpusError(f"{path}: cannot be decompressed: {error}") from error
    except OSError as error:
        raise CorpusError(f"{path}: {error.strerror or error}") from error


def codec(encoding: str) -> codecs.CodecInfo:
    """Return an encoding of text by any of its names. Raises CorpusError for what is none."""
    try:
        found = codecs.lookup(encoding)
    except (LookupError, ValueError, UnicodeError):
        found = None
    if found is None or not getattr(found, "_is_text_encoding", True):
        raise CorpusError(
            f"{encoding!r} is not a text encoding",
            "for example: utf-8, latin-1, cp1252, utf-16",
        )
    return found


def decoder(encoding: str) -> codecs.IncrementalDecoder:
    """Return a decoder of text in pieces. Raises CorpusError for an encoding unheard of."""
    found = codec(encoding)
    if found.incrementaldecoder is None:
        raise CorpusError(f"{encoding} cannot be decoded in pieces", "iconv converts it to UTF-8")
    return found.incrementaldecoder("strict")


def decoded(source: Source, encoding: str) -> str:
    """Return a file's text. Raises CorpusError for bytes that are none."""
    try:
        text = decoder(encoding).decode(source.data, final=True)
    except UnicodeError as error:
        raise undecodable(source.where, encoding, error, source.data) from error
    check_characters(source.where, source.data, len(text), text.count("\0"), set(text))
    return text.removeprefix(BYTE_ORDER_MARK)


def undecodable(
    where: str, encoding: str, error: UnicodeError, start: bytes, place: int = 0
) -> CorpusError:
    """Return the error for bytes, the first of them at a place, that are not text.

    start: the first bytes of the file, by which other kinds of it are known.
    """
    what = f"cannot be decoded as {encoding}: {error}"
    if isinstance(error, UnicodeDecodeError):
        byte = error.object[error.start]
        what = f"byte 0x{byte:02X} at offset {place + error.start:,} is not {encoding}"
    elif "BOM" in str(error):
        what = f"it has no byte order mark, which {encoding} needs"
    return CorpusError(f"{where}: {what}", _advice(start, encoding))


def check_characters(
    where: str, start: bytes, characters: int, nuls: int, alphabet: Iterable[str]
) -> None:
    """Raise CorpusError for a text that is none: full of NUL, or with halves of characters.

    start: the first bytes of the file. nuls: how many of its characters are NUL.
    """
    if nuls > MANY_NULS * characters:
        raise CorpusError(f"{where}: {nuls:,} of {characters:,} characters are NUL", _advice(start))
    halves = [one for one in alphabet if "\ud800" <= one <= "\udfff"]
    if halves:
        raise CorpusError(
            f"{where}: it contains U+{ord(halves[0]):04X}, which is half a character",
            AS_BYTES,
        )


def _advice(start: bytes, encoding: str = "") -> str:
    """Return what may be done about a file that is no text, by how it begins."""
    for mark, what in MAGIC.items():
        if start.startswith(mark):
            return what
    if start[257:262] == b"ustar":
        return UNPACKED.format("an archive")
    first = start[: SNIFFED_BYTES // 2 * 2]
    for name, high in (("utf-16-le", first[1::2]), ("utf-16-be", first[::2])):
        if (
            encoding != name
            and high.count(0) > len(high) / 2
            and "\0" not in first.decode(name, "ignore")
        ):
            return f"it looks like {name}: --encoding {name} reads it"
    if b"\0" in first:
        return f"it is binary; {AS_BYTES}"
    return f"--encoding latin-1 (or another) decodes other text; {AS_BYTES}"


def _kept_returns(text: str) -> list[str]:
    """Return a note on the line ends that are no LF, if there are such."""
    if "\r" not in text:
        return []
    pairs = text.count("\r\n")
    alone = text.count("\r") - pairs
    counts = " and ".join(
        f"{count:,} {name}" for count, name in ((pairs, "CRLF"), (alone, "CR")) if count
    )
    return [f"line ends: {counts} are kept; --newlines unix turns them into LF"]


def name_of(names: Sequence[str]) -> str:
    """Name a corpus after its first source: shakespeare for data/shakespeare.txt.gz."""
    first = Path(names[0])
    name = "stdin" if names[0] == "-" else first.absolute().name
    if first.suffix in OPENERS:
        name = Path(name).stem
    name = name if first.is_dir() else Path(name).stem or name
    return name if len(names) == 1 else f"{name}-and-{len(names) - 1}-more"
