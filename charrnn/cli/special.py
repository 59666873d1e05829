"""Samples that are more than text: shaded, beside each other, underlined, ranked, as JSON."""

import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np
from rich.console import Console
from rich.text import Text

from charrnn.sampling.generate import Drawn
from charrnn.sampling.search import nats
from charrnn.sampling.settings import SampleConfig
from charrnn.sampling.shades import shade, shaded
from charrnn.sampling.write import Task, writer
from charrnn.show import sampled, writing
from charrnn.show.console import PlainConsole, say
from charrnn.show.heatmap import legend
from charrnn.show.shaded_text import write_shaded

if TYPE_CHECKING:
    from charrnn.network import Network


def show(
    task: Task, texts: Iterator[Iterable[Drawn]], stream: TextIO, labels: Sequence[str]
) -> None:
    """Show texts as the settings say. labels: for which each was written, "" for none."""
    console = PlainConsole(file=stream)
    if task.config.json:
        _json(task, zip(texts, labels, strict=True), stream)
    elif task.config.beside:
        _beside(task, next(texts), console)
    elif task.config.show_copies:
        for text in texts:
            _copies(task, text, console)
    else:
        for text in texts:
            _shaded(task, text, console)


def _json(task: Task, texts: Iterable[tuple[Iterable[Drawn], str]], stream: TextIO) -> None:
    vocabulary = task.network.vocabulary
    for text, label in texts:
        ids: list[int] = []
        costs: list[float] = []
        for one in text:  # of which none is kept: each holds the logits of all characters
            ids.append(one.id)
            costs += nats([one]).tolist()
        figures: dict[str, Any] = {
            "prompt": vocabulary.decode(task.prompt.tolist()),
            "seed": task.config.seed,
            "characters": len(ids),
            "nats": float(np.mean(costs)) if ids else None,
        }
        if task.config.log_probs:
            figures["log_probs"] = [-cost for cost in costs]
        if label:
            figures["label"] = label
        written = vocabulary.decode(ids)
        stream.write(sampled.to_json(written, dataclasses.asdict(task.config), **figures) + "\n")
        stream.flush()


def _beside(task: Task, held: Iterable[Drawn], console: Console) -> None:
    """Show a text beside the one that the same seed gives without the clamps."""
    free = dataclasses.replace(task, held=())
    without = next(free.texts(np.random.default_rng(task.config.seed)))
    vocabulary = task.network.vocabulary
    texts = [
        vocabulary.decode([*task.prompt.tolist(), *(one.id for one in text)])
        for text in (without, held)
    ]
    sampled.show_beside(console, ["without", ", ".join(task.config.clamp)], texts)


def _copies(task: Task, text: Iterable[Drawn], console: Console) -> None:
    assert task.copies is not None
    written = task.network.vocabulary.characters_of(one.id for one in text)
    covered = task.copies.covered(written)
    sampled.show_copies(console, written, covered)
    share = float(covered.mean()) if len(covered) else 0.0
    writing.talk(f"{share:.1%} stands in the corpus, more than {task.copies.longest} in a row")


def _shaded(task: Task, text: Iterable[Drawn], console: Console) -> None:
    by = shade(task.config.color or "probability", writer(task))
    vocabulary = task.network.vocabulary
    alphabet = vocabulary.characters_of(range(len(vocabulary)))
    talk = PlainConsole(stderr=True)
    say(talk, Text(f"{by.name} · ") + legend(console, by.low, by.high))
    unshaded = np.full(len(vocabulary), np.nan)
    prompt = ((Drawn(one, unshaded, ()), np.nan) for one in task.prompt.tolist())
    pairs = itertools.chain(prompt, shaded(writer(task), text, by))
    write_shaded(console, pairs, alphabet, by.low, by.high, task.config.top)


def fill(network: "Network", prompt: str, config: SampleConfig, stream: TextIO) -> None:
    """Rank what may stand in place of the mask in the prompt."""
    from charrnn.sampling.fill import fillings

    found = fillings(network, prompt, config.fill, config.unknown)
    count = config.samples if config.samples > 1 else sampled.FILLINGS
    sampled.show_fillings(PlainConsole(file=stream), found.found[:count])
