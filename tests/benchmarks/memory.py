"""Peak resident memory of a training run at 2 × 512, batch 50 × 100, with either kernel.

    python tests/benchmarks/memory.py FILE

An LSTM and a GRU without dropout or averaging, hardly validated; four runs with each kernel,
in turn, after one that compiles; minimum, median and maximum.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

SHAPE = (
    "--layers 2 --hidden 512 --batch 50 --sequence 100 --steps 10 --dropout 0 --average 0 "
    "--validation-chars 5000".split()
)
CHARRNN = Path(sys.executable).with_name("charrnn")


def peak_megabytes(corpus: str, backbone: str, kernel: str) -> float:
    """Return the most memory that a run of `charrnn train` had at once."""
    with tempfile.TemporaryDirectory() as folder:
        run = ["--backbone", backbone, "--kernel", kernel, "--out", f"{folder}/run", "--quiet"]
        command = [CHARRNN, "train", corpus, *SHAPE, *run]
        process = subprocess.Popen(command)
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{kernel}: the run failed")
    return usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def main() -> None:
    """Print what each kernel needed."""
    corpus = sys.argv[1]
    for backbone in ("lstm", "gru"):
        peak_megabytes(corpus, backbone, "fused")
        runs = [
            {kernel: peak_megabytes(corpus, backbone, kernel) for kernel in ("fused", "torch")}
            for _ in range(4)
        ]
        for kernel in ("fused", "torch"):
            peaks = [run[kernel] for run in runs]
            middle = statistics.median(peaks)
            print(f"{backbone} {kernel}: {min(peaks):.0f} / {middle:.0f} / {max(peaks):.0f} MB")


if __name__ == "__main__":
    main()
