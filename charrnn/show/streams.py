"""The standard streams themselves. Nothing is imported here, so that writing starts at once."""

import io
import sys


def is_unicode(encoding: str | None) -> bool:
    """Return whether an encoding can carry every character."""
    return (encoding or "").lower().startswith("utf")


def survive_any_encoding() -> None:
    """Let a stream that cannot carry a character show `?` instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def raw_stdout() -> None:
    """Make stdout carry exactly the text written to it, as UTF-8, whatever the locale."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape", newline="")
