"""Everything that a run needs before its first step."""

import statistics
import time
from dataclasses import dataclass

import torch

from charrnn.architecture import Architecture
from charrnn.config import TrainConfig
from charrnn.errors import CorpusError, TrainingError
from charrnn.text import batches
from charrnn.text.corpus import Corpus
from charrnn.text.vocabulary import Ids, Vocabulary
from charrnn.training import evaluate, kernels, optimization
from charrnn.training.model import CharacterModel

TIMED_STEPS = 3
TIMED_CHARACTERS = 10_000
TRIAL_SECONDS = 30.0  # at most
TRIAL_SHARE = 0.05  # of a time budget, to measure how many steps it holds


@dataclass(frozen=True)
class Setup:
    """A run about to start. training, validation: ids; batch: streams that the text can fill."""

    vocabulary: Vocabulary
    training: Ids
    validation: Ids
    batch: int
    steps: int
    epoch_steps: int
    model: CharacterModel
    device: torch.device
    notes: tuple[str, ...]


def prepare(config: TrainConfig, corpus: Corpus) -> Setup:
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
    batch = batches.fitting_streams(len(training), config.batch, config.sequence)
    epoch_steps = batches.chunks_per_epoch(len(training), batch, config.sequence)
    architecture = Architecture(
        backbone=config.backbone,
        layers=config.layers,
        hidden=config.hidden,
        vocabulary=len(vocabulary),
        embedding=config.embedding,
        reset_gate=config.reset_gate,
    )
    fused, kernel_note = choose_kernel(config.kernel, device)
    return Setup(
        vocabulary=vocabulary,
        training=training,
        validation=validation[: config.validation_chars],
        batch=batch,
        steps=min(config.steps, config.epochs * epoch_steps),
        epoch_steps=epoch_steps,
        model=_model(architecture, config.seed, device, fused),
        device=device,
        notes=(*corpus.notes, *kernel_note, *_notes(config, batch, epoch_steps, len(validation))),
    )


def _model(
    architecture: Architecture, seed: int, device: torch.device, fused: bool
) -> CharacterModel:
    try:
        model = CharacterModel(architecture, fused)
        model.initialise(torch.Generator().manual_seed(seed))
        return model.to(device)
    except RuntimeError as error:
        raise TrainingError(
            f"a model of {architecture.parameters:,} parameters cannot be made here: {error}",
            "fewer --hidden units or --layers need less memory",
        ) from error


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


def seconds_per_step(setup: Setup, sequence: int) -> float:
    """Time a training step, having found over how many threads it is best split.

    What is learned does not depend on the split, so it may be measured each time.
    """
    engine = setup.model.engine
    if engine is None:
        return _timed(setup, sequence)
    threads = torch.get_num_threads()
    seconds = {}
    for halvings in range(threads.bit_length()):
        engine.shards = threads >> halvings
        shards = engine.shards_of(setup.batch)
        if shards not in seconds:
            seconds[shards] = _timed(setup, sequence)
    engine.shards = min(seconds, key=seconds.__getitem__)
    return seconds[engine.shards]


def steps_within(setup: Setup, sequence: int, seconds: float, pauses: float) -> int:
    """Return how many training steps fit into some time, of which validations take a part.

    A short trial measures it, which is part of the time.
    """
    start, trial = time.perf_counter(), min(seconds * TRIAL_SHARE, TRIAL_SECONDS)
    elapsed: list[float] = []
    while time.perf_counter() - start < trial:
        elapsed += _times(setup, sequence)
    left = seconds - pauses - (time.perf_counter() - start)
    return max(1, int(left / statistics.mean(elapsed)))


def _timed(setup: Setup, sequence: int) -> float:
    """Return the seconds of a training step when nothing disturbs it."""
    return min(_times(setup, sequence))


def _times(setup: Setup, sequence: int) -> list[float]:
    """Time a few training steps at a rate of zero, which leaves the model as it is."""
    model = setup.model
    optimizer = optimization.adam(model, learning_rate=0.0)
    elapsed = []
    for index in range(TIMED_STEPS):
        start = time.perf_counter()
        inputs, targets = batches.chunk(
            setup.training, setup.batch, sequence, index % setup.epoch_steps
        )
        loss, _ = optimization.loss_of(model, inputs, targets, None)
        optimization.descend(model, optimizer, loss, clip_norm=1.0, clip_value=0.0)
        loss.detach().item()
        elapsed.append(time.perf_counter() - start)
    model.zero_grad(set_to_none=True)
    return elapsed


def seconds_per_validation(setup: Setup) -> float:
    """Time the validation of a part of the text, and scale it to the steps of the whole."""
    characters = len(setup.validation)
    part = setup.validation[:TIMED_CHARACTERS]
    if not characters:
        return 0.0
    streams = evaluate.usual_streams(characters)
    start = time.perf_counter()
    evaluate.carried(setup.model, part, streams)
    seconds = time.perf_counter() - start
    return (
        seconds
        * sum(evaluate.step_counts(characters, streams))
        / sum(evaluate.step_counts(len(part), streams))
    )
