"""What a network makes of a text: its loss, state carried, and which of its units are alive."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from charrnn.cells.cell import DEAD, Cell
from charrnn.text.batches import PADDING
from charrnn.text.records import Records
from charrnn.text.vocabulary import Ids
from charrnn.training import distributed
from charrnn.training.model import CharacterModel
from charrnn.training.stack import State

FEW = 10  # states of a unit, of which there should be more to tell whether it varies
STREAMS = 32
STREAM_CHARACTERS = 3000  # a stream is at least so long, or there are fewer
WARMUP = 500
CHUNK = 47  # a prime: a state looked at after each of them is not always at one place of a line
LOGITS = 1 << 24  # computed at once, at most


class Evaluation(NamedTuple):
    """The loss in nats a character; how many units are dead, as good as constant."""

    nats: float
    dead_units: int
    measures: dict[str, float] = {}  # noqa: RUF012  # by name, beside the loss


def evaluate(model: CharacterModel, text: Ids | Records) -> Evaluation:
    """Evaluate a model on a text or on records."""
    if isinstance(text, Records):
        return of_records(model, text)
    return carried(model, text)


@dataclass
class Spread:
    """How much the states of units vary, from what was seen of them."""

    cell: Cell
    moments: Tensor | None = None

    def see(self, state: State) -> None:
        """Take in the last state of each layer as it is drawn: tanh(c), or h without a c."""
        shown = torch.stack([layer[-1] for layer in state])  # (layers, N, H)
        if self.cell.SIGNALS[self.cell.STATES[-1]].squashed:
            shown = shown.tanh()
        shown = shown.double()
        moments = torch.stack([torch.ones_like(shown), shown, shown.square()]).sum(dim=2)
        self.moments = moments if self.moments is None else self.moments + moments

    def dead_units(self) -> int:
        """Return how many units hardly varied."""
        if self.moments is None:
            return 0
        count, total, squares = distributed.mean(self.moments)
        if count.min() < FEW:
            return 0  # too little to tell
        variance = squares / count - (total / count).square()
        return int((variance < DEAD**2).sum())


def usual_streams(characters: int) -> int:
    """Return as how many streams a number of characters is read."""
    return min(STREAMS, max(1, (characters - 1) // STREAM_CHARACTERS))


def step_counts(characters: int, streams: int) -> tuple[int, int]:
    """Return how many steps warm the streams up, and how many are counted."""
    return WARMUP if streams > 1 else 0, -(-(characters - 1) // streams)


@torch.no_grad()
def carried(model: CharacterModel, ids: Ids, streams: int | None = None) -> Evaluation:
    """Evaluate a model on ids (C,), state carried, every character counted.

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
    most = min(CHUNK, LOGITS // (streams * model.architecture.vocabulary), length // FEW)
    chunk = max(1, most)
    mine = distributed.mine(streams)
    total = 0.0
    spread = Spread(model.architecture.cell)
    state: State | None = None
    for first in [*range(-warmup, 0, chunk), *range(0, length, chunk)]:
        if first == 0 and state and mine[0] == 0:
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
            spread.see(state)
    model.train(learning)
    shared = len(mine) < streams
    nats = (distributed.total(total) if shared else total) / count
    return Evaluation(nats, spread.dead_units())


@torch.no_grad()
def of_records(model: CharacterModel, records: Records) -> Evaluation:
    """Evaluate a model on records, each read from the first state."""
    learning = model.training
    model.eval()
    total, count = 0.0, 0
    spread = Spread(model.architecture.cell)
    state: State | None = None
    for step in range(records.epoch_steps):
        chunk = records.chunk(step)
        inputs, targets = (torch.from_numpy(part).to(model.device) for part in chunk[:2])
        # States are looked at in all places of a record but its start, where all are the same.
        middle = min(len(inputs), 2 + (len(inputs) // 2 + step) % max(1, len(inputs) - 1))
        before, state = model(inputs[:middle], None if chunk.fresh else state)
        spread.see(state)
        after, state = (
            model(inputs[middle:], state) if middle < len(inputs) else (before[:0], state)
        )
        logits = torch.cat([before, after])
        costs = torch.nn.functional.cross_entropy(
            logits.flatten(0, 1), targets.flatten(), ignore_index=PADDING, reduction="none"
        )
        total += float(costs.cpu().double().sum())
        count += int((chunk.targets != PADDING).sum())
    model.train(learning)
    return Evaluation(total / count, spread.dead_units())


def _with_first_at_start(model: CharacterModel, state: State) -> State:
    """Return the state, in which stream 0 starts: it has no text before it."""
    pairs = zip(state, model.start(1), strict=True)
    return tuple(
        tuple(torch.cat([first, part[1:]]) for part, first in zip(layer, start, strict=True))
        for layer, start in pairs
    )
