"""Drawing characters one by one from a network."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from charrnn.arrays import Array
from charrnn.errors import UsageError
from charrnn.intervention import Intervention
from charrnn.network import CHUNK, Network
from charrnn.prepared import State
from charrnn.sampling.filters import Filters, draw
from charrnn.text.vocabulary import Ids

HOTTEST = 1_000_000  # beyond it nothing changes any more: all characters are as likely


class Drawn(NamedTuple):
    """A character of one stream, and what it was drawn from.

    id: the character's. logits (V,): the model's own, before every filter. state: the network's
    before it reads the character, of all streams, the stream's place in it being `stream`; empty
    where nobody asked for it.
    """

    id: int
    logits: Array
    state: State
    stream: int = 0


class Row(NamedTuple):
    """What was drawn at one place: ids, one a stream; logits (N, V) and state as in `Drawn`."""

    ids: list[int]
    logits: Array
    state: State

    def of(self, stream: int) -> Drawn:
        """Return what was drawn in one stream."""
        return Drawn(self.ids[stream], self.logits[stream], self.state, stream)


class Ready(NamedTuple):
    """A network that has read a prompt: the logits (N, V) of what comes next, and its state."""

    logits: Array
    state: State


@dataclass(frozen=True)
class Writer:
    """How characters are drawn from a network.

    temp: the temperature of the character at a place, counted from 0. held: units that are set
    from outside while it writes. states: whether what is drawn tells the network's state, too.
    """

    network: Network
    temp: Callable[[int], float]
    filters: Filters = field(default_factory=Filters)
    held: Sequence[Intervention] = ()
    states: bool = False

    def write(self, ready: Ready, length: int | None, random: np.random.Generator) -> Iterator[Row]:
        """Yield, for each place, what was drawn in all streams; without end if length is None."""
        logits = ready.logits
        stepper = self.network.stepper(len(logits))
        stepper.state = ready.state
        recent = np.zeros((0, len(logits)), np.intp)
        for place in range(length) if length is not None else itertools.count():
            ids = draw(self.filters.apply(logits, self.temp(place), recent), random)
            yield Row(ids, logits, stepper.state if self.states else ())
            if self.filters.repetition_penalty != 1:
                recent = np.concatenate([recent[1 - self.filters.window :], [ids]])
            logits = stepper.step(ids, self.held)


def generate(
    network: Network,
    prompt: Ids,
    *,
    temp: float,
    length: int | None,
    random: np.random.Generator,
    end: str = "",
) -> Iterator[int]:
    """Return an iterator over the ids of new characters that follow the prompt, in one stream.

    prompt (T,): ids, read but not returned; see `opened` for what stands in for none. length:
    how many characters; None goes on without end. end: what begins and ends a record in a model
    of records; the iterator stops before it would come again.
    Raises UsageError for a temperature or a length below zero.
    """
    if length is not None and length < 0:
        raise UsageError(f"the length is {length}, but must be at least 0")
    writer = Writer(network, ranging(temp, temp, length))
    last = network.vocabulary.encode(end).tolist()
    ready = read(network, opened(network, prompt, random, end))
    ids = (row.ids[0] for row in writer.write(ready, length, random))
    return itertools.takewhile(lambda drawn: drawn not in last, ids)


def read(network: Network, prompt: Ids, streams: int = 1) -> Ready:
    """Read a prompt of at least one character, the same in each stream."""
    state = network.start()
    if network.int8:  # whose steps are faster than reading at once
        stepper = network.stepper(1)
        stepper.state = state
        for id in prompt[:-1].tolist():
            stepper.step([id])
        state = stepper.state
    else:
        for start in range(0, len(prompt) - 1, CHUNK):
            state = network.run(prompt[:-1][start : start + CHUNK, None], state).state
    state = tuple(tuple(np.repeat(part, streams, axis=0) for part in layer) for layer in state)
    return Ready(*network.step(np.repeat(prompt[-1:], streams), state))


def opened(network: Network, prompt: Ids, random: np.random.Generator, end: str = "") -> Ids:
    """Return what the network reads before it writes: at least one character.

    With no prompt it is a line end (a random character where the alphabet has none), so that the
    text starts as a line does. end: what begins and ends a record, in a model of records; it
    comes before the prompt.
    """
    if end:
        return np.concatenate([network.vocabulary.encode(end), prompt])
    if len(prompt):
        return prompt
    if "\n" in network.vocabulary.characters:
        return network.vocabulary.encode("\n")
    return random.integers(len(network.vocabulary), size=1, dtype=np.uint32)


def ranging(first: float, last: float, length: int | None) -> Callable[[int], float]:
    """Return the temperature at each place: from the first to the last in equal steps.

    Raises UsageError for a temperature out of its range, or a range over no known length.
    """
    for temp in (first, last):
        if not 0 <= temp <= HOTTEST:
            raise UsageError(f"the temperature is {temp}, but must be from 0 to {HOTTEST:,}")
    if first == last:
        return lambda place: first
    if length is None:
        raise UsageError("a range of temperatures needs a length")
    step = (last - first) / max(length - 1, 1)
    return lambda place: first + step * place
