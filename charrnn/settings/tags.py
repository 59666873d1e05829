"""Tags of characters."""

from dataclasses import dataclass
from typing import Literal

from charrnn.settings.setting import setting

MADE = ("diacritics", "case", "spaces", "punctuation")  # of plain text


@dataclass(frozen=True)
class TagSettings:
    """Where tags come from."""

    tag: Literal["columns", "diacritics", "case", "spaces", "punctuation"] = setting(
        "columns",
        "Tags (--task tag)",
        "Read tags from a column of a table, or make them from plain text: strip it of these, and "
        "learn to restore them",
    )
