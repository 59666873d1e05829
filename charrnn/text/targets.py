"""What a model knows of the texts that it writes for others."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np

from charrnn.text.symbols import Symbols
from charrnn.text.vocabulary import Ids, Vocabulary


@dataclass(frozen=True)
class Targets:
    """The alphabet of the targets, and how both sides are spelled.

    source_symbols, symbols: of the sources, and of the targets. longest: how many symbols the
    longest source and the longest target had in training. stored (D,): the targets of the held-out
    sources as ids, each after the mark of its beginning and before that of its end.
    """

    vocabulary: Vocabulary
    symbols: Symbols
    source_symbols: Symbols
    longest: tuple[int, int]
    stored: Ids = field(default_factory=lambda: np.zeros(0, np.uint8))

    @property
    def described(self) -> dict[str, Any]:
        """What a header says of them: all but the held-out ones."""
        return {
            "alphabet": asdict(self.vocabulary),
            "symbols": self.symbols.names,
            "source_symbols": self.source_symbols.names,
            "longest": self.longest,
        }

    @classmethod
    def of(cls, header: Mapping[str, Any], stored: Ids) -> Self:
        """Return what was described. Raises KeyError, TypeError or ValueError where it was not."""
        source, target = map(int, header["longest"])
        return cls(
            Vocabulary(**header["alphabet"]),
            Symbols(tuple(map(str, header["symbols"]))),
            Symbols(tuple(map(str, header["source_symbols"]))),
            (source, target),
            stored,
        )
