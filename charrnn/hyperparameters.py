"""The hyperparameters that fit a text, a budget and a cell.

What a network should be follows from how much text there is and how much may be spent on it. Three
quantities carry nearly all of it, for N parameters, D characters to learn from and R characters
read in the whole run:

- training compute, C = 6 N R floating-point operations (Kaplan et al. 2020), which a preset names
  or a time trial measures;
- epochs, R / D: how often the text is read;
- pressure, N R / D²: the epochs, times how many parameters each character has to hold down. Far
  below 1 a network has no time to learn the text by heart; far above, it does little else, unless
  dropout and weight decay hold it back.

The coefficients were fitted on texts, cells, sizes and budgets of many kinds, and checked on texts
left out: `python -m tests.benchmarks.recipes`, whose tables are in `tests/benchmarks/recipes.md`.
"""

import math
from collections.abc import Callable, Collection
from dataclasses import fields, replace
from typing import Any, NamedTuple

from charrnn.architecture import Architecture
from charrnn.cells import CELLS
from charrnn.settings import TrainConfig
from charrnn.text.dataset import TextSize
from charrnn.torchrun import size as processes

FLOPS = 6  # of a parameter and a character: two going forward, four going back
USUAL_SPEED = 1.2e11  # floating-point operations a second, of two cores
WIDTHS = range(32, 4097, 16)  # units
DEEP = 600_000  # parameters from which a second layer pays
MANY_STEPS = 1000  # in which a rate need not hurry
LEAST_VALIDATION, MOST_VALIDATION = 120_000, 1_000_000  # characters, where there are as many

OPTIMIZERS = {"adagrad": 10, "sgd": 150, "nesterov": 150}  # times AdamW's rate


class Choice(NamedTuple):
    """Settings that go together, and why they are as they are, in a few words."""

    values: dict[str, Any]
    reason: str


class Circumstances(NamedTuple):
    """What rules go by. given: the settings that stand; flops: the training compute."""

    given: Collection[str]
    text: TextSize
    flops: float


def fit(
    config: TrainConfig, given: Collection[str], text: TextSize, flops: float
) -> tuple[TrainConfig, list[Choice]]:
    """Choose, one after another, the settings that were not given, to suit those that were.

    flops: the training compute to spend where neither steps nor epochs are given.
    Returns the settings, and the choices that were made.
    """
    around = Circumstances(given, text, flops)
    choices = []
    for rule in RULES:
        values, reason = rule(config, around)
        values = {name: value for name, value in values.items() if name not in given}
        config = replace(config, **values)
        if values:
            choices.append(Choice(values, reason))
    return config, choices


def suited(config: TrainConfig, text: TextSize) -> TrainConfig:
    """Return the settings with the rate, decay and dropout that suit a text: each, all others."""
    names = {item.name for item in fields(config)}
    values = {
        name: getattr(fit(config, names - {name}, text, 0.0)[0], name)
        for name in ("learning_rate", "weight_decay", "dropout")
    }
    return replace(config, **values)


def _embedding(config: TrainConfig, around: Circumstances) -> Choice:
    alphabet = around.text.alphabet
    size = min(64, 16 * math.ceil(alphabet / 16)) if alphabet < 512 else 128
    size = config.hidden if config.tied else size
    return Choice({"embedding": size}, f"for {alphabet:,} different characters")


def _shape(config: TrainConfig, around: Circumstances) -> Choice:
    """Choose layers and units: the parameters that the compute can teach and the text bears."""
    affordable = 0.3 * math.sqrt(around.flops / FLOPS)
    if "steps" in around.given or "epochs" in around.given:
        affordable = 0.09 * _reading(config, around)
    bearable = 400 * math.pow(_weight(around.text), 0.6)
    wanted = min(affordable, bearable)
    layers = config.layers if "layers" in around.given else 1 + (wanted > DEEP)
    stands = "hidden" in around.given or config.tied  # to its embedding, which was given with it
    widths = [config.hidden] if stands else WIDTHS
    hidden = min(
        widths,
        key=lambda width: abs(
            math.log(_learning(replace(config, layers=layers, hidden=width), around) / wanted)
        ),
    )
    limit = f"the most parameters that suit {around.text.characters:,} characters"
    if wanted == affordable:
        limit = "the most parameters that the run has time to train"
    if stands:
        limit = f"with {hidden} units in each"
    return Choice({"layers": layers, "hidden": hidden}, limit)


def _residual(config: TrainConfig, around: Circumstances) -> Choice:
    reason = "stacked layers learn faster with it" if config.layers > 1 else "there is one layer"
    return Choice({"residual": config.layers > 1}, reason)


def _epochs(config: TrainConfig, around: Circumstances) -> Choice:
    """Choose how often the text is read at most; what was asked for in steps is not cut short."""
    most, reason = _most_epochs(around.text), "at most: usually enough for this much text"
    needed = 1 + math.ceil(_reading(config, around) / around.text.characters)
    if "steps" in around.given and needed > most:
        most, reason = needed, "so that the steps end the run"
    return Choice({"epochs": math.ceil(most)}, reason)


