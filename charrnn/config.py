"""Where the settings of a training run come from.

Later sources win: default < the task's default < preset < YAML file < environment < flag.
"""

import difflib
import os
from collections.abc import Iterable, Mapping
from dataclasses import Field, asdict, fields
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args, get_origin

from charrnn.cells import CELLS
from charrnn.errors import ALIKE, UsageError, near
from charrnn.settings import TrainConfig
from charrnn.settings.labels import RowSettings
from charrnn.settings.setting import must_be, types
from charrnn.settings.tasks import DEFAULT, TASKS

PRESETS = Path(__file__).parent / "presets"
DEFAULT_PRESET = "small"
BUDGETS = ("steps", "epochs")  # in whose place minutes may be given
COMMAND_LINE = "the command line"
ENVIRONMENT_PREFIX = "CHARRNN_"
SMALLEST_SHARE = 0.0001  # of the text, to validate on


class Effort(NamedTuple):
    """What is to be spent on a run, and which settings stand, whatever suits that.

    compute: floating-point operations, which a preset names; 0 where it names every setting.
    """

    preset: str
    compute: float
    given: frozenset[str]


def _fields(settings: Any = TrainConfig) -> dict[str, tuple[Field[Any], Any]]:
    """Map each setting's name to its field and its type, as registries now have its names."""
    kinds = types(settings)
    return {item.name: (item, kinds[item.name]) for item in fields(settings)}


