"""The settings of a training run and the values that they take.

One frozen dataclass says everything once: a field's name is the flag, the YAML key and,
in capitals after `CHARRNN_`, the environment variable.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import Field, dataclass, field, fields
from typing import Any, Literal, get_type_hints

from charrnn.cells import backbones

LARGEST = 1e30  # of what is multiplied in single precision
SUITED = "suits the text"  # what the help says of a setting that is chosen


def setting(
    default: Any,
    heading: str,
    help: str,
    low: float | None = None,
    high: float | None = None,
    shown: str = "",
    among: Callable[[], Iterable[str]] | None = None,
) -> Any:
    """Describe one setting: its default, its heading and line in `--help`, its range.

    shown: how the help names the default, where the bare value would not be clear. among: returns
    the names that it can be, where a registry has them.
    """
    said = {"heading": heading, "help": help, "low": low, "high": high, "shown": shown}
    return field(default=default, metadata=said | {"among": among})


def types(settings: type[Any]) -> dict[str, Any]:
    """Return the type of each setting, a Literal where it is one of some names."""
    found = get_type_hints(settings)
    literal: Any = Literal
    for item in fields(settings):
        if among := item.metadata.get("among"):
            found[item.name] = literal[tuple(among())]
    return found


def must_be(item: Field[Any], value: Any) -> str:
    """Return what a number must be, where it is outside its setting's range; else nothing."""
    low, high = item.metadata["low"], item.metadata["high"]
    if isinstance(value, float) and not math.isfinite(value):
        return "a finite number"
    if low is not None and not value >= low:
        return f"at least {low:,}"
    if high is not None and not value <= high:
        return f"at most {high:,}"
    return ""


