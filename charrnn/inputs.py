"""What Python gives a model: ids, a state, texts. Errors name the argument that cannot be."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from charrnn.architecture import Architecture
from charrnn.errors import UsageError, VocabularyError
from charrnn.prepared import State


def ids(given: Any, shapes: dict[int, str], count: int) -> npt.NDArray[np.integer]:
    """Return ids as an array.

    shapes: as they are written, by how many axes they have. count: how many ids there are. Raises
    UsageError for what are no ids, or for another shape, VocabularyError for an id beyond the last.
    """
    wanted = " or ".join(shapes.values())
    try:
        found = np.asarray(given)
    except ValueError:
        raise UsageError(f"ids has rows of unequal length, but must be {wanted}") from None
    found = found if found.size else found.astype(np.intp)
    if found.dtype.kind not in "iu":
        hint = "net.vocabulary.encode(text) returns the ids of a text"
        kind = type(given).__name__
        raise UsageError(f"ids must be whole numbers, not {kind} {given!r:.40}", hint)
    if found.ndim not in shapes:
        raise UsageError(f"ids has shape {found.shape}, but must be {wanted}")
    outside = found[(found < 0) | (found >= count)]
    if outside.size:
        last = count - 1
        raise VocabularyError(f"ids has {outside[0]}, but the alphabet's ids are 0 to {last}")
    return found


def state(given: Any, first: State, architecture: Architecture) -> State:
    """Return a state, of the shape of the first one. Raises UsageError for another."""
    streams = len(first[0][0])
    shape, names = (streams, architecture.hidden), architecture.cell.STATES
    try:
        found = tuple(tuple(np.asarray(part) for part in layer) for layer in given)
    except (TypeError, ValueError):
        found = ()
    if [[part.shape for part in layer] for layer in found] != [
        [part.shape for part in layer] for layer in first
    ]:
        raise UsageError(
            f"state must be, for each of {len(first)} layers, {' and '.join(names)} of shape "
            f"{shape}",
            f"net.start({streams}) is the first one",
        )
    return found


def texts(given: str | Sequence[str]) -> list[str]:
    """Return texts as a list. Raises UsageError for anything else among them."""
    found = [given] if isinstance(given, str) else list(given)
    if not all(isinstance(text, str) for text in found):
        raise UsageError("texts: each must be a string")
    return found
