"""A whole training step with our kernels and with torch.nn, in turn in one process.

    python tests/benchmarks/kernels.py [FILE.json]

Batch 50 × 50 over 65 characters, float32: forward, loss, backward, clipping, Adam; four steps of
one, four of the other, nine times. The share is of this machine's own rate for a 2048³ product,
and counts 6 × characters × (weights that are multiplied). The file gets every figure.
"""

import charrnn.training  # noqa: F401, I001  # before torch: it sets how torch's threads wait

import json
import os
import platform
import statistics
import sys
import time
from pathlib import Path

import numba
import numpy as np
import torch

from charrnn.architecture import Architecture
from charrnn.training.learners import optimizers
from charrnn.initialisation import first_weights
from charrnn.training.model import CharacterModel, detach
from charrnn.training.learners.descent import descend
from charrnn.training.tasks.language_model import loss_of

STEPS, STREAMS, VOCABULARY, ROUNDS, BLOCK = 50, 50, 65, 9, 4
SIZES = {
    "lstm": [(1, 128), (2, 128), (2, 256), (1, 512), (2, 512)],
    "gru": [(1, 128), (2, 128), (2, 256), (1, 512)],
    "vanilla": [(1, 128), (2, 256)],
}


def stepper(architecture: Architecture, fused: bool):
    """Return a function that takes a block of training steps and returns one's seconds."""
    model = CharacterModel(architecture, fused)
    model.begin_with(first_weights(model.architecture, np.random.default_rng(0)))
    optimizer = optimizers.make("adam", model, 0.001)
    text = np.random.default_rng(0).integers(VOCABULARY, size=(STEPS + 1, STREAMS))
    state = None

    def steps() -> float:
        nonlocal state
        start = time.perf_counter()
        for _ in range(BLOCK):
            loss, _, state = loss_of(model, text[:-1], text[1:], state)
            state = detach(state)
            descend(model, optimizer, loss, clip_norm=1.0, clip_value=0.0)
        return (time.perf_counter() - start) / BLOCK

    return steps


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


def measured(architecture: Architecture) -> dict[str, float]:
    """Time one size with both kernels in turn."""
    ours, theirs = stepper(architecture, True), stepper(architecture, False)
    ours(), theirs()  # compiled, and warm
    rates = [peak()]
    pairs = [(ours(), theirs()) for _ in range(ROUNDS)]
    rates.append(peak())
    own, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratios = [second / first for first, second in pairs]
    return {
        "ours_ms": own * 1e3,
        "torch_ms": other * 1e3,
        "ratio_least": min(ratios),
        "ratio": statistics.median(ratios),
        "ratio_most": max(ratios),
        "share": operations(architecture) / own / statistics.mean(rates),
        "torch_share": operations(architecture) / other / statistics.mean(rates),
    }


def machine() -> dict[str, str | int | float]:
    """Describe what this runs on."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": os.cpu_count() or 0,
        "system": platform.platform(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numba": numba.__version__,
        "threads": torch.get_num_threads(),
        "gemm_gflops": peak() / 1e9,
    }


def main() -> None:
    """Print the table, and write it where a file is named."""
    described, rows = machine(), []
    print(", ".join(f"{name} {value}" for name, value in described.items()))
    print(f"{'':15} {'ours':>9} {'torch.nn':>9}  ratio (least – most)  share  torch.nn's")
    for backbone, sizes in SIZES.items():
        for layers, hidden in sizes:
            row = measured(Architecture(backbone, layers, hidden, VOCABULARY))
            rows.append({"backbone": backbone, "layers": layers, "hidden": hidden, **row})
            print(
                f"{backbone:8}{layers}×{hidden:<4} {row['ours_ms']:6.1f} ms {row['torch_ms']:6.1f} "
                f"ms  {row['ratio']:5.2f} ({row['ratio_least']:.2f} – {row['ratio_most']:.2f})"
                f"  {row['share']:7.2f}  {row['torch_share']:7.2f}",
                flush=True,
            )
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(json.dumps({"machine": described, "rows": rows}, indent=2))


if __name__ == "__main__":
    main()
