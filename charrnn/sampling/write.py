"""Texts as the settings of `charrnn sample` ask for them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from charrnn.checkpoint import Checkpoint
from charrnn.errors import UsageError, VocabularyError
from charrnn.intervention import Intervention
from charrnn.network import Network
from charrnn.sampling.ends import Ends
from charrnn.sampling.filters import Filters
from charrnn.sampling.generate import Drawn, Ready, Row, Writer, opened, ranging, read
from charrnn.sampling.settings import SampleConfig
from charrnn.text.vocabulary import Ids, Vocabulary

if TYPE_CHECKING:
    from charrnn.sampling.copies import Copies
    from charrnn.sampling.rules import Rule


@dataclass(frozen=True)
class Task:
    """Everything from which texts follow, but the random numbers.

    prompt (T,): ids, perhaps none. rules: what the texts must keep. held: clamped neurons.
    copies: what counts as copied where it is only shown.
    """

    network: Network
    prompt: Ids
    config: SampleConfig
    record_end: str = ""
    rules: "Sequence[Rule]" = ()
    held: Sequence[Intervention] = ()
    copies: "Copies | None" = None

    @classmethod
    def of(
        cls, path: Path, loaded: Checkpoint, network: Network, prompt: Ids, config: SampleConfig
    ) -> "Task":
        """Read the rules and clamps from the settings. Raises UsageError for what is wrong.

        path: of the checkpoint, whose run says where the corpus is.
        """
        rules: list[Rule] = []
        if config.match:
            from charrnn.sampling.rules import Match

            rules.append(Match(config.match, network.vocabulary))
        copies = None
        if config.max_copy or config.show_copies:
            from charrnn.provenance import learned_text
            from charrnn.sampling.copies import Copies

            text = learned_text(path, loaded, config.corpus)
            rules += [Copies.of(text, config.max_copy)] if config.max_copy else []
            copies = Copies.of(text, config.show_copies) if config.show_copies else None
        held = []
        if config.clamp:
            from charrnn.sampling.steer import clamp

            held = [clamp(one, loaded.architecture) for one in config.clamp]
        made = cls(network, prompt, config, loaded.record_end, rules, held, copies)
        writer(made)  # so that what is wrong is known before anything is written
        return made

    def texts(self, random: np.random.Generator) -> Iterator[Iterable[Drawn]]:
        """Read the prompt; return an iterator over the texts, each one over what is drawn.

        A single text comes character by character.
        """
        streams = 1
        if not self.rules and not self.config.beam:
            streams = max(self.config.samples, self.config.best_of)
        prompt = opened(self.network, self.prompt, random, self.record_end)
        return self._texts(read(self.network, prompt, streams), random)

    def _texts(self, ready: Ready, random: np.random.Generator) -> Iterator[Iterable[Drawn]]:
        config, draws, ends = self.config, writer(self), self._ends()
        if self.rules:
            from charrnn.sampling.rules import write

            for _ in range(config.samples):
                text = write(draws, ready, self.rules, config.length, random, ends.record_end)
                yield list(ends.trimmed(text))
        elif config.beam:
            from charrnn.sampling.search import beam, follow

            ids = beam(draws, ready, config.beam, config.length, ends.record_end)
            yield ends.trimmed(follow(draws, ready, ids))
        elif config.samples == config.best_of == 1:
            yield ends.trimmed(row.of(0) for row in draws.write(ready, config.length, random))
        else:
            rows = draws.write(ready, config.length, random)
            columns = _columns(rows, len(ready.logits), ends)
            yield from _best(columns) if config.best_of > 1 else columns

    def _ends(self) -> Ends:
        vocabulary, config = self.network.vocabulary, self.config
        line_end = vocabulary.encode("\n", "skip").tolist()
        if config.lines and not line_end:
            raise UsageError("--lines: the model's alphabet has no line end", "use --length")
        record_end = vocabulary.encode(self.record_end).tolist()
        return Ends(
            record_end=record_end[0] if record_end else None,
            stops=[
                vocabulary.encode(stop).tolist()
                for stop in config.stop
                if may_come(stop, vocabulary)
            ],
            keep_stop=config.keep_stop,
            lines=config.lines,
            line_end=line_end[0] if line_end else None,
        )


def may_come(text: str, vocabulary: Vocabulary) -> bool:
    """Return whether an alphabet has every character of a text."""
    try:
        vocabulary.encode(text)
    except VocabularyError:
        return False
    return True


def _columns(rows: Iterable[Row], streams: int, ends: Ends) -> list[Iterable[Drawn]]:
    """Return the text of each stream, once all have ended."""
    kept: list[Row] = []
    ids: list[list[int]] = [[] for _ in range(streams)]
    going = set(range(streams)) if ends.any else set()
    for row in rows:
        kept.append(row)
        for stream in list(going):
            ids[stream].append(row.ids[stream])
            if ends.reached(ids[stream]):
                going.remove(stream)
        if ends.any and not going:
            break
    return [ends.trimmed(_column(kept, stream)) for stream in range(streams)]


def _column(rows: Sequence[Row], stream: int) -> Iterator[Drawn]:
    """Yield what was drawn in one stream, each as it is asked for: together they are many."""
    return (row.of(stream) for row in rows)


def _best(texts: Iterable[Iterable[Drawn]]) -> list[list[Drawn]]:
    """Return the one of several texts whose characters cost the model the least, on average."""
    from charrnn.sampling.search import mean_nats

    wholes = [list(text) for text in texts]
    return [min((text for text in wholes if text), key=mean_nats, default=[])]


def writer(task: Task) -> Writer:
    """Return what draws the characters of a task."""
    filters = _filters(task.config, task.network.vocabulary)
    shades = bool(task.config.color or task.config.top)  # which alone look at the states
    return Writer(task.network, temperature(task.config), filters, task.held, shades)


def temperature(config: SampleConfig) -> Callable[[int], float]:
    """Return the temperature at each place. Raises UsageError for what is none."""
    first, dots, last = config.temp.partition("..")
    try:
        both = float(first), float(last if dots else first)
    except ValueError:
        raise UsageError(
            f"--temp {config.temp!r} is not a temperature",
            "for example 0.8, or 0.3..1.2 over the length",
        ) from None
    return ranging(*((0.0, 0.0) if config.greedy else both), config.length)


def _filters(config: SampleConfig, vocabulary: Vocabulary) -> Filters:
    """Return the filters that are on. Raises UsageError where nothing may be written."""
    return Filters(
        top_k=config.top_k,
        top_p=config.top_p,
        min_p=config.min_p,
        typical=config.typical,
        repetition_penalty=config.repetition_penalty,
        window=config.repetition_window,
        allowed=_allowed(config, vocabulary),
    )


def _allowed(config: SampleConfig, vocabulary: Vocabulary) -> npt.NDArray[np.bool_] | None:
    if not config.ban and not config.only:
        return None
    for name, text in (("--ban", config.ban), ("--only", config.only)):
        strange = [one for one in text if not one.isascii()]
        if vocabulary.kind == "bytes" and strange:
            raise UsageError(
                f"{name}: {strange[0]} is several bytes, and this model writes bytes",
                f"{name} takes only ASCII characters here",
            )
    allowed = np.full(len(vocabulary), not config.only)
    allowed[vocabulary.encode(config.only, "skip")] = True
    allowed[vocabulary.encode(config.ban, "skip")] = False
    if not allowed.any():
        raise UsageError("--only and --ban leave no character of the model's alphabet")
    return allowed
