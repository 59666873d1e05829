"""Everything that a run needs before its first step."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from charrnn import checkpoint, runs, tasks
from charrnn.architecture import Architecture
from charrnn.errors import TrainingError
from charrnn.initialisation import first_weights
from charrnn.settings import TrainConfig
from charrnn.text.batches import Counts
from charrnn.text.corpus import Corpus
from charrnn.text.dataset import Dataset
from charrnn.text.mapped import LargeCorpus
from charrnn.training import distributed, kernels
from charrnn.training.dropout import Dropout
from charrnn.training.model import CharacterModel
from charrnn.training.transfer import carry_over, carry_over_pairs
from charrnn.training.translator import Translator


@dataclass(frozen=True)
class Setup:
    """A run about to start. text: what is learned and what validates, made of the corpus."""

    settings: TrainConfig
    corpus: Corpus | LargeCorpus
    text: Dataset
    steps: int
    model: CharacterModel
    device: torch.device
    notes: tuple[str, ...]


def prepare(
    config: TrainConfig, corpus: Corpus | LargeCorpus, notes: tuple[str, ...] = ()
) -> Setup:
    """Encode and split the corpus and build the model on its device.

    Raises CorpusError for a text too short and TrainingError for a device that is not there.
    """
    device = choose_device(config.device)
    if config.threads:
        torch.set_num_threads(config.threads)
    if config.precision == "bfloat16" and device.type != "cuda":
        raise TrainingError(
            f"bfloat16 is for CUDA GPUs; the device is {device}", "leave --precision out"
        )
    task = tasks.of(config.task)
    text = task.make(config, corpus)
    whole = config.records or text.labels or text.targets  # texts
    device = distributed.join(device, text.source.batch, bool(whole))
    architecture = task.shape(config, text)
    fused, kernel_note = choose_kernel(config.kernel, device)
    counts = text.source.target_counts(architecture.targets)
    model = _model(config, architecture, device, fused, counts)
    old_note = _start_from(config.init_from, model, text) if config.init_from else []
    return Setup(
        settings=config,
        corpus=corpus,
        text=text,
        steps=min(config.steps, config.epochs * text.source.epoch_steps),
        model=model,
        device=device,
        notes=(*notes, *corpus.notes, *old_note, *kernel_note, *text.notes, *_notes(config, text)),
    )


def _model(
    config: TrainConfig,
    architecture: Architecture,
    device: torch.device,
    fused: bool,
    target_counts: Counts,
) -> CharacterModel:
    dropout = Dropout(config.dropout, config.embedding_dropout, config.weight_drop)
    try:
        network = Translator if architecture.decoder else CharacterModel
        model = network(architecture, fused, dropout, config.initial_state == "noise")
        model.begin_with(
            first_weights(
                architecture,
                np.random.default_rng(config.seed),
                config.initialisation,
                forget_bias=config.forget_bias,
                spectral_radius=config.spectral_radius,
                target_counts=target_counts,
            )
        )
        model.target_counts.copy_(torch.from_numpy(target_counts))
        return model.to(device)
    except (RuntimeError, MemoryError) as error:
        raise TrainingError(
            f"a model of {architecture.parameters:,} parameters cannot be made here: {error}",
            "fewer --hidden units or --layers need less memory",
        ) from error


def _start_from(path: str, model: CharacterModel, text: Dataset) -> list[str]:
    """Give the model an old one's weights; return what to tell the user of it."""
    old = checkpoint.load(runs.find(Path(path)))
    if old.architecture.labels and old.labels != text.labels:
        raise TrainingError(f"{path} writes texts for other labels", "leave --init-from out")
    if isinstance(model, Translator) and text.targets:
        known, written = carry_over_pairs(model, text, old)
        alphabets = (text.vocabulary, known, "read"), (text.targets.vocabulary, written, "written")
        said = [
            f"{one:,} of {len(alphabet.characters):,} symbols {what}"
            for alphabet, one, what in alphabets
        ]
        return [f"weights from {path}: {' and '.join(said)} known"]
    known = carry_over(model, text.vocabulary, old)
    count = len(text.vocabulary.characters)
    return [f"weights from {path}: {known:,} of {count:,} characters known, {count - known:,} new"]


def _notes(config: TrainConfig, text: Dataset) -> list[str]:
    notes = []
    if not config.minutes and config.epochs * (text.source.epoch_steps + 2) < config.steps:
        notes.append(
            f"{config.epochs:,} epochs end the run before its {config.steps:,} steps; "
            "--epochs changes it"
        )
    if text.source.batch < config.batch:
        what = (
            "records" if config.records else "texts" if text.labels or text.targets else "sequences"
        )
        notes.append(
            f"the corpus is small: {text.source.batch} {what} in parallel instead of {config.batch}"
        )
    if text.aside > config.validation_chars:
        notes.append(
            f"validation reads {len(text.heldout):,} of {text.aside:,} characters, from several "
            "places; --validation-chars changes it"
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
            f"torch {torch.__version__} finds no {name} device", "--device cpu always works"
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
