"""YAML as people mean it: no octal numbers, none to the base of 60, no key twice.

PyYAML reads YAML 1.1, in which `0100` is 64 and `1:30` is 90.
"""

import math
import re
from pathlib import Path
from typing import Any

import yaml

from charrnn import files
from charrnn.errors import UsageError

LARGEST = 1_000_000  # bytes
NUMBER = re.compile(r"[-+]?(?:[0-9]+|[0-9]*\.[0-9]+|[0-9]+\.)(?:[eE][-+]?[0-9]+)?")
GUESSED = {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp"}


class NotMeantError(yaml.MarkedYAMLError):
    """Something that is YAML, but hardly what its writer means."""


class Loader(yaml.SafeLoader):
    """PyYAML's safe loader, in which only plain decimal numbers are numbers."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, pattern) for tag, pattern in resolvers if tag not in GUESSED]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _number(loader: Loader, node: yaml.ScalarNode) -> int | float:
    value = float(node.value)
    if not math.isfinite(value):
        raise NotMeantError(None, None, "too large a number", node.start_mark)
    return value if set(node.value) & set(".eE") else int(node.value)


def _mapping(loader: Loader, node: yaml.MappingNode) -> dict[str, Any]:
    keys = [str(loader.construct_object(key)).replace("-", "_") for key, _ in node.value]
    again = [key for place, key in enumerate(keys) if key in keys[:place]]
    if again:
        where = node.value[keys.index(again[0], keys.index(again[0]) + 1)][0].start_mark
        raise NotMeantError(None, None, f"{again[0]} is given twice", where)
    values = (loader.construct_object(value, deep=True) for _, value in node.value)
    return dict(zip(keys, values, strict=True))


Loader.add_implicit_resolver("!number", re.compile(f"{NUMBER.pattern}$"), list("-+.0123456789"))
Loader.add_constructor("!number", _number)
Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


class Dumper(yaml.SafeDumper):
    """PyYAML's safe dumper, which quotes every text that `Loader` would take for a number."""


def _text(dumper: Dumper, text: str) -> yaml.ScalarNode:
    style = "'" if NUMBER.fullmatch(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


Dumper.add_representer(str, _text)


def dump(values: dict[str, Any]) -> str:
    """Return YAML that `read` reads back to the same values."""
    return str(yaml.dump(values, Dumper=Dumper, sort_keys=False, allow_unicode=True))


def read(path: Path) -> dict[str, Any]:
    """Return the keys and values in a YAML file, the keys with _ for -.

    Raises UsageError, which says where, for what is none, and FileError for no file.
    """
    try:
        loaded = yaml.load(files.read(path, LARGEST), Loader)  # a safe one
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        ours = isinstance(error, NotMeantError)
        reason = error.problem if ours else "it is not YAML from here on"
        raise UsageError(f"{path}{where}: {reason}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not YAML: it is not a text file") from error
    except RecursionError:
        raise UsageError(f"{path} is nested too deep") from None
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise UsageError(f"{path} must hold keys and values, such as `hidden: 256`")
    return loaded
