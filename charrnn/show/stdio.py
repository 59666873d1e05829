"""The standard streams themselves. Nothing is imported here, so that writing starts at once."""

import codecs
import io
import os
import signal
import sys

ASCII = str.maketrans({"·": "-", "×": "x", "–": "-", "−": "-", "…": "...", "‹": "<", "›": ">"})


_quiet = False


def be_quiet() -> None:
    """Let nothing but results and errors be printed, as --quiet asks, until the process ends."""
    global _quiet
    _quiet = True


def is_quiet() -> bool:
    """Return whether --quiet was given."""
    return _quiet


def is_unicode(encoding: str | None) -> bool:
    """Return whether an encoding can carry every character."""
    return (encoding or "").lower().startswith("utf")


def _plainer(error: UnicodeError) -> tuple[str, int]:
    """Replace what an encoding cannot carry by its nearest ASCII, else by `?`."""
    assert isinstance(error, UnicodeEncodeError)
    lost = error.object[error.start : error.end].translate(ASCII)
    return "".join(part if part.isascii() else "?" for part in lost), error.end


def prepare() -> None:
    """Make every stream usable: closed ones lead nowhere, narrow ones show what they can."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: PTH123, SIM115
    for name in ("COLUMNS", "LINES"):  # a size that is none counts as unknown
        if not _is_size(os.environ.get(name, "")):
            os.environ.pop(name, None)
    codecs.register_error("plainer", _plainer)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="plainer")


def _is_size(value: str) -> bool:
    return value.isascii() and value.isdigit() and 1 < int(value[:9]) < 100_000


def end_with_the_reader() -> None:
    """Let a closed pipe end the process as it ends any Unix filter: at once and in silence."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def lead_nowhere(descriptor: int) -> None:
    """Send the rest of stdout (1) or stderr (2) nowhere, once its reader has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)


def raw_stdout() -> None:
    """Make stdout carry exactly the text written to it, as UTF-8, whatever the locale."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape", newline="")
