"""A tag for each character: the cross-entropy over the tags of real characters."""

from typing import Any

import torch
from torch import Tensor, nn

from charrnn.settings import TrainConfig
from charrnn.text.batches import PADDING
from charrnn.text.tagged import TaggedTexts
from charrnn.text.texts import Batch
from charrnn.training.evaluate import Evaluation
from charrnn.training.model import CharacterModel


class Objective(nn.Module):
    """A model and what is minimised, as one module."""

    def __init__(self, model: CharacterModel, settings: TrainConfig) -> None:
        super().__init__()
        self.model, self.smoothing = model, settings.label_smoothing
        self.in_bfloat16 = settings.precision == "bfloat16"

    def forward(self, batch: Batch, state: Any) -> tuple[Tensor, Tensor, None]:
        """Return the loss to minimise, with smoothed labels, and the loss in nats a character."""
        device = self.model.device.type
        with torch.autocast(device, torch.bfloat16, enabled=self.in_bfloat16):
            logits, tags = _predicted(self.model, batch)
        loss = nn.functional.cross_entropy(logits, tags, label_smoothing=self.smoothing)
        with torch.no_grad():
            loss_nats = nn.functional.cross_entropy(logits, tags)
        return loss, loss_nats, None


def objective(model: CharacterModel, settings: TrainConfig) -> Objective:
    """Return what a step makes smaller."""
    return Objective(model, settings)


def _predicted(model: CharacterModel, batch: Batch) -> tuple[Tensor, Tensor]:
    """Return the logits (C, K) at the characters of a batch that have a tag, and the tags (C,)."""
    inputs, lengths, targets = (torch.from_numpy(part).to(model.device) for part in batch)
    outputs, _ = model.read(inputs, lengths=lengths)
    counted = targets != PADDING  # (T, N)
    return model.logits(outputs[counted]), targets[counted]


@torch.no_grad()
def evaluate(model: CharacterModel, texts: TaggedTexts) -> Evaluation:
    """Return the log loss on texts, in nats a character, and the share of tags that are right."""
    learning = model.training
    model.eval()
    nats = right = count = 0.0
    for windows in texts.together():
        logits, tags = _predicted(model, texts.read(windows))
        nats += float(nn.functional.cross_entropy(logits, tags, reduction="sum"))
        right += int((logits.argmax(dim=1) == tags).sum())
        count += len(tags)
    model.train(learning)
    return Evaluation(nats / max(1, count), 0, {"accuracy": right / max(1, count)})
