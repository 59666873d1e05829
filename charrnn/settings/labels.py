"""Texts with labels."""

from dataclasses import dataclass
from typing import Literal

from charrnn.settings.setting import SUITED, setting

HEADING = "Labels (--task classify)"


@dataclass(frozen=True)
class LabelSettings:
    """How labelled texts are learned."""

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
