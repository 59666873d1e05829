"""A new run from the weights of an old one, whose alphabet may be another."""

import numpy as np
import torch

from charrnn.architecture import DECODER, Architecture
from charrnn.checkpoint import Checkpoint
from charrnn.errors import TrainingError
from charrnn.text.dataset import Dataset
from charrnn.text.symbols import Symbols
from charrnn.text.targets import Targets
from charrnn.text.vocabulary import Vocabulary
from charrnn.training.model import CharacterModel
from charrnn.training.translator import Translator

BY_CHARACTER = {
    "embedding.weight": 0,
    "head.weight": 0,
    "head.bias": 0,
    "rnn.weight_ih_l0": 1,
    "rnn.weight_ih_l0_reverse": 1,
}
"""Tensors with a row or a column a character, and which of the two."""


def carry_over(model: CharacterModel, vocabulary: Vocabulary, old: Checkpoint) -> int:
    """Copy an old model's weights, by character where a weight belongs to one.

    What belongs to a new character stays as it was drawn, and so does what the old model has not:
    labels, the layers that read backwards, and a head that predicts something else. Returns how
    many characters were known. Raises TrainingError for another shape.
    """
    _check_shape(model.architecture, old.architecture)
    pairs = [
        (new, old.vocabulary.characters.index(character))
        for new, character in enumerate(vocabulary.characters)
        if character in old.vocabulary.characters
    ]
    here, there = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    one_hot = not model.architecture.embedding
    ways = model.architecture.runs // old.architecture.runs
    anew = model.architecture.classes or old.architecture.classes
    anew = anew or model.architecture.head_hidden != old.architecture.head_hidden
    with torch.no_grad():
        for name, value in model.state_dict().items():
            begins = name.startswith(DECODER) or (name.startswith("head") and anew)
            if begins or name not in old.weights:
                continue
            weight, axis = torch.tensor(old.weights[name]), BY_CHARACTER.get(name)
            if name.startswith("initial"):
                value[::ways] = weight
            elif axis is None or (name.startswith("rnn") and not one_hot):
                value[..., : weight.shape[-1]] = weight  # beyond it stand labels, or the way back
            elif axis == 1:
                value[:, here] = weight[:, there]
                if old.architecture.labels:
                    value[:, len(vocabulary) :] = weight[:, len(old.vocabulary) :]
            else:
                within = value[:, : weight.shape[1]] if weight.ndim > 1 else value
                within[here] = weight[there]  # beyond it stands what else a decoder's head reads
    return len(pairs)


def carry_over_pairs(model: Translator, text: Dataset, old: Checkpoint) -> tuple[int, int]:
    """Do as `carry_over` for both sides; return how many characters of each were known.

    An old model without a decoder, such as a language model, begins both.
    """
    targets = text.targets
    assert targets
    if old.targets and _symbols(old.targets) != _symbols(targets):
        raise TrainingError(
            "the checkpoint writes other symbols than these texts have", "leave --init-from out"
        )
    read = carry_over(model, text.vocabulary, old)
    shape = old.architecture.decoder
    if shape and old.targets:
        within = {
            name.removeprefix(DECODER): value
            for name, value in old.weights.items()
            if name.startswith(DECODER)
        }
        old = Checkpoint(shape, old.targets.vocabulary, within)
    if targets.symbols.names and not shape:
        return read, 0  # a language model has characters
    return read, carry_over(model.decoder, targets.vocabulary, old)


def _symbols(targets: Targets) -> tuple[Symbols, Symbols]:
    return targets.source_symbols, targets.symbols


def _check_shape(new: Architecture, old: Architecture) -> None:
    """Raise TrainingError unless layers are alike: what is read and predicted may be another."""
    begun = {"vocabulary", "classes", "pool", "decoder"}
    begun |= set() if old.labels else {"labels", "label_size"}
    begun |= set() if old.bidirectional else {"bidirectional"}
    begun |= {"apart", "head_hidden"} if new.apart and not old.bidirectional else set()
    begun |= {"tied"} if new.classes else set()
    for name in old.__dataclass_fields__.keys() - begun:
        wanted, given = getattr(new, name), getattr(old, name)
        if wanted != given:
            raise TrainingError(
                f"the checkpoint has {name} {given}, the new network {wanted}",
                "leave that setting out: it is taken from the checkpoint",
            )
