"""A whole training step with our kernels and with torch.nn, in turn in one process.

    python tests/benchmarks/kernels.py

Batch 50 × 50 over 65 characters, float32: forward, loss, backward, clipping, Adam. Medians, with
the ratio taken step by step. The share is of this machine's own rate for a 2048³ product, and
counts 6 × characters × (weights that are multiplied).
"""

import charrnn.training  # noqa: F401, I001  # before torch: it sets how torch's threads wait

import statistics
import time

import numpy as np
import torch

from charrnn.architecture import Architecture
from charrnn.training.model import CharacterModel, detach
from charrnn.training.optimization import adam, descend, loss_of

STEPS, STREAMS, VOCABULARY, ROUNDS, BLOCK = 50, 50, 65, 9, 4
SIZES = [(1, 128), (2, 128), (2, 256), (1, 512)]


def stepper(architecture: Architecture, fused: bool):
    """Return a function that takes one training step and returns its seconds."""
    model = CharacterModel(architecture, fused)
    model.initialise(torch.Generator().manual_seed(0))
    optimizer = adam(model, 0.001)
    text = np.random.default_rng(0).integers(VOCABULARY, size=(STEPS + 1, STREAMS))
    state = None

    def step() -> float:
        nonlocal state
        start = time.perf_counter()
        for _ in range(BLOCK):
            loss, state = loss_of(model, text[:-1], text[1:], state)
            state = detach(state)
            descend(model, optimizer, loss, clip_norm=1.0, clip_value=0.0)
        return (time.perf_counter() - start) / BLOCK

    return step


def peak() -> float:
    """Return the operations a second of a 2048³ product: the median of several."""
    one, other = torch.randn(2048, 2048), torch.randn(2048, 2048)
    seconds = []
    for _ in range(9):
        start = time.perf_counter()
        one @ other
        seconds.append(time.perf_counter() - start)
    return 2 * 2048**3 / statistics.median(seconds)


def operations(architecture: Architecture) -> int:
    """Count those of a step: three passes, two operations a weight and character."""
    multiplied = {
        name: shape
        for name, shape in architecture.shapes().items()
        if len(shape) == 2 and name != "rnn.weight_ih_l0"
    }
    return 6 * STEPS * STREAMS * sum(rows * columns for rows, columns in multiplied.values())


def main() -> None:
    """Print the table."""
    print(f"{torch.get_num_threads()} threads, {peak() / 1e9:,.0f} GFLOP/s in a 2048³ product")
    print(f"{'':14} {'ours':>9} {'torch.nn':>9} {'ratio':>6} {'(least–most)':>13} {'share':>6}")
    for backbone in ("lstm", "gru", "vanilla"):
        for layers, hidden in SIZES:
            architecture = Architecture(backbone, layers, hidden, VOCABULARY)
            ours, theirs = stepper(architecture, True), stepper(architecture, False)
            ours(), theirs()  # compiled, and warm
            pairs = [(ours(), theirs()) for _ in range(ROUNDS)]
            own, other = (statistics.median(column) for column in zip(*pairs, strict=True))
            ratios = sorted(second / first for first, second in pairs)
            share = operations(architecture) / own / peak()
            print(
                f"{backbone:8}{layers}×{hidden:<4} {own * 1e3:6.1f} ms {other * 1e3:6.1f} ms "
                f"{statistics.median(ratios):6.2f} {ratios[0]:6.2f}–{ratios[-1]:.2f} {share:7.2f}"
            )


if __name__ == "__main__":
    main()
