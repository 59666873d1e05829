"""Drawing characters one by one from a network."""

import itertools
from collections.abc import Iterator

import numpy as np

from charrnn.cells.cell import Array
from charrnn.errors import UsageError
from charrnn.network import CHUNK, Network
from charrnn.text.vocabulary import Ids

COLDEST = 1e-6  # below it nothing but the likeliest character can be drawn


def generate(
    network: Network,
    prompt: Ids,
    *,
    temp: float,
    length: int | None,
    random: np.random.Generator,
    end: str = "",
) -> Iterator[int]:
    """Return an iterator over the ids of new characters that follow the prompt.

    prompt (T,): ids, read but not returned; with none, the network first reads a line end
    (a random character where its alphabet has none), so that the text starts as a line does.
    length: how many characters; None goes on without end. end: what begins and ends a record in
    a model of records: it is read first, and the iterator stops before it would come again.
    Raises UsageError for a temperature or a length below zero.
    """
    if not temp >= 0 or temp == float("inf"):
        raise UsageError(f"the temperature is {temp}, but must be a number from 0 up")
    if length is not None and length < 0:
        raise UsageError(f"the length is {length}, but must be at least 0")
    endless = _endless(network, prompt, temp, random)
    if end:
        last = network.vocabulary.encode(end)
        endless = _endless(network, np.concatenate([last, prompt]), temp, random)
        endless = itertools.takewhile(lambda drawn: drawn != last[0], endless)
    return itertools.islice(endless, length)


def _endless(
    network: Network, prompt: Ids, temp: float, random: np.random.Generator
) -> Iterator[int]:
    if not len(prompt):
        prompt = _opening(network, random)
    state = network.start()
    for start in range(0, len(prompt) - 1, CHUNK):
        state = network.run(prompt[:-1][start : start + CHUNK, None], state).state
    drawn = int(prompt[-1])
    while True:
        logits, state = network.step([drawn], state)
        drawn = draw(logits[0], temp, random)
        yield drawn


def _opening(network: Network, random: np.random.Generator) -> Ids:
    if "\n" in network.vocabulary.characters:
        return network.vocabulary.encode("\n")
    return random.integers(len(network.vocabulary), size=1, dtype=np.uint32)


def draw(logits: Array, temp: float, random: np.random.Generator) -> int:
    """Draw an id from softmax(logits / temp), logits (V,); at temp 0 the likeliest one."""
    if temp < COLDEST:
        return int(logits.argmax())
    scaled = logits - logits.max()
    if temp != 1:
        scaled /= temp
    mass = np.add.accumulate(np.exp(scaled, out=scaled), dtype=np.float64)
    place = int(mass.searchsorted(random.random() * mass[-1], side="right"))
    return min(place, len(mass) - 1)
