"""The text with gaps: the cross-entropy of each character, given what is on both sides of it."""

from typing import Any

import torch
from torch import Tensor, nn

from charrnn.settings import TrainConfig
from charrnn.text.batches import PADDING, Chunk
from charrnn.text.surroundings import Surroundings
from charrnn.training.evaluate import Evaluation, Spread
from charrnn.training.model import CharacterModel
from charrnn.training.tasks.language_model import Penalty


class Objective(nn.Module):
    """A model and what is minimised, as one module."""

    def __init__(self, model: CharacterModel, settings: TrainConfig) -> None:
        super().__init__()
        self.model = model
        self.penalty = Penalty(settings.activation_penalty, settings.change_penalty)
        self.in_bfloat16 = settings.precision == "bfloat16"

    def forward(self, chunk: Chunk, state: Any) -> tuple[Tensor, Tensor, Any]:
        """Return the loss to minimise, with penalties, the loss in nats a character, the state."""
        device = self.model.device
        inputs, targets = (torch.from_numpy(part).to(device) for part in chunk[:2])
        inside = inputs != PADDING
        lengths = None if bool(inside.all()) else inside.sum(dim=0).clamp(min=1)
        with torch.autocast(device.type, torch.bfloat16, enabled=self.in_bfloat16):
            ahead = len(inputs) - len(targets)
            outputs, state = self.model.between(inputs.clamp(min=0), state, ahead, lengths)
            logits = self.model.logits(outputs).flatten(0, 1)
        costs = nn.functional.cross_entropy(
            logits, targets.flatten(), ignore_index=PADDING, reduction="sum"
        )
        loss_nats = costs / (targets != PADDING).sum().clamp(min=1)
        return loss_nats + self.penalty.of(outputs), loss_nats.detach(), state


def objective(model: CharacterModel, settings: TrainConfig) -> Objective:
    """Return what a step makes smaller."""
    return Objective(model, settings)


@torch.no_grad()
def evaluate(model: CharacterModel, texts: Surroundings) -> Evaluation:
    """Return the loss of each character given all others near it, in nats a character."""
    learning = model.training
    model.eval()
    nats, count, spread = 0.0, 0, Spread(model.architecture.cell)
    for windows in texts.together():
        inputs, lengths, targets = (
            torch.from_numpy(part).to(model.device) for part in texts.read(windows)
        )
        outputs, state = model.between(inputs, lengths=lengths)
        spread.see(state)
        counted = targets != PADDING
        costs = nn.functional.cross_entropy(
            model.logits(outputs[counted]), targets[counted], reduction="none"
        )
        nats += float(costs.double().sum())
        count += len(costs)
    model.train(learning)
    return Evaluation(nats / max(1, count), spread.dead_units())
