"""The `python` corpus: source code of the running interpreter's standard library.

Real code with brackets, quotes, comments and indentation, on every machine that can run
charrnn. The files are taken in the order of a hash of their names, so that the text is a
mixture of modules and the same for every run under one Python version.
"""

import hashlib
import os
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from charrnn.errors import CorpusError

CHARACTERS = 2_000_000
LARGEST_FILE = 100_000
LEFT_OUT = {"test", "tests", "idlelib", "lib2to3", "encodings", "pydoc_data", "turtledemo"}
LEFT_OUT |= {"site-packages", "dist-packages", "__phello__", "_vendor"}


def sources(folder: Path | None = None) -> str:
    """Return about 2 million characters of plain ASCII Python from the standard library.

    Whole files only. Raises CorpusError where the interpreter has no sources with it.
    """
    folder = folder or Path(sysconfig.get_path("stdlib"))
    chosen: list[str] = []
    length = 0
    for path in sorted(modules(folder), key=lambda path: _hash(path.relative_to(folder))):
        data = path.read_bytes()
        if len(data) <= LARGEST_FILE and data.isascii():
            chosen.append(data.decode("ascii").replace("\r\n", "\n"))
            length += len(chosen[-1])
        if length >= CHARACTERS:
            break
    if not chosen:
        raise CorpusError(
            f"{folder}: this interpreter has no sources of its standard library",
            "name a text file, or `nested`, the other corpus that ships with charrnn",
        )
    return "".join(chosen)


def modules(folder: Path) -> Iterator[Path]:
    """Yield the modules below a folder, tests and what is not the interpreter's own left out."""
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in LEFT_OUT]
        for name in names:
            if name.endswith(".py") and not name.startswith("_sysconfigdata"):
                yield Path(root, name)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.as_posix().encode()).hexdigest()
