"""The settings of a training run: where they come from and what values they take.

One frozen dataclass says everything once: a field's name is the flag, the YAML key and,
in capitals after `CHARRNN_`, the environment variable. Later sources win:
default < preset < YAML file < environment < flag.
"""

import difflib
import functools
import os
from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from charrnn.errors import UsageError

PRESETS = Path(__file__).parent / "presets"
DEFAULT_PRESET = "small"
ENVIRONMENT_PREFIX = "CHARRNN_"
SMALLEST_SHARE = 0.0001  # of the text, to validate on


def setting(
    default: Any, heading: str, help: str, low: float | None = None, high: float | None = None
) -> Any:
    """Describe one setting: its default, its heading and line in `--help`, its range."""
    return field(
        default=default, metadata={"heading": heading, "help": help, "low": low, "high": high}
    )


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
        1_000_000, "Text", "Validate on so many characters at most", low=2
    )
    heldout: bool = setting(True, "Text", "Store validation text in the checkpoint, to inspect")

    backbone: Literal["lstm", "gru", "vanilla"] = setting("lstm", "Model", "Recurrent cell")
    reset_gate: Literal["after", "before"] = setting(
        "after", "Model", "GRU: reset gate after the recurrent product, as in torch.nn, or before"
    )
    layers: int = setting(1, "Model", "Recurrent layers, one on the other", low=1)
    hidden: int = setting(256, "Model", "Units in each layer", low=1)
    embedding: int = setting(0, "Model", "Size of the input embedding; 0 is one-hot", low=0)

    batch: int = setting(32, "Training", "Streams read side by side", low=1)
    sequence: int = setting(
        64, "Training", "Steps of truncated back-propagation through time", low=1
    )
    minutes: float = setting(
        0.0,
        "Training",
        "Instead of --steps and --epochs: as long as this; 0 is off",
        low=0,
        high=525_600,  # a year
    )
    steps: int = setting(8000, "Training", "Optimizer steps at most", low=1)
    epochs: int = setting(50, "Training", "Passes over the text at most", low=1)
    patience: int = setting(
        0, "Training", "End after so many validations without a better one; 0 is off", low=0
    )
    learning_rate: float = setting(
        0.005, "Training", "Adam's rate at its peak: warm-up, then a cosine to 1%", low=0
    )
    clip_norm: float = setting(1.0, "Training", "Clip the gradient to this norm; 0 is off", low=0)
    clip_value: float = setting(
        0.0, "Training", "Clip each gradient entry to ± this; 0 is off", low=0
    )

    device: Literal["auto", "cpu", "cuda", "mps"] = setting("auto", "Machine", "Where to train")
    kernel: Literal["auto", "fused", "torch"] = setting(
        "auto", "Machine", "Our fused recurrence, for the CPU, or torch.nn's"
    )
    threads: int = setting(0, "Machine", "CPU threads; 0 is one a core", low=0, high=256)
    seed: int = setting(0, "Machine", "Same seed, same machine, same run", low=0, high=2**63 - 1)


@functools.cache
def _fields() -> dict[str, tuple[Field[Any], Any]]:
    """Map each setting's name to its field and its type."""
    types = get_type_hints(TrainConfig)
    return {item.name: (item, types[item.name]) for item in fields(TrainConfig)}


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
    environment: `os.environ` by default. Raises UsageError for an unknown key or a bad value,
    naming its source.
    """
    environment = os.environ if environment is None else environment
    variables = {
        name.removeprefix(ENVIRONMENT_PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(ENVIRONMENT_PREFIX) and value
    }
    sources = [
        (str(file), _read(file) if file else {}),
        ("the environment", variables),
        ("the command line", {name: value for name, value in flags.items() if value is not None}),
    ]
    preset = DEFAULT_PRESET
    for _, given in sources:
        preset = str(given.get("preset", preset))
    sources.insert(0, (f"preset {preset}", _preset(preset)))
    values: dict[str, Any] = {}
    for source, given in sources:
        for name, value in given.items():
            if name != "preset":
                values[_known(name, source)] = _parse(name, value, source)
    config = TrainConfig(**values)
    if config.reset_gate == "before" and config.backbone != "gru":
        raise UsageError(
            f"reset_gate before: the backbone {config.backbone} has no reset gate",
            "give --backbone gru with it",
        )
    return config


def to_yaml(config: TrainConfig) -> str:
    """Write the resolved settings as YAML that `--config` reads back to the same ones."""
    import yaml

    plain = asdict(config) | {"corpus": list(config.corpus)}
    return str(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True))


def _read(path: Path) -> dict[str, Any]:
    import yaml

    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        first_line = " ".join(str(error).split())
        raise UsageError(f"{path} is not YAML: {first_line}") from error
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise UsageError(f"{path} must hold keys and values, such as `hidden: 256`")
    return {str(name).replace("-", "_"): value for name, value in loaded.items()}


def _preset(name: str) -> dict[str, Any]:
    if name not in presets():
        raise UsageError(f"no preset is called {name!r}", f"there are: {', '.join(presets())}")
    return _read(PRESETS / f"{name}.yaml")


def _known(name: str, source: str) -> str:
    """Return the name if it is a setting's; else name the nearest one."""
    if name in _fields():
        return name
    nearest = difflib.get_close_matches(name, [*_fields(), "preset"], n=1, cutoff=0)
    raise UsageError(f"{source}: unknown key {name!r}", f"the nearest known one is {nearest[0]!r}")


def _parse(name: str, value: Any, source: str) -> Any:
    """Turn a value from any source into the setting's type and check its range."""
    item, kind = _fields()[_known(name, source)]
    try:
        parsed = _convert(value, kind)
    except (TypeError, ValueError):
        raise UsageError(f"{source}: {name} is {value!r}, but must be {_describe(kind)}") from None
    if name == "validation" and 0 < parsed < SMALLEST_SHARE:
        raise UsageError(f"{source}: validation is {value}, but must be 0 or {SMALLEST_SHARE} up")
    low, high = item.metadata["low"], item.metadata["high"]
    if low is not None and not parsed >= low:
        raise UsageError(f"{source}: {name} is {value}, but must be at least {low:,}")
    if high is not None and not parsed <= high:
        raise UsageError(f"{source}: {name} is {value}, but must be at most {high:,}")
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