def _batch(config: TrainConfig, around: Circumstances) -> Choice:
    """Choose how many streams, or records, are read side by side."""
    characters = _step_characters(config, around)
    batch = max(1, round(characters / _chunk_length(config, around)))
    if not around.text.record:  # as many streams as the text holds
        batch = min(batch, max(1, around.text.characters // config.sequence))
    batch = processes() * math.ceil(batch / processes())  # each has as many
    return Choice({"batch": batch}, f"about {round(characters):,} characters per step")


def _steps(config: TrainConfig, around: Circumstances) -> Choice:
    steps = math.ceil(_run_steps(config, around))
    if "epochs" in around.given:
        steps += config.epochs  # each may have a shorter step at its end
    return Choice({"steps": steps}, f"{_short(_epochs_read(config, around))} epochs")


def _rate(config: TrainConfig, around: Circumstances) -> Choice:
    peak, width, hurry = CELLS[config.backbone].RATE
    rate = peak * math.pow(128 / config.hidden, width)
    rate *= math.pow(max(1.0, MANY_STEPS / _run_steps(config, around)), hurry)
    rate *= OPTIMIZERS.get(config.optimizer, 1)
    reason = f"for {config.hidden} units, {CELLS[config.backbone].NAME}, {config.optimizer}"
    return Choice({"learning_rate": _rounded(rate)}, reason)


def _weight_decay(config: TrainConfig, around: Circumstances) -> Choice:
    """Choose how often in the run the weights forget: κ = decay · rate · steps.

    AdamW forgets with a time constant of 1 / (rate · decay) steps (Wang & Aitchison 2024).
    """
    if config.optimizer != "adamw":
        return Choice({"weight_decay": 0.0}, f"{config.optimizer} would mix it into the gradient")
    steps = _run_steps(config, around)
    most = 1.5 * min(2.5, max(1.0, steps / 2000))
    forgotten = min(most, max(0.25, _pressure(config, around) ** 0.9))
    decay = min(1.0, forgotten / max(config.learning_rate * steps, 1e-9))
    return Choice({"weight_decay": _rounded(decay)}, _said(config, around))


def _dropout(config: TrainConfig, around: Circumstances) -> Choice:
    """Choose the share of outputs to drop: none where there is no time to learn by heart."""
    share = min(0.7, max(0.0, 0.12 * math.log(_pressure(config, around))))
    return Choice({"dropout": round(share, 2)}, _said(config, around))


def _average(config: TrainConfig, around: Circumstances) -> Choice:
    """Choose the memory of the moving average: a thirtieth of the run."""
    remembered = min(1000, max(20, _run_steps(config, around) / 30))
    reason = f"averages about {remembered:,.0f} steps"
    return Choice({"average": round(1 - 1 / remembered, 4)}, reason)


def _validation_chars(config: TrainConfig, around: Circumstances) -> Choice:
    """Choose on how much to validate: where there is plenty, a small part of what a run reads."""
    aside = around.text.characters * config.validation / (1 - config.validation)
    enough = min(MOST_VALIDATION, max(LEAST_VALIDATION, _reading(config, around) / 30))
    if aside <= enough:
        return Choice({}, "all of it")
    return Choice({"validation_chars": round(enough)}, "a small part of what the run reads")


def _most_epochs(text: TextSize) -> float:
    return 13 * math.pow(_weight(text) / 1000, 0.2)


def _weight(text: TextSize) -> float:
    """Return how many characters of a usual alphabet tell as much; rare ones tell more."""
    return text.characters * max(1.0, text.alphabet / 100)


def _reading(config: TrainConfig, around: Circumstances) -> float:
    """Return how many characters the run reads."""
    text, given = around.text, around.given
    if "steps" in given:
        if "batch" in given:
            return config.steps * config.batch * _chunk_length(config, around)
        return config.steps * min(_step_characters(config, around), text.characters)
    if "epochs" in given:
        return config.epochs * text.characters
    affordable = around.flops / FLOPS / _architecture(config, around).parameters
    return min(affordable, _most_epochs(text) * text.characters)


def _step_characters(config: TrainConfig, around: Circumstances) -> float:
    """Return how many characters a step should read; where steps are given, as the text bears."""
    if "steps" in around.given:
        return min(1024.0, max(128.0, _most_epochs(around.text) * around.text.characters / 400))
    reading = _reading(config, around)
    return min(2048.0 if reading >= 12e6 else 1024.0, max(128.0, reading / 400))


def _run_steps(config: TrainConfig, around: Circumstances) -> float:
    """Return how many steps the run has."""
    return _reading(config, around) / (config.batch * _chunk_length(config, around))


def _chunk_length(config: TrainConfig, around: Circumstances) -> float:
    """Return how many characters of a stream, or of a record, a step reads."""
    return min(config.sequence, around.text.record or config.sequence)


def _pressure(config: TrainConfig, around: Circumstances) -> float:
    return _epochs_read(config, around) * _learning(config, around) / _weight(around.text)


def _said(config: TrainConfig, around: Circumstances) -> str:
    weight = _learning(config, around) / _weight(around.text)
    return (
        f"{_short(_epochs_read(config, around))} epochs, {_short(weight)} parameters per character"
    )


def _epochs_read(config: TrainConfig, around: Circumstances) -> float:
    return _reading(config, around) / around.text.characters


def _architecture(config: TrainConfig, around: Circumstances) -> Architecture:
    return Architecture(
        config.backbone,
        config.layers,
        config.hidden,
        around.text.alphabet,
        config.embedding,
        reset_gate=config.reset_gate,
        tied=config.tied,
        all_layers=config.all_layers,
    )


def _learning(config: TrainConfig, around: Circumstances) -> int:
    """Return how many parameters there are but those of single characters, N."""
    shapes = _architecture(config, around).shapes()
    return sum(math.prod(shape) for name, shape in shapes.items() if name.startswith("rnn."))


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _rounded(value: float) -> float:
    return float(f"{value:.2g}")


RULES: tuple[Callable[[TrainConfig, Circumstances], Choice], ...] = (
    _embedding,
    _shape,
    _residual,
    _epochs,
    _batch,
    _steps,
    _rate,
    _weight_decay,
    _dropout,
    _average,
    _validation_chars,
)
