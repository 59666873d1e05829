"""The Python interface: one trained model, loaded, to step, run, score and sample."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from charrnn import checkpoint, runs
from charrnn.network import Network
from charrnn.sampling.generate import generate


class Model(Network):
    """A network that can also write."""

    def __repr__(self) -> str:
        shape = self.architecture
        return (
            f"<charrnn model: {shape.backbone} {shape.layers}×{shape.hidden}, "
            f"{shape.parameters:,} parameters, alphabet of {shape.vocabulary:,}>"
        )

    def sample(
        self,
        length: int | None = None,
        temp: float = 1.0,
        prompt: str = "",
        seed: int | None = None,
    ) -> Iterator[str]:
        """Yield text, character by character, that the model finds likely after the prompt.

        length: in characters, without the prompt; None goes on without end, or to a record's.
        temp: 0 always takes the likeliest, 1 draws as the model says. seed: random by default.
        Raises VocabularyError for a prompt with a character never seen.
        """
        random = np.random.default_rng(secrets.randbits(64) if seed is None else seed)
        ids = generate(
            self,
            self.vocabulary.encode(prompt),
            temp=temp,
            length=length,
            random=random,
            end=self.record_end,
        )
        return self.vocabulary.stream(ids)


def load(path: str | Path, dtype: npt.DTypeLike = np.float32, int8: bool = False) -> Model:
    """Load a model from a checkpoint file or a run folder.

    int8: round the layers' weights, so that wide models write faster; see `Network`.
    Raises CheckpointError, which says what is wrong with the file.
    """
    read = checkpoint.load(runs.find(Path(path)))
    return Model(read.architecture, read.weights, read.vocabulary, dtype, int8, read.record_end)
