"""Everything that a run needs before its first step."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from charrnn import checkpoint, runs
from charrnn.architecture import Architecture
from charrnn.errors import CorpusError, TrainingError
from charrnn.settings import TrainConfig
from charrnn.text import batches
from charrnn.text.corpus import Corpus
from charrnn.text.vocabulary import Ids, Vocabulary
from charrnn.training import kernels
from charrnn.training.dropout import Dropout
from charrnn.training.initialisation import initialise
from charrnn.training.model import CharacterModel
from charrnn.training.transfer import carry_over

SPARED = 20  # sequences in a text, of which random offsets may leave out one


@dataclass(frozen=True)
class Setup:
    """A run about to start. training, validation: ids; batch: streams that the text can fill.

    offsets: how many places there are at which an epoch may begin.
    """

    vocabulary: Vocabulary
    training: Ids
    validation: Ids
    batch: int
    sequence: int
    offsets: int
    seed: int
    steps: int
    epoch_steps: int
    model: CharacterModel
    device: torch.device
    notes: tuple[str, ...]

    def chunk(self, step: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the inputs and targets (T, N) of a training step."""
        epoch, index = divmod(step, self.epoch_steps)
        offset = 0
        if self.offsets > 1:
            offset = int(np.random.default_rng((self.seed, epoch)).integers(self.offsets))
        part = self.training[offset : len(self.training) - self.offsets + 1 + offset]
        return batches.chunk(part, self.batch, self.sequence, index)


def prepare(config: TrainConfig, corpus: Corpus, notes: tuple[str, ...] = ()) -> Setup:
    """Encode and split the corpus and build the model on its device.

    Raises CorpusError for a text too short and TrainingError for a device that is not there.
    """
    device = choose_device(config.device)
    if config.threads:
        torch.set_num_threads(config.threads)
    vocabulary = Vocabulary.of(corpus.text, min_count=config.min_count, as_bytes=config.bytes)
    if len(vocabulary) == vocabulary.unknown and corpus.text:
        raise CorpusError(
            f"every character is seen less often than {config.min_count} times",
            "give a lower --min-count",
        )
    ids = vocabulary.encode_characters(corpus.text)
    training, validation = batches.split(ids, config.validation, config.sequence)
    enough = len(training) > SPARED * config.sequence  # to do without some of it
    offsets = config.sequence if config.random_offsets and enough else 1
    length = len(training) - offsets + 1
    batch = batches.fitting_streams(length, config.batch, config.sequence)
    epoch_steps = batches.chunks_per_epoch(length, batch, config.sequence)
    architecture = Architecture(
        backbone=config.backbone,
        layers=config.layers,
        hidden=config.hidden,
        vocabulary=len(vocabulary),
        embedding=config.embedding,
        reset_gate=config.reset_gate,
        tied=config.tied,
        residual=config.residual,
        all_layers=config.all_layers,
        learned_start=config.initial_state == "learned",
    )
    fused, kernel_note = choose_kernel(config.kernel, device)
    model = _model(config, architecture, device, fused)
    old_note = _start_from(config.init_from, model, vocabulary) if config.init_from else []
    return Setup(
        vocabulary=vocabulary,
        training=training,
        validation=validation[: config.validation_chars],
        batch=batch,
        sequence=config.sequence,
        offsets=offsets,
        seed=config.seed,
        steps=min(config.steps, config.epochs * epoch_steps),
        epoch_steps=epoch_steps,
        model=model,
        device=device,
        notes=(
            *notes,
            *corpus.notes,
            *old_note,
            *kernel_note,
            *_notes(config, batch, epoch_steps, len(validation)),
        ),
    )


def _model(
    config: TrainConfig, architecture: Architecture, device: torch.device, fused: bool
) -> CharacterModel:
    dropout = Dropout(config.dropout, config.embedding_dropout, config.weight_drop)
    try:
        model = CharacterModel(architecture, fused, dropout, config.initial_state == "noise")
        initialise(
            model,
            torch.Generator().manual_seed(config.seed),
            config.initialisation,
            forget_bias=config.forget_bias,
            spectral_radius=config.spectral_radius,
        )
        return model.to(device)
    except RuntimeError as error:
        raise TrainingError(
            f"a model of {architecture.parameters:,} parameters cannot be made here: {error}",
            "fewer --hidden units or --layers need less memory",
        ) from error


def _start_from(path: str, model: CharacterModel, vocabulary: Vocabulary) -> list[str]:
    """Give the model an old one's weights; return what to tell the user of it."""
    known = carry_over(model, vocabulary, checkpoint.load(runs.find(Path(path))))
    count = len(vocabulary.characters)
    return [f"weights from {path}: {known:,} of {count:,} characters known, {count - known:,} new"]


def _notes(config: TrainConfig, batch: int, epoch_steps: int, validation: int) -> list[str]:
    notes = []
    if not config.minutes and config.epochs * epoch_steps < config.steps:
        notes.append(
            f"{config.epochs} epochs end the run before its {config.steps:,} steps; "
            "--epochs changes it"
        )
    if batch < config.batch:
        notes.append(f"the corpus is small: {batch} streams side by side instead of {config.batch}")
    if validation > config.validation_chars:
        notes.append(
            f"only the first {config.validation_chars:,} of {validation:,} validation "
            f"characters are read; --validation-chars changes it"
        )
    return notes


def choose_device(name: str) -> torch.device:
    """Return the device called so; "auto" takes CUDA, then Apple's MPS, then the CPU."""
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        name = next(device for device, available in there.items() if available)
    if not there[name]:
        raise TrainingError(
            f"torch {torch.__version__} finds no {name} device here", "--device cpu always works"
        )
    return torch.device(name)


def choose_kernel(name: str, device: torch.device) -> tuple[bool, list[str]]:
    """Return whether a fused kernel runs the recurrence, and what to tell the user of it.

    "auto" takes it on the CPU, where numba and a BLAS that it can call are there.
    """
    if name == "torch" or (name == "auto" and device.type != "cpu"):
        return False, []
    lacks = kernels.missing() if device.type == "cpu" else f"the device is {device}"
    if lacks and name == "fused":
        raise TrainingError(f"the fused kernels cannot run here: {lacks}", "use --kernel torch")
    if lacks:
        return False, [f"{lacks}: torch.nn runs the recurrence, more slowly"]
    return True, []
