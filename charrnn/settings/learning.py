"""How the weights move."""

from dataclasses import dataclass
from typing import Literal

from charrnn.settings.setting import LARGEST, SUITED, setting


@dataclass(frozen=True)
class LearningSettings:
    """How a network learns."""

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
