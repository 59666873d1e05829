"""How a setting is described.

A field of a frozen dataclass says everything once: its name is the flag, the YAML key and,
in capitals after `CHARRNN_`, the environment variable.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import Field, field, fields
from typing import Any, Literal, get_type_hints

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
