"""The first weights of a network."""

import numpy as np
import torch
from torch import Tensor, nn

from charrnn.text.batches import Counts
from charrnn.training.model import CharacterModel

UNIFORM = 0.08  # char-rnn's
EMBEDDING = 0.5  # standard deviation
CONNECTIONS = 15  # into each unit of a sparse matrix, as in Sutskever et al. 2013


def initialise(
    model: CharacterModel,
    generator: torch.Generator,
    kind: str = "orthogonal",
    *,
    forget_bias: float = 1.0,
    spectral_radius: float = 1.1,
    target_counts: Counts | None = None,
) -> None:
    """Draw the first weights.

    uniform: everything within ± 0.08, as char-rnn. xavier: all matrices, gate by gate (Glorot &
    Bengio 2010). orthogonal (Saxe et al. 2014), identity (Le et al. 2015) and sparse, of a given
    spectral radius (Jaeger 2001): the recurrent matrices, gate by gate; the others uniform within
    ± 1 / √H as in torch.nn, but within ± 1 where inputs are one-hot, since one number alone then
    has to be heard beside the whole state. Biases are zero but for uniform, the LSTM's forget gate
    gets its own, so that it remembers from the start (Jozefowicz et al. 2015). Embeddings are
    normal, a learned first state is zero.

    target_counts: how often each id (V,) is to be predicted. But for uniform, the output's bias
    starts at their log frequency. From zero, the quickest way to those frequencies is a hidden
    state that does not change: the gradient opens the forget gate and drives c to where tanh is
    flat, and the unit stays there, a second bias.
    """
    hidden = model.architecture.hidden
    for name, parameter in model.named_parameters():
        value = parameter.detach()
        if name.startswith("initial"):
            nn.init.zeros_(value)
        elif kind == "uniform":
            nn.init.uniform_(value, -UNIFORM, UNIFORM, generator=generator)
        elif name.startswith("embedding"):
            nn.init.normal_(value, std=_embedding_scale(model), generator=generator)
        elif "bias" in name:
            nn.init.zeros_(value)
        elif "weight_hh" in name:
            for gate in torch.split(value, hidden):
                _recurrent(gate, kind, generator, spectral_radius)
        elif kind == "xavier":
            for gate in torch.split(value, hidden) if "weight_ih" in name else [value]:
                nn.init.xavier_uniform_(gate, generator=generator)
        else:
            one_hot = name == "rnn.weight_ih_l0" and not model.architecture.embedding
            bound = 1.0 if one_hot else hidden**-0.5
            nn.init.uniform_(value, -bound, bound, generator=generator)
        if "bias_ih" in name and "f" in model.architecture.cell.GATES:
            start = model.architecture.cell.GATES.index("f") * hidden
            nn.init.constant_(value[start : start + hidden], forget_bias)
    if target_counts is not None and kind != "uniform":
        model.head.bias.detach().copy_(_log_frequency(target_counts))


def _log_frequency(counts: Counts) -> Tensor:
    """Return ln((n + 1) / Σ (n + 1)) for each count n (V,): none has a chance of zero."""
    return torch.from_numpy(np.log((counts + 1) / (counts + 1).sum()))


def _embedding_scale(model: CharacterModel) -> float:
    """Return ½, or where the softmax uses the same matrix, what a softmax's rows begin with."""
    return model.architecture.hidden**-0.5 if model.architecture.tied else EMBEDDING


def _recurrent(gate: Tensor, kind: str, generator: torch.Generator, radius: float) -> None:
    if kind == "orthogonal":
        nn.init.orthogonal_(gate, generator=generator)
    elif kind == "xavier":
        nn.init.xavier_uniform_(gate, generator=generator)
    elif kind == "identity":
        nn.init.eye_(gate)
    else:
        nn.init.normal_(gate, generator=generator)
        order = torch.rand(gate.shape, generator=generator).argsort(dim=1).argsort(dim=1)
        gate *= order < CONNECTIONS
        gate *= radius / torch.linalg.eigvals(gate).abs().max().clamp(min=1e-6)
