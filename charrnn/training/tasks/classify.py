"""A label for a text: the cross-entropy over labels of the outputs, pooled over each text."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from charrnn import measures
from charrnn.settings import TrainConfig
from charrnn.text.texts import Batch, Texts
from charrnn.training.evaluate import Evaluation
from charrnn.training.model import CharacterModel

TOGETHER = 256  # texts that are judged at once
FEW = 10  # states of a unit, of which there should be more to tell whether it varies


def pooled(
    outputs: Tensor,
    lengths: Tensor,
    kind: str,
    bidirectional: bool,
    attention: Tensor | None = None,
) -> Tensor:
    """Return one vector a text (N, D) of the outputs (T, N, D) of its characters.

    lengths (N,). last: the output at which each direction has read the whole text. attention (1,
    D): scores the outputs, see `charrnn.labelling.pooled`.
    """
    if kind == "last":
        texts = torch.arange(outputs.shape[1], device=outputs.device)
        ends = outputs[lengths - 1, texts]
        if not bidirectional:
            return ends
        half = outputs.shape[2] // 2
        return torch.cat([ends[:, :half], outputs[0, :, half:]], dim=1)
    steps = torch.arange(len(outputs), device=outputs.device)[:, None, None]
    inside = steps < lengths[:, None]  # (T, N, 1)
    if attention is not None:
        scores = nn.functional.linear(outputs.tanh(), attention)  # (T, N, 1)
        weights = scores.masked_fill(~inside, -torch.inf).softmax(dim=0)
        return (outputs * weights).sum(dim=0)
    if kind == "mean":
        return (outputs * inside).sum(dim=0) / lengths[:, None]
    return outputs.masked_fill(~inside, -torch.inf).amax(dim=0)


class Objective(nn.Module):
    """A model and what is minimised, as one module."""

    def __init__(self, model: CharacterModel, settings: TrainConfig) -> None:
        super().__init__()
        self.model, self.smoothing = model, settings.label_smoothing
        self.blanked = settings.character_dropout
        self.weights: Tensor | None = None
        if settings.balance:
            self.weights = weights(model.target_counts, settings.balance)
        self.in_bfloat16 = settings.precision == "bfloat16"

    def forward(self, batch: Batch, state: Any) -> tuple[Tensor, Tensor, None]:
        """Return the loss to minimise, with smoothed labels, and the loss in nats a text."""
        device = self.model.device
        with torch.autocast(device.type, torch.bfloat16, enabled=self.in_bfloat16):
            logits = _logits(self.model, self._blanked(batch))
        labels = torch.from_numpy(batch.targets).to(device)
        loss = nn.functional.cross_entropy(
            logits, labels, self.weights, label_smoothing=self.smoothing
        )
        with torch.no_grad():
            loss_nats = nn.functional.cross_entropy(logits, labels)
        return loss, loss_nats, None

    def _blanked(self, batch: Batch) -> Batch:
        """Return texts with some characters read as unknown, but never the mark before a text."""
        if not self.blanked:
            return batch
        inputs = batch.inputs.copy()
        unknown = self.model.architecture.vocabulary - 1
        inputs[1:][torch.rand(inputs[1:].shape).numpy() < self.blanked] = unknown
        return batch._replace(inputs=inputs)


def weights(counts: Tensor, balance: float) -> Tensor:
    """Return how much a text of each label (K,) counts, 1 on average: share^-balance, scaled."""
    shares = counts.clamp(min=1) / counts.clamp(min=1).sum()
    weights = shares**-balance
    return weights / (weights * shares).sum()


def objective(model: CharacterModel, settings: TrainConfig) -> Objective:
    """Return what a step makes smaller."""
    return Objective(model, settings)


def _logits(model: CharacterModel, batch: Batch) -> Tensor:
    """Return the logits (N, K) of the labels of a batch."""
    shape = model.architecture
    inputs, lengths = (torch.from_numpy(part).to(model.device) for part in batch[:2])
    outputs, _ = model.read(inputs, lengths=lengths)
    vector = None if model.attention is None else model.attention.weight
    return model.logits(pooled(outputs, lengths, shape.pool, shape.bidirectional, vector))


@torch.no_grad()
def evaluate(model: CharacterModel, texts: Texts) -> Evaluation:
    """Return the log loss on texts, in nats a text, accuracy and macro-F1."""
    learning = model.training
    model.eval()
    order = np.argsort(texts.lengths, kind="stable")
    logits = [
        _logits(model, texts.read(order[first : first + TOGETHER])).cpu().double().numpy()
        for first in range(0, len(order), TOGETHER)
    ]
    model.train(learning)
    shifted = np.concatenate(logits)
    shifted -= shifted.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    found = measures.measures(logs, texts.labels[order])
    named = {"accuracy": found.accuracy, "macro_f1": found.macro_f1}
    return Evaluation(found.log_loss, 0, named)
