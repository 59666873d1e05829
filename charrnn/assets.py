"""Where the files that ship with charrnn lie: `corpora/`, `checkpoints/demo/` and `prose/`.

In a clone they stand beside the package; a wheel carries them inside it.
"""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def path(name: str) -> Path:
    """Return the path of the shipped file or folder called `name`, e.g. `corpora/nested.txt`."""
    inside = _PACKAGE / name
    return inside if inside.exists() else _PACKAGE.parent / name
