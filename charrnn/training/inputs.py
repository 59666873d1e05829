"""What a layer reads, laid out for it."""

import torch
from torch import Tensor, nn


def looked_up(rows: Tensor | None, x: Tensor | None, weight: Tensor) -> Tensor:
    """Return what a layer with a weight (G·H, E) reads (T, N, E).

    rows (T, N): ids, of which x (V, E) is the embedding, None for one-hot; None where x is read.
    """
    if rows is None:
        assert x is not None
        return x
    if x is not None:
        return nn.functional.embedding(rows, x)
    return weight.new_zeros(*rows.shape, weight.shape[1]).scatter_(2, rows[..., None], 1)


def padded(lengths: Tensor, steps: int) -> Tensor:
    """Return where (T, N) texts of some lengths (N,) are over."""
    return torch.arange(steps, device=lengths.device)[:, None] >= lengths


def within(ids: Tensor, lengths: Tensor | None) -> Tensor:
    """Return ids (T, N) with 0 behind each text's end, where anything may stand."""
    return ids if lengths is None else ids.masked_fill(padded(lengths, len(ids)), 0)


def flipped(x: Tensor, lengths: Tensor | None) -> Tensor:
    """Return x (T, N, …) read backwards from each text's own end; what is behind it stays."""
    if lengths is None:
        return x.flip(0)
    steps, streams = x.shape[:2]
    times = torch.arange(steps, device=x.device)[:, None]
    times = torch.where(padded(lengths, steps), times, lengths - 1 - times)  # (T, N)
    places = times * streams + torch.arange(streams, device=x.device)
    return x.flatten(0, 1).index_select(0, places.flatten()).view(x.shape)
