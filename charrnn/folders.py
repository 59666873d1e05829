"""Where the system keeps what a program fetches, compiles and remembers for a user."""

import tempfile
from pathlib import Path

import platformdirs


def cache() -> Path:
    """Return the folder of what can be made anew: corpora, compiled code."""
    return _somewhere(platformdirs.user_cache_path("charrnn"))


def state() -> Path:
    """Return the folder of what is remembered."""
    return _somewhere(platformdirs.user_state_path("charrnn"))


def _somewhere(path: Path) -> Path:
    """Return a path, or one for temporary files where the user has no home, as in a container."""
    return path if path.is_absolute() else Path(tempfile.gettempdir(), *path.parts[1:])
