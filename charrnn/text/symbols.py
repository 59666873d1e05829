"""Symbols of several characters, such as phonemes, each as one character of an alphabet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from charrnn.errors import CorpusError

FIRST = 0xF0000  # the private use planes of Unicode hold one character for each symbol
MOST = 0x110000 - FIRST
OTHER = "\uffff"  # stands for a symbol without a name; no text holds it


@dataclass(frozen=True)
class Symbols:
    """How texts are spelled in an alphabet: as they are or, with names, symbol by symbol.

    names: of the symbols, which spaces separate in a text. Each has a character of its own, in the
    same order. Without names a symbol is a character.
    """

    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """Return all symbols that stand in texts. Raises CorpusError for too many."""
        names = sorted({name for text in texts for name in text.split()})
        if len(names) > MOST:
            raise CorpusError(
                f"there are {len(names):,} symbols, and {MOST:,} at most have an id",
                "a text in which each character is a symbol needs no --source-symbols",
            )
        return cls(tuple(names))

    @cached_property
    def _characters(self) -> dict[str, str]:
        return {name: chr(FIRST + number) for number, name in enumerate(self.names)}

    @cached_property
    def _by_character(self) -> dict[str, str]:
        return {character: name for name, character in self._characters.items()}

    def spelled(self, text: str) -> str:
        """Return a text as the alphabet has it."""
        if not self.names:
            return text
        return "".join(self._characters.get(name, OTHER) for name in text.split())

    def listed(self, spelled: str) -> tuple[str, ...]:
        """Return the symbols of a text that is spelled in the alphabet's characters."""
        if not self.names:
            return tuple(spelled)
        return tuple(self._by_character.get(one, one) for one in spelled)

    def names_of(self, text: str) -> Sequence[str]:
        """Return the symbols of a text, known or not."""
        return text.split() if self.names else text

    def text(self, symbols: Sequence[str]) -> str:
        """Return symbols as a text."""
        return (" " if self.names else "").join(symbols)
