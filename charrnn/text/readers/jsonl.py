"""A JSON object a line; columns are its keys."""

import json
from collections.abc import Iterator
from typing import Any

from charrnn.errors import CorpusError
from charrnn.text.readers.columns import BETWEEN, Columns
from charrnn.text.readers.source import Bad, Row, Source

USUAL = Columns((("text",), ("label",)))


def read(source: Source, columns: Columns) -> Iterator[Row | Bad]:
    """Yield the rows. Raises CorpusError where columns are not named, and not text and label."""
    wanted = columns if columns.given else None
    for line, text in source.lines():
        if not text.strip():
            continue
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            reason = error.msg if isinstance(error, json.JSONDecodeError) else "it is too deep"
            yield Bad(f"this is not JSON: {reason}", source.where, line)
            continue
        if not isinstance(found, dict):
            yield Bad("this is not a JSON object", source.where, line)
            continue
        wanted = wanted or _usual(found, source, len(columns.groups))
        try:
            fields = [[_field(found, key) for key in group] for group in wanted.groups]
        except ValueError as error:
            yield Bad(str(error), source.where, line)
        else:
            yield Row(tuple(map(BETWEEN.join, fields)), source.where, line)


def _usual(found: dict[str, Any], source: Source, count: int) -> Columns:
    """Return the keys of text and label, where the first object has them."""
    groups = USUAL.groups[:count]
    if len(groups) < count or not all(key in found for (key,) in groups):
        raise CorpusError(
            f"{source.where}: its objects have the keys {', '.join(found)}",
            "--columns says which, such as text,label",
        )
    return Columns(groups)


def _field(found: dict[str, Any], key: str) -> str:
    """Return a value as text. Raises ValueError where there is none."""
    if key not in found:
        raise ValueError(f"there is no {key!r}")
    value = found[key]
    if isinstance(value, str):
        if any("\ud800" <= one <= "\udfff" for one in value):  # of an escape such as \ud800
            raise ValueError(f"{key!r} has half a character")
        return value
    if value is None or isinstance(value, dict | list):
        kind = "null" if value is None else "a list" if isinstance(value, list) else "an object"
        raise ValueError(f"{key!r} is {kind}, not a text")
    return json.dumps(value)
