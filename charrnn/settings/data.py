"""Texts with something else each: a label, tags, another text."""

from dataclasses import dataclass

from charrnn.settings.setting import setting

HEADING = "Data of a task (--task classify)"
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
class DataSettings:
    """How rows are read."""

    read: str = setting(
        "auto",
        HEADING,
        "Form of the data; auto goes by the name and the first lines",
        among=lambda: FORMS,
    )
    columns: str = setting(
        "",
        HEADING,
        "Columns of text and label, by number or by the names in the first row, such as "
        "text,label; + joins two: 1+3,2",
        shown="1,2",
    )
    skip_bad: bool = setting(
        False,
        HEADING,
        "Count rows without a text or a label, and pass over them",
    )
