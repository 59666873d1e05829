"""What is learned, and from which text."""

from dataclasses import dataclass
from typing import Literal

from charrnn.settings.setting import SUITED, setting
from charrnn.settings.tasks import DEFAULT, TASKS


@dataclass(frozen=True)
class TextSettings:
    """What is read."""

    corpus: tuple[str, ...] = setting(("python",), "Text", "files, folders, '-' or named corpora")
    task: str = setting(
        DEFAULT,
        "Text",
        f"What is learned: {', or '.join(one.learns for one in TASKS.values())}",
        among=lambda: TASKS,
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
    validate_on: str = setting(
        "", "Text", "Validate on this file or folder instead of a fraction of the text"
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
