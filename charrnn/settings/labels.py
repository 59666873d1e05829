"""Texts with labels."""

from dataclasses import dataclass
from typing import Literal

from charrnn.settings.setting import SUITED, setting

HEADING = "Labels (--task classify, tag, seq2seq)"
ROWS = "Tables of texts (--task classify, conditional, tag, seq2seq)"
FORMS = (
    "auto",
    "tsv",
    "csv",
    "jsonl",
    "fasttext",
    "class-files",
    "class-folders",
    "conll",
    "conllu",
    "lines",
)


@dataclass(frozen=True)
class RowSettings:
    """How labelled texts are read."""

    read: str = setting(
        "auto",
        ROWS,
        "Form of the data; auto goes by the name and the first lines",
        among=lambda: FORMS,
    )
    columns: str = setting(
        "",
        ROWS,
        "Columns of text and label, by number or by the names in the first row, such as "
        "text,label; + joins two, as in 1+3,2",
        shown="1,2",
    )
    skip_bad: bool = setting(
        False,
        ROWS,
        "Count rows without a text or a label, and pass over them",
    )


@dataclass(frozen=True)
class LabelSettings:
    """How labels are learned."""

    bidirectional: bool = setting(False, HEADING, "Read each text backwards, too", shown=SUITED)
    label_smoothing: float = setting(
        0.0,
        HEADING,
        "Fraction of each label's probability that is spread over all",
        low=0,
        high=0.5,
        shown=SUITED,
    )


@dataclass(frozen=True)
class PoolSettings:
    """How one label comes of many characters."""

    pool: Literal["mean", "last", "max", "attention"] = setting(
        "mean",
        HEADING,
        "How a text's outputs become the vector that is labelled",
        shown=SUITED,
    )
    balance: float = setting(
        0.0,
        HEADING,
        "How much more a rare label counts: by its share to the power of minus this; 1 counts all "
        "labels alike",
        low=0,
        high=1,
        shown=SUITED,
    )
    character_dropout: float = setting(
        0.0,
        HEADING,
        "Fraction of the characters that are read as unknown in training",
        low=0,
        high=0.9,
        shown=SUITED,
    )
