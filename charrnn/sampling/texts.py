"""New text as Python asks for it, with the settings of `charrnn sample`."""

import dataclasses
import secrets
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from charrnn import config
from charrnn.errors import UsageError
from charrnn.network import Network
from charrnn.neurons.choice import with_number
from charrnn.reading import Opened
from charrnn.sampling.generate import Drawn
from charrnn.sampling.labels import parts
from charrnn.sampling.settings import SampleConfig, check
from charrnn.sampling.write import Task

ENDLESS = 1 << 62  # characters
WHOLE = ("beam", "best_of", "samples", "match", "max_copy")  # which need to know the length


def texts(network: Network, opened: Opened, given: dict[str, Any]) -> Iterator[str]:
    """Return an iterator over the text as it is drawn; over whole texts, where there are several.

    given: settings by name; a length of None goes on without end, no seed is a random one.
    Raises UsageError for what is wrong with them, VocabularyError for the prompt.
    """
    if given["length"] is None:
        if long := [one for one in WHOLE if given.get(one)]:
            raise UsageError(f"{long[0]} needs a length", "length=1000, for example")
        if ".." in str(given["temp"]):
            raise UsageError("a range of temperatures needs a length", "length=1000, for example")
        given = given | {"length": ENDLESS}
    settings = _settings(opened, given)
    prompt = network.vocabulary.encode(settings.prompt, settings.unknown)
    tasks = [
        Task.of(opened.path, part.model, part.of(network), prompt, part.config)
        for part in parts(opened.checkpoint, settings)
    ]
    random = np.random.default_rng(settings.seed)
    drawn = (text for task in tasks for text in task.texts(random))
    if settings.samples > 1:
        return ("".join(_text(network, one)) for one in drawn)
    return (piece for one in drawn for piece in _text(network, one))


def _settings(opened: Opened, given: dict[str, Any]) -> SampleConfig:
    """Return checked settings, with a neuron's number for each concept that is clamped."""
    named = {name: value for name, value in given.items() if value is not None}
    named = {name: value for name, value in named.items() if value != ()}
    found = config.parsed(SampleConfig, {"seed": secrets.randbits(32)} | named)
    settings = SampleConfig(**found)
    check(settings)
    if settings.clamp:
        clamps = tuple(with_number(one, opened) for one in settings.clamp)
        settings = dataclasses.replace(settings, clamp=clamps)
    return settings


def _text(network: Network, drawn: Iterable[Drawn]) -> Iterator[str]:
    return network.vocabulary.stream(one.id for one in drawn)