def of_environment(settings: Any, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings of a class that variables such as CHARRNN_TEMP give.

    What belongs to another command is passed over. Raises UsageError for a bad value.
    """
    variables = _variables(environment)
    mine = {name: value for name, value in variables.items() if name in _fields(settings)}
    return {name: _parse(name, value, "the environment", settings) for name, value in mine.items()}


def parsed(settings: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as the settings of a class have them. Raises UsageError for a bad one."""
    return {name: _parse(name, value, COMMAND_LINE, settings) for name, value in given.items()}


def _variables(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix(ENVIRONMENT_PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(ENVIRONMENT_PREFIX) and value
    }


def presets() -> list[str]:
    """Name the presets that ship with charrnn."""
    return sorted(path.stem for path in PRESETS.glob("*.yaml"))


def resolve(
    flags: Mapping[str, Any],
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> TrainConfig:
    """Lay the sources over the defaults, later ones winning.

    flags: those given on the command line, by setting name, `preset` among them.
    environment: `os.environ` by default.
    Raises UsageError for an unknown key or a bad value, naming its source.
    """
    sources = _sources(flags, file, environment)
    for source, given in sources:
        for other in BUDGETS:
            if given.get("minutes") and given.get(other):
                both = f"{_called('minutes', source)} and {_called(other, source)}"
                raise UsageError(f"{both} cannot be given together")
    name = _chosen(sources)
    _, preset = _preset(name)
    values = _of_task(sources)
    for source, given in [(f"preset {name}", preset), *sources]:
        if any(given.get(budget) for budget in BUDGETS):
            values["minutes"] = 0.0  # an earlier source's
        for key, value in given.items():
            if key != "preset":
                values[key] = _parse(_known(key, source), value, source)
        if given.get("steps") and not given.get("epochs"):  # no earlier limit cuts them short
            values["epochs"] = max(values.get("epochs", 0), values["steps"])
    if values.get("validate_on"):
        if values.get("validation"):
            raise UsageError(
                "validation and validate_on cannot be given together",
                "--validation 0 takes no fraction of the text",
            )
        values["validation"] = 0.0
    config = TrainConfig(**values)
    _check_together(config)
    return config


def effort(
    flags: Mapping[str, Any],
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Effort:
    """Return what these sources want to be spent, and the settings that they name."""
    sources = _sources(flags, file, environment)
    name = _chosen(sources)
    compute, preset = _preset(name)
    names = set(preset).union(*(given for _, given in sources)) - {"preset"}
    return Effort(name, compute, frozenset(names))


def describe_preset(name: str) -> str:
    """Return the first line of a preset's file, which says what it is for."""
    first = (PRESETS / f"{name}.yaml").read_text(encoding="utf-8").partition("\n")[0]
    return first.removeprefix("# ").rstrip(".")


def _sources(
    flags: Mapping[str, Any], file: Path | None, environment: Mapping[str, str] | None
) -> list[tuple[str, dict[str, Any]]]:
    environment = os.environ if environment is None else environment
    return [
        (str(file), _read(file) if file else {}),
        ("the environment", _variables(environment)),
        (COMMAND_LINE, {name: value for name, value in flags.items() if value is not None}),
    ]


def _chosen(sources: list[tuple[str, dict[str, Any]]]) -> str:
    """Return the name of the preset that the last source names; auto is the default one."""
    named = [values["preset"] for _, values in sources if "preset" in values]
    return DEFAULT_PRESET if not named or named[-1] == "auto" else str(named[-1])


def _of_task(sources: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """Return the settings that the task which the last source names has by default."""
    named = [values["task"] for _, values in sources if "task" in values]
    return dict(TASKS[named[-1]].defaults) if named and named[-1] in TASKS else {}


def _check_together(config: TrainConfig) -> None:
    """Raise UsageError for settings that do not go with each other."""
    if config.reset_gate == "before" and f"{config.backbone}_before" not in CELLS:
        raise UsageError(
            f"reset_gate before: the backbone {config.backbone} has no reset gate",
            "add --backbone gru",
        )
    if config.tied and (config.embedding != config.hidden or config.all_layers):
        raise UsageError(
            "tied: embedding and hidden must be equal, and all_layers off",
            f"add --embedding {config.hidden}, and leave --all-layers out",
        )
    if config.embedding_dropout and not config.embedding:
        raise UsageError(
            "embedding_dropout: the input is one-hot, without an embedding",
            "add --embedding 64, for example",
        )
    if config.rising_momentum and config.optimizer not in ("sgd", "nesterov"):
        raise UsageError(
            f"rising_momentum: {config.optimizer} has no momentum",
            "add --optimizer nesterov",
        )
    _check_task(config)
    if config.records and config.loss_on != "all":
        raise UsageError(
            "loss_on: with records, all time steps count in the loss", "leave --loss-on out"
        )
    learned_steps(config.loss_on, config.sequence)


def _check_task(config: TrainConfig) -> None:
    """Raise UsageError for a setting of another task."""
    task = TASKS[config.task]
    if config.bidirectional and task.causal:
        both = " or ".join(name for name, one in TASKS.items() if not one.causal)
        raise UsageError(
            f"bidirectional: a model that predicts {task.learns} cannot read backwards",
            f"--task {both} reads both ways",
        )
    if config.bytes and RowSettings in task.settings:
        raise UsageError(
            f"bytes: {task.learns} is learned from rows of text, not of bytes",
            "leave --bytes out; --encoding NAME decodes a file that is not UTF-8",
        )
    plain = asdict(TrainConfig())
    refuse_others(
        [item.name for item in fields(config) if getattr(config, item.name) != plain[item.name]],
        config.task,
    )


def refuse_others(given: Iterable[str], task: str) -> None:
    """Raise UsageError for a given setting that other tasks alone read."""
    mine = {item.name for group in TASKS[task].settings for item in fields(group)}
    for name, other in TASKS.items():
        others = {item.name for group in other.settings for item in fields(group)}
        for setting in others.difference(mine).intersection(given):
            raise UsageError(
                f"{setting}: it is for learning {other.learns}",
                f"add --task {name}, or leave it out" if task == DEFAULT else "leave it out",
            )


def learned_steps(loss_on: str, sequence: int) -> int:
    """Return over how many steps, at the end of a chunk, the loss is taken."""
    if loss_on == "all":
        return sequence
    count = "1" if loss_on == "last" else loss_on.removeprefix("last-")
    if not (loss_on.startswith("last") and count.isdecimal() and 1 <= int(count) <= sequence):
        raise UsageError(
            f"loss_on is {loss_on!r}, but must be all, last or last-K, K from 1 to {sequence}"
        )
    return int(count)


def to_yaml(config: TrainConfig) -> str:
    """Write the resolved settings as YAML that `--config` reads back to the same ones."""
    from charrnn import strict_yaml

    return strict_yaml.dump(asdict(config) | {"corpus": list(config.corpus)})


def with_reasons(text: str, reasons: Mapping[str, str]) -> str:
    """Return YAML in which a comment beside each setting that has a reason says it."""
    lines = []
    for line in text.splitlines():
        reason = reasons.get(line.partition(":")[0])
        lines.append(f"{line}  # {reason}" if reason else line)
    return "\n".join(lines) + "\n"


def _read(path: Path) -> dict[str, Any]:
    from charrnn import strict_yaml  # which takes time that --help has not

    return strict_yaml.read(path)


def _preset(name: str) -> tuple[float, dict[str, Any]]:
    """Return the training compute that a preset names, 0 for none, and its settings."""
    if name not in presets():
        raise UsageError(f"{name!r} is not a preset", near(name, ["auto", *presets()], "presets"))
    values = _read(PRESETS / f"{name}.yaml")
    return float(values.pop("compute", 0)), values


def _called(name: str, source: str) -> str:
    """Return a setting as it was typed: --hidden, or hidden after the name of its source."""
    return f"--{name.replace('_', '-')}" if source == COMMAND_LINE else f"{source}: {name}"


def _known(name: str, source: str) -> str:
    """Return the name if it is a setting's; else name the nearest one."""
    if name in _fields():
        return name
    close = difflib.get_close_matches(name, [*_fields(), "preset"], n=1, cutoff=ALIKE)
    hint = f"{close[0]!r} is near" if close else "charrnn train --print-config lists the keys"
    raise UsageError(f"{source}: unknown key {name!r}", hint)


def _parse(name: str, value: Any, source: str, settings: Any = TrainConfig) -> Any:
    """Turn a value from any source into the setting's type and check its range."""
    item, kind = _fields(settings)[name]
    try:
        parsed = _convert(value, kind)
    except (TypeError, ValueError):
        called, wanted = _called(name, source), _describe(kind)
        raise UsageError(f"{called} is {value!r}, but must be {wanted}") from None
    wanted = must_be(item, parsed)
    if name == "validation" and 0 < parsed < SMALLEST_SHARE:
        wanted = f"0 or at least {SMALLEST_SHARE}"
    if wanted:
        raise UsageError(f"{_called(name, source)} is {value}, but must be {wanted}")
    return parsed


def _convert(value: Any, kind: Any) -> Any:
    if get_origin(kind) is Literal:
        if value in get_args(kind):
            return value
    elif get_origin(kind) is tuple:
        items = [value] if isinstance(value, str) else value
        if not items:
            raise ValueError
        return tuple(_convert(item, str) for item in items)
    elif kind is bool:
        return _convert_bool(value)
    elif kind is str:
        if isinstance(value, str):
            return value
    elif not isinstance(value, bool) and not (kind is int and isinstance(value, float)):
        return kind(value)
    raise ValueError


def _convert_bool(value: Any) -> bool:
    word = str(value).lower()
    if word in ("true", "yes", "on", "1"):
        return True
    if word in ("false", "no", "off", "0"):
        return False
    raise ValueError


def _describe(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return f"one of {', '.join(get_args(kind))}"
    names = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
    return names.get(kind, "a list of names")
