"""A text for a label: the cross-entropy of the next character of texts whose label is known."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from charrnn.settings import TrainConfig
from charrnn.text.batches import PADDING
from charrnn.text.texts import Batch, Written
from charrnn.training.evaluate import Evaluation, Spread
from charrnn.training.model import CharacterModel
from charrnn.training.tasks.language_model import Penalty

TOGETHER = 256  # texts that are judged at once


class Objective(nn.Module):
    """A model and what is minimised, as one module."""

    def __init__(self, model: CharacterModel, settings: TrainConfig) -> None:
        super().__init__()
        self.model = model
        self.penalty = Penalty(settings.activation_penalty, settings.change_penalty)
        self.in_bfloat16 = settings.precision == "bfloat16"

    def forward(self, batch: Batch, state: Any) -> tuple[Tensor, Tensor, None]:
        """Return the loss to minimise, with penalties, and the loss in nats a character."""
        inputs, targets, labels = _tensors(self.model, batch)
        with torch.autocast(self.model.device.type, torch.bfloat16, enabled=self.in_bfloat16):
            outputs, _ = self.model.read(inputs, labels=labels)
            costs = _costs(self.model.logits(outputs), targets)
        loss_nats = costs.sum() / (targets != PADDING).sum()
        return loss_nats + self.penalty.of(outputs), loss_nats.detach(), None


def objective(model: CharacterModel, settings: TrainConfig) -> Objective:
    """Return what a step makes smaller."""
    return Objective(model, settings)


def _tensors(model: CharacterModel, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
    """Return what is read and what is predicted (T - 1, N), and the labels (N,).

    What stands after a text's end is read, but it is no target.
    """
    targets = batch.inputs[1:].copy()
    targets[np.arange(1, len(batch.inputs))[:, None] >= batch.lengths] = PADDING
    parts = batch.inputs[:-1], targets, batch.targets
    inputs, wanted, labels = (torch.from_numpy(part).to(model.device) for part in parts)
    return inputs, wanted, labels


def _costs(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the loss of each target (T, N) in nats, 0 for padding."""
    flat = logits.flatten(0, 1), targets.flatten()
    costs = nn.functional.cross_entropy(*flat, ignore_index=PADDING, reduction="none")
    return costs.view(targets.shape)


@torch.no_grad()
def evaluate(model: CharacterModel, texts: Written) -> Evaluation:
    """Return the loss on texts with their labels, in nats a character, ends among them."""
    learning = model.training
    model.eval()
    total, count = 0.0, 0
    spread = Spread(model.architecture.cell)
    order = np.argsort(texts.lengths, kind="stable")
    for number, first in enumerate(range(0, len(order), TOGETHER)):
        inputs, targets, labels = _tensors(model, texts.read(order[first : first + TOGETHER]))
        # States are looked at in all places of a text but its start, where all are the same.
        middle = min(len(inputs), 2 + number % max(1, len(inputs) - 1))
        before, state = model.read(inputs[:middle], labels=labels)
        spread.see(state)
        after = before[:0]
        if middle < len(inputs):
            after, _ = model.read(inputs[middle:], state, labels=labels)
        costs = _costs(model.logits(torch.cat([before, after])), targets)
        total += float(costs.double().sum())
        count += int((targets != PADDING).sum())
    model.train(learning)
    return Evaluation(total / count, spread.dead_units())
