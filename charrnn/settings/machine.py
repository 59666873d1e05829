"""On what a run computes."""

from dataclasses import dataclass
from typing import Literal

from charrnn.settings.setting import setting


@dataclass(frozen=True)
class MachineSettings:
    """The machine, and the seed."""

    device: Literal["auto", "cpu", "cuda", "mps"] = setting("auto", "Machine", "Where to train")
    kernel: Literal["auto", "fused", "torch"] = setting(
        "auto", "Machine", "Run the recurrence by our fused kernels (CPU) or by torch.nn"
    )
    precision: Literal["float32", "bfloat16"] = setting(
        "float32", "Machine", "Precision of the matrix products, on a GPU"
    )
    threads: int = setting(0, "Machine", "CPU threads; 0 is one per core", low=0, high=256)
    seed: int = setting(
        0,
        "Machine",
        "Random seed; the same seed on the same machine repeats the run",
        low=0,
        high=2**63 - 1,
    )
