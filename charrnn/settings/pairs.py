"""Texts for texts."""

from dataclasses import dataclass
from typing import Literal

from charrnn.settings.setting import setting

HEADING = "Texts for texts (--task seq2seq)"


@dataclass(frozen=True)
class PairSettings:
    """How a text is written for another."""

    attention: Literal["none", "additive", "dot"] = setting(
        "dot",
        HEADING,
        "What the decoder reads of the source: its last state alone, or a mean of all outputs, "
        "weighted anew at each step",
    )
    source_symbols: Literal["characters", "space"] = setting(
        "characters",
        HEADING,
        "Symbols of a source: its characters, or what spaces separate",
    )
    target_symbols: Literal["characters", "space"] = setting(
        "characters",
        HEADING,
        "Symbols of a target: its characters, or what spaces separate, such as phonemes",
    )
