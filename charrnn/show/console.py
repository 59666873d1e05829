"""The two consoles of rich: stdout is data, stderr is talk."""

import os

from rich.console import Console


def data() -> Console:
    """Return a console on stdout."""
    return Console(highlight=False, markup=False, emoji=False)


def talk() -> Console:
    """Return a console on stderr."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def is_light() -> bool:
    """Return whether the terminal says, through COLORFGBG, that its background is light."""
    return os.environ.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")
