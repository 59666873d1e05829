"""How fast a text was written and how likely the model held it."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from charrnn.sampling.generate import Drawn
from charrnn.sampling.search import nats

BLOCK = 256  # characters whose costs are worked out at once, at most
LOGITS = 1 << 17  # of which there are no more at once, where an alphabet is large


@dataclass
class Statistics:
    """What has been written: characters, their cost in nats, and the seconds since it was made."""

    characters: int = 0
    nats: float = 0.0
    seconds: float = 0.0
    started: float = field(default_factory=time.perf_counter)

    def watch(self, drawn: Iterable[Drawn]) -> Iterator[Drawn]:
        """Yield characters as they come, counting them."""
        block: list[Drawn] = []
        for one in drawn:
            yield one
            block.append(one)
            if len(block) == BLOCK or len(block) * len(one.logits) > LOGITS:
                self._count(block)
                block = []
        self._count(block)

    def _count(self, block: list[Drawn]) -> None:
        self.characters += len(block)
        self.nats += float(nats(block).sum())
        self.seconds = time.perf_counter() - self.started

    def describe(self) -> str:
        """Say it in a line."""
        each = self.nats / self.characters
        rate = self.characters / max(self.seconds, 1e-9)
        counted = f"{self.characters:,} character{'s' * (self.characters > 1)}"
        return f"{counted} · {rate:,.0f} per second · {each:.3f} nats per character"
