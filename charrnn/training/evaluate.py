"""The loss on a text, with the state carried from its first character to its last."""

from typing import Any

import numpy as np
import torch

from charrnn.text.batches import PADDING
from charrnn.text.records import Records
from charrnn.text.vocabulary import Ids
from charrnn.training import distributed
from charrnn.training.model import CharacterModel

STREAMS = 32
STREAM_CHARACTERS = 3000  # a stream is at least so long, or there are fewer
WARMUP = 500
CHUNK = 50
LOGITS = 1 << 24  # computed at once, at most


def usual_streams(characters: int) -> int:
    """Return as how many streams so many characters are read."""
    return min(STREAMS, max(1, (characters - 1) // STREAM_CHARACTERS))


def step_counts(characters: int, streams: int) -> tuple[int, int]:
    """Return how many steps warm the streams up, and how many are counted."""
    return WARMUP if streams > 1 else 0, -(-(characters - 1) // streams)


@torch.no_grad()
def carried(model: CharacterModel, ids: Ids, streams: int | None = None) -> float:
    """Return the loss in nats a character on ids (C,), state carried, every character counted.

    Reading one character after another would leave a processor idle, so the text is read as
    several streams at once, each warmed up on the 500 characters before its own. With
    `streams=1` the result is exact; otherwise it differs by what a state still knows of
    characters more than 500 back.
    """
    device = model.device
    learning = model.training
    model.eval()
    count = len(ids) - 1
    streams = streams or usual_streams(len(ids))
    warmup, length = step_counts(len(ids), streams)
    chunk = max(1, min(CHUNK, LOGITS // (streams * model.architecture.vocabulary)))
    mine = distributed.mine(streams)
    total = 0.0
    state: Any = None
    for first in [*range(-warmup, 0, chunk), *range(0, length, chunk)]:
        if first == 0 and warmup and mine[0] == 0:
            state = _with_first_at_start(model, state)
        last = min(first + chunk, length if first >= 0 else 0)
        steps = np.arange(first, last)[:, None]
        places = steps + length * mine  # (T, N)
        inside = np.clip(places, 0, count - 1)
        both = torch.from_numpy(np.stack([ids[inside], ids[inside + 1]]).astype(np.int64))
        inputs, targets = both.to(device)
        logits, state = model(inputs, state)
        if first >= 0:
            costs = torch.nn.functional.cross_entropy(
                logits.flatten(0, 1), targets.flatten(), reduction="none"
            )
            counted = torch.from_numpy(places < count).flatten()
            total += float(costs.cpu().double()[counted].sum())
    model.train(learning)
    shared = len(mine) < streams
    return (distributed.total(total) if shared else total) / count


@torch.no_grad()
def of_records(model: CharacterModel, records: Records) -> float:
    """Return the loss in nats a character on records, each read from the first state."""
    learning = model.training
    model.eval()
    total, count = 0.0, 0
    state: Any = None
    for step in range(records.epoch_steps):
        chunk = records.chunk(step)
        inputs, targets = (torch.from_numpy(part).to(model.device) for part in chunk[:2])
        logits, state = model(inputs, None if chunk.fresh else state)
        costs = torch.nn.functional.cross_entropy(
            logits.flatten(0, 1), targets.flatten(), ignore_index=PADDING, reduction="none"
        )
        total += float(costs.cpu().double().sum())
        count += int((chunk.targets != PADDING).sum())
    model.train(learning)
    return total / count


def _with_first_at_start(model: CharacterModel, state: Any) -> Any:
    """Return the state (layers, N, H), in which stream 0 starts: it has no text before it."""

    def reset(part: torch.Tensor, first: torch.Tensor) -> torch.Tensor:
        return torch.cat([first, part[:, 1:]], dim=1)

    start = model.start(1)
    if isinstance(state, tuple):
        return tuple(reset(part, first) for part, first in zip(state, start, strict=True))
    return reset(state, start)
