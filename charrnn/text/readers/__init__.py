"""Rows of files and folders: a file a form. Each yields rows as they are read, none kept.

Which form a file has is told by how its name ends, else by its first lines.
"""

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from charrnn.errors import CorpusError, UsageError, near
from charrnn.settings.labels import FORMS
from charrnn.text.readers.columns import Columns
from charrnn.text.readers.sentences import Sentence
from charrnn.text.readers.source import Bad, Row, Source, ending

AUTO = "auto"
ENDINGS = {
    ".tsv": "tsv",
    ".tab": "tsv",
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".conll": "conll",
    ".conllu": "conllu",
}
OF_SENTENCES = ("conll", "conllu")
OF_FOLDERS = ("class-files", "class-folders")
SEEN = 20  # lines by which a form is told
VALIDATING = ("dev", "valid", "validation", "val")  # names of the folder that validates


class Reader(Protocol):
    """A form of data: a module of this package."""

    def read(self, source: Source, columns: Columns) -> Iterator[Row | Bad]:
        """Yield the rows of a file or a folder, in order."""


def of(form: str) -> Reader:
    """Return the reader of a form."""
    return cast(Reader, import_module(f"{__name__}.{form.replace('-', '_')}"))


def read(
    name: str, columns: Columns, form: str = AUTO, encoding: str = "utf-8", digest: Any = None
) -> Iterator[Row | Bad]:
    """Yield the rows of a file, a folder or '-', standard input, and what is wrong with others.

    form: one of those of `charrnn.settings.labels`, or "auto". digest: gets the bytes read.
    Raises CorpusError.
    """
    if form not in FORMS:
        raise UsageError(
            f"--read {form}: there is no such form", near(form, FORMS, "the forms are")
        )
    source = Source(name, encoding, digest)
    if form == AUTO and source.is_folder:
        forms = of_folder(Path(name))
    else:
        forms = [by_name(name) or by_content(source.beginning) if form == AUTO else form]
    for one in forms:
        if source.is_folder != (one in OF_FOLDERS):
            kind = "a file" if source.is_folder else "a folder"
            raise CorpusError(
                f"--read {one} is for {kind}; {source.where} is none",
                "without --read the form is told by the name, or by the first lines",
            )
        yield from of(one).read(source, columns)


def has_sentences(name: str, form: str = AUTO) -> bool:
    """Return whether a file holds words in sentences, by its form or its name."""
    return (by_name(name) if form == AUTO else form) in OF_SENTENCES


def sentences(
    name: str, form: str = AUTO, encoding: str = "utf-8", digest: Any = None
) -> Iterator[Sentence | Bad]:
    """Yield the sentences of a file that `has_sentences`, and what is wrong with others."""
    reader = import_module(f"{__name__}.{by_name(name) if form == AUTO else form}")
    yield from reader.sentences(Source(name, encoding, digest))


def tag_places(name: str, form: str, columns: Columns) -> list[int]:
    """Return which columns of a word have its tag, counted from 0: the second group of columns.

    In CoNLL-U `upos` where none are named. Raises CorpusError for a name that is not there.
    """
    if (by_name(name) if form == AUTO else form) == "conll":
        return columns.places((), name)[1]
    from charrnn.text.readers import conllu

    return conllu.usual(columns).places(("id", *conllu.NAMES), name)[1]


def by_name(name: str) -> str:
    """Return the form that a file has by how its name ends; empty where that does not tell."""
    return ENDINGS.get(ending(Path(name)).lower(), "")


def by_content(beginning: str) -> str:
    """Return the form of a file by its first lines: plain lines where nothing else is seen."""
    lines = [line for line in beginning.split("\n")[:SEEN] if line.strip()]
    first = lines[0] if lines else ""
    if first.startswith("__label__"):
        return "fasttext"
    if first.startswith("{"):
        return "jsonl"
    rows = [line.split("\t") for line in lines if not line.startswith("# ")]
    if rows and all(len(cells) == 10 and cells[0][:1].isdecimal() for cells in rows):
        return "conllu"
    return "tsv" if any("\t" in line for line in lines) else "lines"


def of_folder(folder: Path) -> list[str]:
    """Return the forms of a folder: a file a label, a folder a label, or some of both."""
    inside = [path for path in folder.iterdir() if not path.name.startswith(".")]
    if not inside:
        raise CorpusError(f"{folder} is empty", "it should hold a file or a folder for each label")
    kinds = {path.is_dir() for path in inside}
    return [form for form, kind in zip(OF_FOLDERS, (False, True), strict=True) if kind in kinds]


def parts(names: Sequence[str], validate_on: str = "") -> tuple[list[str], list[str], list[str]]:
    """Return what is learned, what validates, and notes: train/ and dev/ of a folder with both.

    Its test/ is left alone. validate_on: what validates instead of dev/, where it is named.
    """
    learned: list[str] = []
    validating = [validate_on] * bool(validate_on)
    notes: list[str] = []
    for name in names:
        folder = Path(name)
        if name == "-" or not (folder / "train").is_dir():
            learned.append(name)
            continue
        learned.append(str(folder / "train"))
        inside = {path.name: path for path in sorted(folder.iterdir())}
        aside = [one for one in VALIDATING if one in inside and inside[one].is_dir()]
        aside = [] if validate_on else aside
        validating += [str(folder / one) for one in aside]
        said = ["train/ is learned", *(f"{one}/ validates" for one in aside)]
        left = [one for one in inside if one not in ("train", *aside) and not one.startswith(".")]
        if left:
            slashed = ", ".join(one + "/" * inside[one].is_dir() for one in left)
            said.append(f"{slashed} {'are' if len(left) > 1 else 'is'} left alone")
        notes.append(f"{name}: {', '.join(said)}")
    return learned, validating, notes
