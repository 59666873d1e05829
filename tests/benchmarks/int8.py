"""How fast one stream writes with weights in int8, in a process of its own, without torch.

    python tests/benchmarks/int8.py lstm 2 512

prints the microseconds of a character; `sampling.py` starts it in turn with torch's loops, whose
threads would be in its way. `loss` says what the rounding costs a model.
"""

import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from conftest import random_checkpoint

from charrnn import checkpoint
from charrnn.network import Network
from charrnn.sampling.generate import generate

CHARACTERS = 1500
ALPHABET = "".join(map(chr, range(32, 97)))  # 65 characters, as in tiny Shakespeare


def write(network: Network) -> float:
    """Write with charrnn; return the microseconds of a character."""
    prompt, random = network.vocabulary.encode(" "), np.random.default_rng(0)
    start = time.perf_counter()
    for _ in generate(network, prompt, temp=1.0, length=CHARACTERS, random=random):
        pass
    return (time.perf_counter() - start) / CHARACTERS * 1e6


def loss(path: Path) -> tuple[float, float]:
    """Return the nats a character of a model on its held-out text, in float32 and in int8."""
    made = checkpoint.load(path)
    exact, near = (made.network(int8=int8).losses(made.heldout).mean() for int8 in (False, True))
    return float(exact), float(near)


def main(backbone: str, layers: str, hidden: str) -> None:
    """Print the time of a character."""
    made = random_checkpoint(backbone, int(layers), int(hidden), alphabet=ALPHABET)
    network = made.network(int8=True)
    write(network)  # compiles at first
    print(statistics.median(write(network) for _ in range(3)))


if __name__ == "__main__":
    main(*sys.argv[1:])