@dataclass(frozen=True)
class TrainConfig:
    """Everything that decides what a training run learns. Numbers are counts unless named."""

    corpus: tuple[str, ...] = setting(("python",), "Text", "files, folders, '-' or named corpora")
    task: Literal["language-model", "classify"] = setting(
        "language-model", "Text", "What is learned: the next character, or a label for a text"
    )
    encoding: str = setting("utf-8", "Text", "How the corpus is decoded")
    bytes: bool = setting(False, "Text", "Read bytes instead of characters: takes any file")
    newlines: Literal["keep", "unix"] = setting(
        "keep", "Text", "Keep line ends as they are, or turn CR and CRLF into LF"
    )
    min_count: int = setting(
        1, "Text", "Characters seen fewer than N times share one unknown id", low=1
    )
    validation: float = setting(
        0.1, "Text", "Fraction at the end of the text used for validation", low=0, high=0.9
    )
    validation_chars: int = setting(
        1_000_000, "Text", "Use at most N characters for validation", low=2, shown=SUITED
    )
    records: str = setting(
        "",
        "Text",
        "Independent short texts: one per line (line), between blank lines (blank), or between "
        "delimiters that you name",
    )
    heldout: bool = setting(
        True, "Text", "Store some validation text in the checkpoint, for inspect"
    )

    backbone: str = setting("lstm", "Model", "Recurrent cell", among=backbones)
    reset_gate: Literal["after", "before"] = setting(
        "after",
        "Model",
        "GRU: apply the reset gate after the recurrent product, as torch.nn does, or before",
    )
    layers: int = setting(1, "Model", "Stacked recurrent layers", low=1, high=1000, shown=SUITED)
    hidden: int = setting(
        256, "Model", "Units in each layer", low=1, high=1_000_000_000, shown=SUITED
    )
    embedding: int = setting(
        64,
        "Model",
        "Size of the input embedding; 0 for one-hot input",
        low=0,
        high=1_000_000,
        shown=SUITED,
    )
    tied: bool = setting(
        False,
        "Model",
        "Share one matrix between embedding and softmax; embedding must equal hidden",
    )
    residual: bool = setting(
        False,
        "Model",
        "Residual connections: layers above the first add their input to their output",
        shown="with several layers",
    )
    all_layers: bool = setting(
        False, "Model", "The softmax reads the outputs of all layers, not only the last"
    )
    initial_state: Literal["zero", "learned", "noise"] = setting(
        "zero", "Model", "State before the first character; noise applies to training only"
    )

    columns: str = setting(
        "",
        "Labels (--task classify)",
        "Columns of text and label in a table, by number or by the names in its first row, such as "
        "text,label",
        shown="1,2",
    )
    skip_bad: bool = setting(
        False,
        "Labels (--task classify)",
        "Count rows without a text or a label, and pass over them",
    )
    bidirectional: bool = setting(
        False, "Labels (--task classify)", "Read each text backwards, too", shown=SUITED
    )
    pool: Literal["mean", "last", "max"] = setting(
        "mean",
        "Labels (--task classify)",
        "How a text's outputs become the vector that is labelled",
    )
    label_smoothing: float = setting(
        0.0,
        "Labels (--task classify)",
        "Fraction of each label's probability that is spread over all",
        low=0,
        high=0.5,
        shown=SUITED,
    )

    batch: int = setting(
        16,
        "Training",
        "Batch size: sequences, or records, read in parallel",
        low=1,
        high=1_000_000,
        shown=SUITED,
    )
    sequence: int = setting(
        64, "Training", "Time steps of truncated back-propagation", low=1, high=1_000_000
    )
    minutes: float = setting(
        0.0,
        "Training",
        "Train for X minutes instead of --steps or --epochs; 0 is off",
        low=0,
        high=525_600,  # a year
    )
    steps: int = setting(3250, "Training", "Maximum number of optimizer steps", low=1, shown=SUITED)
    epochs: int = setting(
        50, "Training", "Maximum number of passes over the text", low=1, shown=SUITED
    )
    tensorboard: bool = setting(
        False,
        "Training",
        "Write TensorBoard event files into the run folder; needs the package tensorboard",
    )
    keep: int = setting(
        0, "Training", "Also keep the models of N validations, spread over the run", low=0
    )
    validate_every: int = setting(
        0, "Training", "Validate every N steps; 0 is a twentieth of the run", low=0
    )
    patience: int = setting(
        0, "Training", "Stop after N validations without improvement; 0 is off", low=0
    )
    loss_on: str = setting(
        "all", "Training", "Time steps that count in the loss: all, last, or last-K such as last-8"
    )
    random_offsets: bool = setting(
        True, "Training", "Start each epoch at a different character, so that chunks differ"
    )

    optimizer: Literal["adam", "adamw", "sgd", "nesterov", "rmsprop", "adagrad"] = setting(
        "adamw", "Optimisation", "Optimizer"
    )
    learning_rate: float = setting(
        0.006, "Optimisation", "Peak learning rate", low=0, high=LARGEST, shown=SUITED
    )
    momentum: float = setting(
        0.9, "Optimisation", "Momentum of sgd and nesterov", low=0, high=0.9999
    )
    rising_momentum: bool = setting(
        False,
        "Optimisation",
        "Let momentum rise to its value during the run (Sutskever et al. 2013)",
    )
    rms_decay: float = setting(
        0.95, "Optimisation", "Decay of rmsprop's running mean square", low=0, high=0.9999
    )
    weight_decay: float = setting(
        0.1,
        "Optimisation",
        "Weight decay of the matrices, not of biases",
        low=0,
        high=LARGEST,
        shown=SUITED,
    )
    schedule: Literal[
        "trapezoid", "cosine", "constant", "step", "exponential", "one-cycle", "plateau"
    ] = setting("trapezoid", "Optimisation", "Learning-rate schedule after the warm-up")
    warmup: int = setting(
        100,
        "Optimisation",
        "Steps in which the learning rate rises, at most a tenth of the run",
        low=0,
    )
    final_rate: float = setting(
        0.01,
        "Optimisation",
        "Final learning rate of trapezoid, exponential, cosine and one-cycle, as a fraction of the "
        "peak",
        low=1e-9,
        high=1,
    )
    decay: float = setting(
        0.5, "Optimisation", "Factor of the step and plateau schedules", low=1e-9, high=1
    )
    decay_every: float = setting(
        5.0, "Optimisation", "Step schedule: epochs between two decays", low=1e-9
    )
    decay_after: float = setting(
        0.0, "Optimisation", "Step schedule: epochs before the first decay", low=0
    )
    average: float = setting(
        0.99,
        "Optimisation",
        "Decay of the weights' moving average; 0 is off",
        low=0,
        high=0.99999,
        shown=SUITED,
    )
    clip_norm: float = setting(
        1.0, "Optimisation", "Clip the gradient's norm to X; 0 is off", low=0, high=LARGEST
    )
    clip_value: float = setting(
        0.0, "Optimisation", "Clip each gradient entry to ±X; 0 is off", low=0, high=LARGEST
    )

    initialisation: Literal["orthogonal", "uniform", "xavier", "identity", "sparse"] = setting(
        "orthogonal",
        "Initial weights",
        "Initialisation of the recurrent matrices (uniform, xavier: of all weights)",
    )
    spectral_radius: float = setting(
        1.1,
        "Initial weights",
        "Spectral radius of sparse recurrent matrices, as in echo state networks",
        low=0,
        high=1000,
    )
    forget_bias: float = setting(
        1.0, "Initial weights", "Initial bias of the LSTM's forget gate", low=-100, high=100
    )
    init_from: str = setting(
        "",
        "Initial weights",
        "Start from a checkpoint: its architecture, and its weights matched by character",
    )

    dropout: float = setting(
        0.0,
        "Regularisation",
        "Fraction of each layer's output units to drop, the same ones in all steps of a chunk",
        low=0,
        high=0.95,
        shown=SUITED,
    )
    embedding_dropout: float = setting(
        0.0,
        "Regularisation",
        "Fraction of the characters whose embedding is dropped for a chunk",
        low=0,
        high=0.95,
    )
    weight_drop: float = setting(
        0.0,
        "Regularisation",
        "Fraction of the recurrent weights to drop for a chunk",
        low=0,
        high=0.95,
    )
    activation_penalty: float = setting(
        0.0,
        "Regularisation",
        "Penalty on the mean square of the last layer's outputs",
        low=0,
        high=LARGEST,
    )
    change_penalty: float = setting(
        0.0,
        "Regularisation",
        "Penalty on the mean square of their change from step to step",
        low=0,
        high=LARGEST,
    )

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
