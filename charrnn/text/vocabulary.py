"""The alphabet: characters to ids and back."""

import codecs
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Self

import numpy as np
import numpy.typing as npt

from charrnn.errors import VocabularyError
from charrnn.text.nearest import nearest

Ids = npt.NDArray[np.unsignedinteger]
Unknown = Literal["error", "skip", "nearest"]
REPLACEMENT = "\ufffd"
POINTS = 0x110000  # of Unicode


def code_points(text: str) -> npt.NDArray[np.uint32]:
    """Return the Unicode code points of a text, one number a character."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def smallest_unsigned(count: int) -> np.dtype[np.unsignedinteger]:
    """Return the smallest unsigned integer type that holds the ids 0 … count - 1."""
    return np.dtype(np.min_scalar_type(max(count - 1, 0)))


@dataclass(frozen=True)
class Vocabulary:
    """An alphabet in the order of its ids.

    characters: the id of a character is its place here; sorted by code point.
    unknown: whether one more id, the last, stands for every other character.
    kind: with "bytes", character number b stands for the byte b.
    """

    characters: str
    unknown: bool = False
    kind: Literal["characters", "bytes"] = "characters"

    @classmethod
    def of(cls, text: str, *, min_count: int = 1, as_bytes: bool = False) -> Self:
        """Make the alphabet of a text; characters rarer than min_count become the unknown id."""
        points, counts = np.unique(code_points(text), return_counts=True)
        kept = points[counts >= min_count].astype("<u4").tobytes()
        return cls(
            characters=kept.decode("utf-32-le", "surrogatepass"),
            unknown=bool((counts < min_count).any()),
            kind="bytes" if as_bytes else "characters",
        )

    @classmethod
    def counted(
        cls, counts: npt.NDArray[np.int64], *, min_count: int = 1, as_bytes: bool = False
    ) -> Self:
        """Do as `of`, with a text of which there is the count of each code point (0x110000,)."""
        points = np.flatnonzero(counts).astype("<u4")
        seen = counts[points]
        kept = points[seen >= min_count].tobytes().decode("utf-32-le", "surrogatepass")
        return cls(kept, bool((seen < min_count).any()), "bytes" if as_bytes else "characters")

    def __len__(self) -> int:
        return len(self.characters) + self.unknown

    @cached_property
    def _points(self) -> npt.NDArray[np.uint32]:
        return code_points(self.characters)

    def encode(self, text: str, unknown: Unknown = "error") -> Ids:
        """Return the ids (T,) of a text.

        A character that the alphabet lacks is replaced by what a person would type for it with
        "nearest"; else it gets the unknown id where there is one; else it raises VocabularyError,
        which names it and its place, or is left out with "skip".
        """
        if unknown == "nearest":
            text, unknown = self._typed(text), "skip"
        return self._encode(self._stored(text), unknown)

    def encode_characters(self, text: str, unknown: Unknown = "error") -> Ids:
        """Do as `encode`, but with a text in which, for bytes, each character is a byte."""
        if unknown == "nearest" and self.kind == "bytes":
            return self.encode(text.encode("latin-1").decode("utf-8", "surrogateescape"), unknown)
        return self.encode(text, unknown) if unknown == "nearest" else self._encode(text, unknown)

    def _stored(self, text: str) -> str:
        """Return a text as the alphabet has it: for bytes, each character a byte."""
        if self.kind == "characters":
            return text
        return text.encode("utf-8", "surrogateescape").decode("latin-1")

    def _typed(self, text: str) -> str:
        """Return a text in which what the alphabet lacks is as a person would type it."""

        def knows(character: str) -> bool:
            return all(part in self.characters for part in self._stored(character))

        if any(unicodedata.combining(one) and not knows(one) for one in set(text)):
            text = unicodedata.normalize("NFC", text)  # an accent goes with its letter
        table = {ord(one): nearest(one, knows) for one in set(text) if not knows(one)}
        return text.translate(table)

    def _encode(self, text: str, unknown: Unknown) -> Ids:
        points = code_points(text)
        places = np.searchsorted(self._points, points)
        known = np.append(self._points, 0)[places] == points
        known &= places < len(self._points)
        if not known.all():
            if self.unknown:
                places = np.where(known, places, len(self._points))
            elif unknown == "error":
                raise self._error(text, known)
            else:
                places = places[known]
        return places.astype(smallest_unsigned(len(self)))

    def _error(self, text: str, known: npt.NDArray[np.bool_]) -> VocabularyError:
        strangers = np.flatnonzero(~known)
        first = int(strangers[0])
        different = len({text[place] for place in strangers})
        kind = "character" if self.kind == "characters" else "byte"
        many = f"a {kind}" if different == 1 else f"{different:,} {kind}s"
        code = ord(text[first])
        if kind == "byte" or 0xDC80 <= code <= 0xDCFF:  # a byte that no text holds
            example = f"0x{code & 0xFF:02X}"
        else:
            example = describe(text[first])
        return VocabularyError(
            f"the text has {many} outside the model's alphabet: "
            f"{example} at position {first:,}" + (" is the first" if different > 1 else ""),
            "--unknown skip drops them, nearest replaces each by the most similar known character; "
            "charrnn inspect checkpoint lists the alphabet",
        )

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of ids; the unknown id is U+FFFD, and stray bytes are surrogates."""
        return "".join(self.stream(ids))

    def characters_of(self, ids: Iterable[int]) -> str:
        """Return one character for each id; a byte that is not ASCII becomes a surrogate.

        An id may also be that of a character and a label, see `charrnn.network.Network`.
        """
        table = [*self.characters, *[REPLACEMENT] * self.unknown]
        if self.kind == "bytes":
            table = [c if c.isascii() or c == REPLACEMENT else chr(0xDC00 + ord(c)) for c in table]
        return "".join(table[one % len(table)] for one in ids)

    def stream(self, ids: Iterable[int]) -> Iterator[str]:
        """Yield the text of each id as it comes; bytes yield once a character is whole."""
        if self.kind == "characters":
            table = [*self.characters, *[REPLACEMENT] * self.unknown]
            for one in ids:
                yield table[one]
            return
        pieces = [bytes([ord(character)]) for character in self.characters]
        pieces += [REPLACEMENT.encode()] * self.unknown
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        for one in ids:
            if piece := decoder.decode(pieces[one]):
                yield piece
        yield decoder.decode(b"", final=True)


def describe(character: str) -> str:
    """Name a character so that it can be found: 'é' (U+00E9)."""
    shown = repr(character) if character.isprintable() else ascii(character)
    return f"{shown} (U+{ord(character):04X})"
