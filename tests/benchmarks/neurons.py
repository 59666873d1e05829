"""What the search for neurons costs.

    python tests/benchmarks/neurons.py [CORPUS]

A million characters (of CORPUS, repeated if it is shorter; else of the nested corpus), an LSTM of
2×128: every signal recorded and scored against every built-in concept, without ablation, in a
process of its own, with its memory beyond the imports. One concept's AUROC of all neurons against
scikit-learn in a loop over them, in turn in one process. And two commands, whole.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
from conftest import random_checkpoint

from charrnn import checkpoint
from charrnn.neurons.activations import Activations
from charrnn.neurons.concepts import built_in
from charrnn.neurons.search import search

CHARACTERS = 1_000_000
NESTED = Path(__file__).parent.parent.parent / "corpora" / "nested.txt"
ROUNDS = 5


def megabytes() -> float:
    """Return the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def every_concept(text: str) -> None:
    """Print the seconds and the memory of scoring all signals for all concepts."""
    network = random_checkpoint("lstm", 2, 128, alphabet=text).network()
    ids = network.vocabulary.encode(text)
    before, start = megabytes(), time.perf_counter()
    concepts = list(built_in(text).values())
    labels = [concept.labels(text) for concept in concepts]
    found = search(Activations(network, ids, ["h", "c"]), concepts, labels)
    seconds = time.perf_counter() - start
    print(
        f"{len(text):,} characters, {len(concepts)} concepts, 512 signals, "
        f"{len(found[0].forward.null):,} shifts each: "
        f"{seconds:.1f} s, {megabytes() - before:.0f} MB beyond the imports and the text"
    )


def against_scikit_learn(text: str) -> None:
    """Print the ratio for one concept, the activations being there already."""
    from sklearn.metrics import roc_auc_score

    values = np.random.default_rng(0).normal(size=(len(text), 8)).astype(np.float32)
    labels = built_in(text)["vowel"].labels(text)
    ratios = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for column in values.T:
            roc_auc_score(labels, column)
        theirs = (time.perf_counter() - start) / values.shape[1]
        ratios.append((theirs, ours(values, labels)))
    both = [statistics.median(row) * 1e3 for row in zip(*ratios, strict=True)]
    ratio = statistics.median(one / other for one, other in ratios)
    print(
        f"AUROC of one neuron over {len(text):,} characters: scikit-learn {both[0]:.0f} ms, "
        f"charrnn {both[1]:.1f} ms, {ratio:.1f} times faster"
    )


class Given:
    """Activations that are there already."""

    def __init__(self, values) -> None:
        from charrnn.neurons.activations import Piece, Signal
        from charrnn.neurons.address import Neuron

        count = values.shape[1]
        self.signals = [Signal(Neuron(n, 1, n), "h", -5, 5, False) for n in range(count)]
        self.counted = np.arange(len(values))
        self.record_begins = np.zeros(0, np.intp)
        starts = range(0, len(values), 4096)
        self.kept = [
            Piece(np.arange(s, min(s + 4096, len(values))), values[s : s + 4096]) for s in starts
        ]

    def pieces(self):
        """Yield them."""
        yield from self.kept


def ours(values, labels) -> float:
    """Return the seconds a neuron that our search takes for one concept without shifts."""
    concept = built_in("")["vowel"]
    start = time.perf_counter()
    search(Given(values), [concept], [labels], null=False)
    return (time.perf_counter() - start) / values.shape[1]


def commands() -> None:
    """Print the seconds of whole commands on the demonstration model."""
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.safetensors"
        made = random_checkpoint("lstm", 2, 128, alphabet=NESTED.read_text("utf-8")[:10_000])
        checkpoint.save(model, made)
        (Path(folder) / "text.txt").write_text(NESTED.read_text("utf-8")[:2000], encoding="utf-8")
        text = ["--text", f"{folder}/text.txt", "--length", "2000"]
        demo = str(NESTED.parent.parent / "checkpoints" / "demo")
        for command in (
            ["neuron", "42", *text, "--checkpoint", str(model)],
            ["find", "brackets", "--checkpoint", demo],
        ):
            seconds = []
            for _ in range(ROUNDS):
                start = time.perf_counter()
                subprocess.run(
                    [sys.executable, "-m", "charrnn", "inspect", *command],
                    check=True,
                    capture_output=True,
                )
                seconds.append(time.perf_counter() - start)
            print(f"charrnn inspect {' '.join(command[:2])}: {statistics.median(seconds):.2f} s")


def main() -> None:
    """Print all of it."""
    corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else NESTED
    text = corpus.read_text("utf-8")
    text = (text * (CHARACTERS // len(text) + 1))[:CHARACTERS]
    every_concept(text)
    against_scikit_learn(text)
    commands()


if __name__ == "__main__":
    main()
