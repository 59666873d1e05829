"""The first weights of a network: what training begins with, and what `find` compares with."""

import math

import numpy as np
import numpy.typing as npt

from charrnn.architecture import DECODER, Architecture

UNIFORM = 0.08  # char-rnn's
EMBEDDING = 0.5  # standard deviation
CONNECTIONS = 15  # into each unit of a sparse matrix, as in Sutskever et al. 2013

Array = npt.NDArray[np.float64]


def first_weights(
    architecture: Architecture,
    random: np.random.Generator,
    kind: str = "orthogonal",
    *,
    forget_bias: float = 1.0,
    spectral_radius: float = 1.1,
    target_counts: npt.NDArray[np.integer] | None = None,
) -> dict[str, npt.NDArray[np.float32]]:
    """Draw the first weights, by the names of their tensors.

    uniform: everything within ± 0.08, as char-rnn. xavier: all matrices, gate by gate (Glorot &
    Bengio 2010). orthogonal (Saxe et al. 2014), identity (Le et al. 2015) and sparse, of a given
    spectral radius (Jaeger 2001): the recurrent matrices, gate by gate; the others uniform within
    ± 1 / √H as in torch.nn, but within ± 1 where inputs are one-hot, since one number alone then
    has to be heard beside the whole state. Biases are zero but for uniform; a cell's `FORGET_GATE`
    gets its own, so that it remembers from the start (Jozefowicz et al. 2015). Embeddings are
    normal, a learned first state is zero.

    target_counts: how often each id (V,) is to be predicted. But for uniform, the output's bias
    starts at their log frequency. From zero, the quickest way to those frequencies is a hidden
    state that does not change: the gradient opens the forget gate and drives c to where tanh is
    flat, and the unit stays there, a second bias.
    """
    hidden, cell = architecture.hidden, architecture.cell
    weights = {}
    for name, shape in architecture.shapes().items():
        if name.startswith(DECODER):
            continue
        value = _drawn(architecture, name, shape, random, kind, spectral_radius)
        if "bias_ih" in name and cell.FORGET_GATE:
            start = cell.GATES.index(cell.FORGET_GATE) * hidden
            value[start : start + hidden] = forget_bias
        weights[name] = value.astype(np.float32)
    if architecture.decoder:
        return weights | {
            f"{DECODER}{name}": value
            for name, value in first_weights(
                architecture.decoder,
                random,
                kind,
                forget_bias=forget_bias,
                spectral_radius=spectral_radius,
                target_counts=target_counts,
            ).items()
        }
    if target_counts is not None and kind != "uniform":
        weights["head.bias"] = _log_frequency(target_counts).astype(np.float32)
    return weights


def _drawn(
    architecture: Architecture,
    name: str,
    shape: tuple[int, ...],
    random: np.random.Generator,
    kind: str,
    radius: float,
) -> Array:
    """Draw one tensor."""
    hidden = architecture.hidden
    if name.startswith("initial"):
        return np.zeros(shape)
    if kind == "uniform":
        return random.uniform(-UNIFORM, UNIFORM, shape)
    if name == "labels.weight":
        return random.normal(0, EMBEDDING, shape)
    if name.startswith("embedding"):  # where the softmax uses it too, as its rows begin
        return random.normal(0, hidden**-0.5 if architecture.tied else EMBEDDING, shape)
    if "bias" in name:
        return np.zeros(shape)
    if "weight_hh" in name:
        gates = shape[0] // hidden
        return np.concatenate([_recurrent(hidden, kind, random, radius) for _ in range(gates)])
    if kind == "xavier":
        gates = shape[0] // hidden if "weight_ih" in name else 1
        return _xavier(shape, shape[0] // gates, random)
    first = name in ("rnn.weight_ih_l0", "rnn.weight_ih_l0_reverse")
    one_hot = first and not architecture.embedding
    bound = 1.0 if one_hot else hidden**-0.5
    return random.uniform(-bound, bound, shape)


def _recurrent(hidden: int, kind: str, random: np.random.Generator, radius: float) -> Array:
    """Draw the recurrent matrix (H, H) of a gate."""
    shape = hidden, hidden
    if kind == "identity":
        return np.eye(hidden)
    if kind == "xavier":
        return _xavier(shape, hidden, random)
    gate: Array = random.normal(size=shape)
    if kind == "orthogonal":
        q, r = np.linalg.qr(gate)
        uniform: Array = q * np.where(np.diag(r) < 0, -1, 1)  # among all rotations and reflections
        return uniform
    gate *= random.random(shape).argsort(axis=1).argsort(axis=1) < CONNECTIONS
    gate *= radius / max(float(np.abs(np.linalg.eigvals(gate)).max()), 1e-6)
    return gate


def _xavier(shape: tuple[int, ...], outputs: int, random: np.random.Generator) -> Array:
    bound = math.sqrt(6 / (outputs + shape[1]))
    return random.uniform(-bound, bound, shape)


def _log_frequency(counts: npt.NDArray[np.integer]) -> Array:
    """Return ln((n + 1) / Σ (n + 1)) for each count n (V,): none has a chance of zero."""
    frequency: Array = np.log((counts + 1) / (counts + 1).sum())
    return frequency
