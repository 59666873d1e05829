"""Where a text ends: at a stop text, after a number of lines, at the end of a record."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from charrnn.sampling.generate import Drawn


@dataclass(frozen=True)
class Ends:
    """What ends a text before its length does.

    record_end: an id, which is left out. stops: texts as ids, left out unless `keep_stop`.
    lines: after this many line ends, which are kept; 0 for any number.
    """

    record_end: int | None = None
    stops: Sequence[Sequence[int]] = ()
    keep_stop: bool = False
    lines: int = 0
    line_end: int | None = None

    @property
    def any(self) -> bool:
        """Whether there is anything that ends a text."""
        return self.record_end is not None or bool(self.stops) or self.lines > 0

    def reached(self, ids: Sequence[int]) -> bool:
        """Return whether a text that had not ended before its last id ends there."""
        if self.lines and ids[-1] == self.line_end and ids.count(self.line_end) == self.lines:
            return True
        return ids[-1] == self.record_end or any(
            list(ids[-len(stop) :]) == list(stop) for stop in self.stops
        )

    def trimmed(self, drawn: Iterable[Drawn]) -> Iterator[Drawn]:
        """Yield characters up to the end.

        What may be the beginning of a stop text is held back until it is known.
        """
        if not self.any:
            yield from drawn
            return
        held: list[Drawn] = []
        lines = 0
        for one in drawn:
            if one.id == self.record_end:
                break
            held.append(one)
            for stop in self.stops:
                if _ids(held[-len(stop) :]) == list(stop):
                    yield from held if self.keep_stop else held[: -len(stop)]
                    return
            lines += one.id == self.line_end
            if self.lines and lines == self.lines:
                break
            while held and not any(_ids(held) == list(stop[: len(held)]) for stop in self.stops):
                yield held.pop(0)
        yield from held


def _ids(drawn: Sequence[Drawn]) -> list[int]:
    return [one.id for one in drawn]
