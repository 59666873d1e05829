"""A text for a text: the cross-entropy of each symbol of a target whose source was read."""

import numpy as np
import torch
from torch import Tensor, nn

from charrnn.sampling.beam import answers
from charrnn.seq2seq import Seq2Seq
from charrnn.settings import TrainConfig
from charrnn.text.batches import PADDING
from charrnn.text.pairs import PairBatch, Pairs
from charrnn.training.evaluate import Evaluation
from charrnn.training.translator import Translator

TOGETHER = 256  # pairs that are judged at once
SOME = 256  # pairs whose target is written, to see whether it is exact


class Objective(nn.Module):
    """A model and what is minimised, as one module."""

    def __init__(self, model: Translator, settings: TrainConfig) -> None:
        super().__init__()
        self.model, self.smoothing = model, settings.label_smoothing
        self.in_bfloat16 = settings.precision == "bfloat16"

    def forward(self, batch: PairBatch, state: object) -> tuple[Tensor, Tensor, None]:
        """Return the loss to minimise, with smoothing, and the loss in nats a symbol."""
        device = self.model.device.type
        with torch.autocast(device, torch.bfloat16, enabled=self.in_bfloat16):
            logits, targets = _predicted(self.model, batch)
        loss = nn.functional.cross_entropy(
            logits, targets, ignore_index=PADDING, label_smoothing=self.smoothing
        )
        with torch.no_grad():
            loss_nats = nn.functional.cross_entropy(logits, targets, ignore_index=PADDING)
        return loss, loss_nats, None


def objective(model: Translator, settings: TrainConfig) -> Objective:
    """Return what a step makes smaller."""
    return Objective(model, settings)


def _predicted(model: Translator, batch: PairBatch) -> tuple[Tensor, Tensor]:
    """Return the logits (T · N, V) of what follows in each target, and what does (T · N,)."""
    inputs, lengths, targets = (torch.from_numpy(part).to(model.device) for part in batch)
    read = targets[:-1].clamp(min=0)  # behind a target's end anything may be read
    logits = model.targeted(inputs, lengths, read)
    return logits.flatten(0, 1), targets[1:].flatten()


@torch.no_grad()
def evaluate(model: Translator, pairs: Pairs) -> Evaluation:
    """Return the loss in nats a symbol, ends among them, and the share of exact answers."""
    learning = model.training
    model.eval()
    nats = count = 0.0
    order = np.argsort(pairs.sorting, kind="stable")
    for first in range(0, len(order), TOGETHER):
        logits, targets = _predicted(model, pairs.read(order[first : first + TOGETHER]))
        nats += float(
            nn.functional.cross_entropy(logits, targets, ignore_index=PADDING, reduction="sum")
        )
        count += int((targets != PADDING).sum())
    model.train(learning)
    return Evaluation(nats / max(1, count), 0, {"exact": exact(model, pairs)})


def exact(model: Translator, pairs: Pairs) -> float:
    """Return the share of some sources whose greedy answer is one of their targets."""
    few = pairs.first(min(SOME, len(pairs.starts)))
    known: dict[bytes, set[tuple[int, ...]]] = {}
    sources = np.split(few.ids, few.starts[1:])
    targets = np.split(few.target_ids, few.target_starts[1:])
    for source, target in zip(sources, targets, strict=True):
        known.setdefault(source.tobytes(), set()).add(tuple(target[1:-1].tolist()))
    network = Seq2Seq(model.architecture, model.to_numpy(), int(few.target_ids[0]))
    length = int(few.target_lengths.max())
    found = answers(network, sources, 1, [length] * len(sources))
    hits = [
        tuple(one[0].ids) in known[source.tobytes()]
        for source, one in zip(sources, found, strict=True)
    ]
    return float(np.mean(hits)) if hits else 0.0
