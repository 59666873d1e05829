"""Texts with labels."""

from dataclasses import dataclass
from typing import Literal

from charrnn.settings.setting import SUITED, setting

HEADING = "Labels (--task classify)"


@dataclass(frozen=True)
class LabelSettings:
    """How labelled texts are read and learned."""

    columns: str = setting(
        "",
        HEADING,
        "Columns of text and label in a table, by number or by the names in its first row, such as "
        "text,label",
        shown="1,2",
    )
    skip_bad: bool = setting(
        False,
        HEADING,
        "Count rows without a text or a label, and pass over them",
    )
    bidirectional: bool = setting(False, HEADING, "Read each text backwards, too", shown=SUITED)
    pool: Literal["mean", "last", "max"] = setting(
        "mean",
        HEADING,
        "How a text's outputs become the vector that is labelled",
    )
    label_smoothing: float = setting(
        0.0,
        HEADING,
        "Fraction of each label's probability that is spread over all",
        low=0,
        high=0.5,
        shown=SUITED,
    )
