"""Which labels a text is written for: one, or several by weight."""

from collections.abc import Sequence
from difflib import get_close_matches

from charrnn.errors import UsageError

LISTED = 20  # labels named in a hint, at most
CLOSE = 0.6  # of difflib


def mixture(wanted: str, labels: Sequence[str]) -> tuple[float, ...]:
    """Return the weight of each label (K,), 1 together: of A, or of several as in A:0.5,B:0.5.

    Raises UsageError for a label that is not there, and weights that are none.
    """
    weights = dict.fromkeys(labels, 0.0)
    if wanted in weights:
        weights[wanted] = 1.0
        return tuple(weights.values())
    for part in wanted.split(","):
        name, colon, number = part.rpartition(":")
        if part.strip() in weights or not colon:
            name, number = part, "1"
        if name.strip() not in weights:
            raise UsageError(f"there is no label {name.strip()!r}", _near(name.strip(), labels))
        weights[name.strip()] += _weight(part, number)
    total = sum(weights.values())
    return tuple(one / total for one in weights.values())


def _weight(part: str, number: str) -> float:
    try:
        weight = float(number)
    except ValueError:
        weight = 0.0
    if not 0 < weight < float("inf"):
        raise UsageError(
            f"--label: {part!r} has no weight above 0", "for example Greek, or Greek:0.7,Czech:0.3"
        )
    return weight


def _near(name: str, labels: Sequence[str]) -> str:
    """Return a hint: the labels that are nearest to what was typed, else the first of all."""
    folded = {one.casefold(): one for one in labels}
    close = get_close_matches(name.casefold(), folded, n=3, cutoff=CLOSE)
    if close:
        return f"near: {', '.join(folded[one] for one in close)}"
    more = f" and {len(labels) - LISTED:,} more" * (len(labels) > LISTED)
    return f"labels: {', '.join(labels[:LISTED])}{more}"
