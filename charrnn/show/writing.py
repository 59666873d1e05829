"""A text as it is written: raw to a pipe, visible to a terminal, shaded, or as JSON.

Nothing is imported that a plain text does not need, so that writing starts at once.
"""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TextIO

from charrnn.show.glyphs import running
from charrnn.show.stdio import is_quiet, is_unicode

FLUSH_SECONDS = 0.05


def write(pieces: Iterable[str], stream: TextIO, visibly: bool) -> None:
    """Write text as it comes: with controls as glyphs, or exactly as it is.

    A terminal is left at the start of a line.
    """
    terminal = stream.isatty()
    last = "\n"
    try:
        for last in visible(pieces, is_unicode(stream.encoding)) if visibly else flushed(pieces):
            stream.write(last)
            if terminal or not last:
                stream.flush()
    finally:
        if terminal and not last.endswith("\n"):
            stream.write("\n")


def visible(pieces: Iterable[str], unicode: bool) -> Iterator[str]:
    """Yield pieces of a text with every control shown, not sent."""
    for piece in pieces:
        yield "".join(running(character, unicode) for character in piece)


def flushed(pieces: Iterable[str]) -> Iterator[str]:
    """Yield pieces and, now and then, an empty one: it is time to flush."""
    last = 0.0
    for piece in pieces:
        yield piece
        if (now := time.monotonic()) - last > FLUSH_SECONDS:
            yield ""
            last = now


def talk(line: str) -> None:
    """Print a line that is not part of the text, unless --quiet was given."""
    if not is_quiet():
        print("".join(visible(line, is_unicode(sys.stderr.encoding))), file=sys.stderr)
