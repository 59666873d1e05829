"""Texts of any size: read twice in pieces, kept as ids on disk, and mapped into memory.

The first pass counts characters and takes the text's hash, the second writes each character's id
into the user's cache folder, unless a run before has done so.
"""

import hashlib
import io
import itertools
import mmap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from charrnn import files
from charrnn.errors import CorpusError, FileError
from charrnn.text import corpus as corpora
from charrnn.text.corpus import Corpus
from charrnn.text.recipes import cache_folder
from charrnn.text.vocabulary import POINTS, Ids, Vocabulary, code_points, smallest_unsigned

LARGE = 50_000_000  # bytes
PIECE = 1 << 20  # bytes


@dataclass(frozen=True)
class LargeCorpus:
    """A text that stays on disk.

    counts (0x110000,): how often each code point stands in it. paths: its files.
    sha256: of the bytes read, decompressed and joined in order. validation: as of a `Corpus`.
    """

    name: str
    paths: tuple[Path, ...]
    encoding: str
    newlines: str
    sha256: str
    counts: npt.NDArray[np.int64] = field(repr=False)
    notes: tuple[str, ...] = ()
    validation: Corpus | None = None

    @property
    def characters(self) -> int:
        """How many characters the text has."""
        return int(self.counts.sum())

    @property
    def alphabet(self) -> int:
        """How many different characters it has."""
        return int(np.count_nonzero(self.counts))

    def encoded(self, min_count: int, as_bytes: bool) -> tuple[Vocabulary, Ids]:
        """Return what `Corpus.encoded` does, with ids (C,) that are read from disk when needed."""
        counts = self.counts
        if self.validation:
            others = code_points(self.validation.text)
            counts = counts + np.bincount(others, minlength=POINTS)
        vocabulary = Vocabulary.counted(counts, min_count=min_count, as_bytes=as_bytes)
        path = self._path(vocabulary)
        if not path.exists():
            self._write(path, vocabulary)
        ids: Ids = np.memmap(path, smallest_unsigned(len(vocabulary)), mode="r")
        return vocabulary, ids

    def _path(self, vocabulary: Vocabulary) -> Path:
        how = f"{self.sha256} {self.encoding} {self.newlines} {vocabulary.characters}"
        digest = hashlib.sha256(how.encode("utf-8", "surrogatepass")).hexdigest()
        return cache_folder() / f"{digest[:32]}.ids"

    def _write(self, path: Path, vocabulary: Vocabulary) -> None:
        known = code_points(vocabulary.characters)
        other = len(known) if vocabulary.unknown else 0
        table = np.full(POINTS, other, smallest_unsigned(len(vocabulary)))
        table[known] = np.arange(len(known))
        hint = "it needs one or two bytes per character there; XDG_CACHE_HOME names another folder"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with files.replacing(path) as temporary, temporary.open("wb") as file:
                for text in pieces(self.paths, self.encoding, self.newlines):
                    file.write(table[code_points(text)].tobytes())
        except FileError as error:
            raise CorpusError(f"the text cannot be stored as ids: {error.message}", hint) from error
        except OSError as error:
            reason = f"{path.parent}: {error.strerror or error}"
            raise CorpusError(f"the text cannot be stored as ids: {reason}", hint) from error


def paths_of(names: Sequence[str]) -> tuple[Path, ...]:
    """Return the files that the names stand for, if they are files and large together."""
    paths = [Path(name) for name in names]
    if any(name == "-" or name in corpora.named() for name in names):
        return ()
    if not all(path.is_file() for path in paths):
        return ()
    size = 0
    for path in paths:
        size += _unpacked_size(path) if path.suffix in corpora.OPENERS else path.stat().st_size
    return tuple(paths) if size > LARGE else ()


def _unpacked_size(path: Path) -> int:
    """Return how many bytes a compressed file holds, or that they are more than LARGE."""
    size = 0
    for data in corpora.blocks(path, PIECE):
        size += len(data)
        if size > LARGE:
            break
    return size


def read(
    paths: tuple[Path, ...], *, encoding: str = "utf-8", as_bytes: bool = False, newlines: str
) -> LargeCorpus:
    """Count the characters of files. Raises CorpusError for what cannot be read or decoded."""
    encoding = "latin-1" if as_bytes else encoding
    digest, counts = hashlib.sha256(), np.zeros(POINTS, np.int64)
    for text in pieces(paths, encoding, newlines, digest):
        counts += np.bincount(code_points(text), minlength=POINTS)
    start = next(corpora.blocks(paths[0], corpora.SNIFFED_BYTES), b"")
    if not as_bytes:
        seen = map(chr, np.flatnonzero(counts).tolist())
        where = str(paths[0]) if len(paths) == 1 else f"{paths[0]} and others"
        corpora.check_characters(where, start, int(counts.sum()), int(counts[0]), seen)
    returns = int(counts[ord("\r")])
    note = f"line ends: {returns:,} CR are kept; --newlines unix turns them into LF"
    return LargeCorpus(
        corpora.name_of([str(path) for path in paths]),
        paths,
        encoding,
        newlines,
        digest.hexdigest(),
        counts,
        (note,) if returns else (),
    )


def pieces(
    paths: Sequence[Path], encoding: str, newlines: str, digest: Any = None
) -> Iterator[str]:
    """Yield the text of files piece by piece, the bytes going into a digest."""
    for path in paths:
        yield from decoded(corpora.blocks(path, PIECE), str(path), encoding, newlines, digest)


def decoded(
    blocks: Iterator[bytes], where: str, encoding: str, newlines: str = "keep", digest: Any = None
) -> Iterator[str]:
    """Yield the text of a file's blocks, which go into a digest. where: what to call the file."""
    decoder: Any = corpora.decoder(encoding)
    if newlines == "unix":
        decoder = io.IncrementalNewlineDecoder(decoder, translate=True)
    start, first, place = b"", True, 0
    for data in itertools.chain(blocks, [b""]):
        if digest:
            digest.update(data)
        start = start or data[: corpora.SNIFFED_BYTES]
        try:
            text = decoder.decode(data, final=not data)
        except UnicodeError as error:
            before = len(error.object) - len(data) if isinstance(error, UnicodeDecodeError) else 0
            # What was left of an earlier block is decoded with this one.
            raise corpora.undecodable(where, encoding, error, start, place - before) from error
        yield text.removeprefix(corpora.BYTE_ORDER_MARK) if first else text
        first, place = first and not text, place + len(data)


def let_go(ids: Ids) -> None:
    """Let the system take back the memory of ids that are mapped; they stay readable."""
    mapped = getattr(ids, "_mmap", None)
    if mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)
