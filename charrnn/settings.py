"""The settings of a training run and the values that they take.

One frozen dataclass says everything once: a field's name is the flag, the YAML key and,
in capitals after `CHARRNN_`, the environment variable.
"""

import math
from dataclasses import Field, dataclass, field
from typing import Any, Literal

LARGEST = 1e30  # of what is multiplied in single precision
SUITED = "suits the text"  # what the help says of a setting that is chosen


def setting(
    default: Any,
    heading: str,
    help: str,
    low: float | None = None,
    high: float | None = None,
    shown: str = "",
) -> Any:
    """Describe one setting: its default, its heading and line in `--help`, its range.

    shown: how the help names the default, where the bare value would say too little.
    """
    said = {"heading": heading, "help": help, "low": low, "high": high, "shown": shown}
    return field(default=default, metadata=said)


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
    encoding: str = setting("utf-8", "Text", "How the corpus is decoded")
    bytes: bool = setting(False, "Text", "Read bytes instead of characters: takes any file")
    newlines: Literal["keep", "unix"] = setting(
        "keep", "Text", "Keep line ends as they are, or turn CR and CRLF into LF"
    )
    min_count: int = setting(1, "Text", "Characters seen less often share one unknown id", low=1)
    validation: float = setting(
        0.1, "Text", "Share of the text, at its end, that validates", low=0, high=0.9
    )
    validation_chars: int = setting(
        1_000_000, "Text", "Validate on so many characters at most", low=2, shown=SUITED
    )
    records: str = setting(
        "",
        "Text",
        "Independent short texts: line (one each), blank (lines between), or a delimiter",
    )
    heldout: bool = setting(True, "Text", "Store validation text in the checkpoint, to inspect")

    backbone: Literal["lstm", "gru", "vanilla"] = setting("lstm", "Model", "Recurrent cell")
    reset_gate: Literal["after", "before"] = setting(
        "after", "Model", "GRU: reset gate after the recurrent product, as in torch.nn, or before"
    )
    layers: int = setting(
        1, "Model", "Recurrent layers, one on the other", low=1, high=1000, shown=SUITED
    )
    hidden: int = setting(
        256, "Model", "Units in each layer", low=1, high=1_000_000_000, shown=SUITED
    )
    embedding: int = setting(
        64,
        "Model",
        "Size of the input embedding; 0 is one-hot",
        low=0,
        high=1_000_000,
        shown=SUITED,
    )
    tied: bool = setting(
        False, "Model", "The softmax uses the embedding's matrix; embedding must equal hidden"
    )
    residual: bool = setting(
        False,
        "Model",
        "Add to the outputs of each layer above the first what it has read",
        shown="where there are several layers",
    )
    all_layers: bool = setting(False, "Model", "The softmax reads every layer, not the last alone")
    initial_state: Literal["zero", "learned", "noise"] = setting(
        "zero", "Model", "The state before the first character; noise is for training alone"
    )

    batch: int = setting(
        16,
        "Training",
        "Streams, or records, read side by side",
        low=1,
        high=1_000_000,
        shown=SUITED,
    )
    sequence: int = setting(
        64, "Training", "Steps of truncated back-propagation through time", low=1, high=1_000_000
    )
    minutes: float = setting(
        0.0,
        "Training",
        "Instead of --steps and --epochs: as long as this; 0 is off",
        low=0,
        high=525_600,  # a year
    )
    steps: int = setting(3250, "Training", "Optimizer steps at most", low=1, shown=SUITED)
    epochs: int = setting(50, "Training", "Passes over the text at most", low=1, shown=SUITED)
    tensorboard: bool = setting(
        False, "Training", "Write event files into the run's folder; needs that package"
    )
    keep: int = setting(
        0, "Training", "Keep the models of N validations, spread over the run, too", low=0
    )
    validate_every: int = setting(
        0, "Training", "Steps between two validations; 0 is a twentieth of the run", low=0
    )
    patience: int = setting(
        0, "Training", "End after so many validations without a better one; 0 is off", low=0
    )
    loss_on: str = setting(
        "all", "Training", "Steps of a chunk that are learned: all, last, or last-K such as last-8"
    )
    random_offsets: bool = setting(
        True, "Training", "Begin each epoch at another character, so that chunks differ"
    )

    optimizer: Literal["adam", "adamw", "sgd", "nesterov", "rmsprop", "adagrad"] = setting(
        "adamw", "Optimisation", "How gradients become steps"
    )
    learning_rate: float = setting(
        0.006, "Optimisation", "The rate at its peak", low=0, high=LARGEST, shown=SUITED
    )
    momentum: float = setting(0.9, "Optimisation", "Of sgd and nesterov", low=0, high=0.9999)
    rising_momentum: bool = setting(
        False, "Optimisation", "Let momentum rise to its value (Sutskever et al. 2013)"
    )
    rms_decay: float = setting(0.95, "Optimisation", "Memory of rmsprop", low=0, high=0.9999)
    weight_decay: float = setting(
        0.1, "Optimisation", "On matrices, not on biases", low=0, high=LARGEST, shown=SUITED
    )
    schedule: Literal[
        "trapezoid", "cosine", "constant", "step", "exponential", "one-cycle", "plateau"
    ] = setting("trapezoid", "Optimisation", "How the rate goes on after the warm-up")
    warmup: int = setting(
        100, "Optimisation", "Steps in which the rate rises, a tenth of the run at most", low=0
    )
    final_rate: float = setting(
        0.01,
        "Optimisation",
        "Share of the peak where trapezoid, exponential, cosine and one-cycle end",
        low=1e-9,
        high=1,
    )
    decay: float = setting(0.5, "Optimisation", "Factor of step and plateau", low=1e-9, high=1)
    decay_every: float = setting(5.0, "Optimisation", "Epochs between two steps of step", low=1e-9)
    decay_after: float = setting(0.0, "Optimisation", "Epochs before the first of them", low=0)
    average: float = setting(
        0.99,
        "Optimisation",
        "Memory of a moving average of the weights; 0 is off",
        low=0,
        high=0.99999,
        shown=SUITED,
    )
    clip_norm: float = setting(
        1.0, "Optimisation", "Clip the gradient to this norm; 0 is off", low=0, high=LARGEST
    )
    clip_value: float = setting(
        0.0, "Optimisation", "Clip each gradient entry to ± this; 0 is off", low=0, high=LARGEST
    )

    initialisation: Literal["orthogonal", "uniform", "xavier", "identity", "sparse"] = setting(
        "orthogonal", "First weights", "Of the recurrent matrices; uniform and xavier: of all"
    )
    spectral_radius: float = setting(
        1.1,
        "First weights",
        "Of sparse recurrent matrices, as in echo state networks",
        low=0,
        high=1000,
    )
    forget_bias: float = setting(
        1.0, "First weights", "Of the LSTM's forget gate", low=-100, high=100
    )
    init_from: str = setting(
        "", "First weights", "Those of a checkpoint, carried over by character, and its shape"
    )

    dropout: float = setting(
        0.0,
        "Regularisation",
        "Units dropped from each layer's output, the same ones in all steps of a chunk",
        low=0,
        high=0.95,
        shown=SUITED,
    )
    embedding_dropout: float = setting(
        0.0, "Regularisation", "Characters whose embedding is dropped for a chunk", low=0, high=0.95
    )
    weight_drop: float = setting(
        0.0, "Regularisation", "Recurrent weights dropped for a chunk", low=0, high=0.95
    )
    activation_penalty: float = setting(
        0.0,
        "Regularisation",
        "Times the mean square of the last layer's outputs",
        low=0,
        high=LARGEST,
    )
    change_penalty: float = setting(
        0.0,
        "Regularisation",
        "Times the mean square of their change from step to step",
        low=0,
        high=LARGEST,
    )

    device: Literal["auto", "cpu", "cuda", "mps"] = setting("auto", "Machine", "Where to train")
    kernel: Literal["auto", "fused", "torch"] = setting(
        "auto", "Machine", "Our fused recurrence, for the CPU, or torch.nn's"
    )
    precision: Literal["float32", "bfloat16"] = setting(
        "float32", "Machine", "Of the products, on a GPU"
    )
    threads: int = setting(0, "Machine", "CPU threads; 0 is one a core", low=0, high=256)
    seed: int = setting(0, "Machine", "Same seed, same machine, same run", low=0, high=2**63 - 1)
