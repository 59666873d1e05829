"""How far texts that a model wrote are from those that are right: exact matches and edits.

A text is a sequence of symbols: a string of characters, or a list of words, phonemes, tags. Each
may have several references, texts that are all right.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Symbols = Sequence[str]  # a string is one of characters
References = Sequence[Sequence[Symbols]]  # of each text, all that are right
Integers = npt.NDArray[np.int64]


def exact(hypotheses: Sequence[Symbols], references: References) -> npt.NDArray[np.bool_]:
    """Return whether each text (N,) is one of its references."""
    pairs = zip(hypotheses, references, strict=True)
    return np.array([any(list(text) == list(one) for one in right) for text, right in pairs], bool)


def errors(hypotheses: Sequence[Symbols], references: References) -> tuple[Integers, Integers]:
    """Return the edits from each text to its nearest reference, and that one's length (N,) each.

    An edit inserts, deletes or substitutes a symbol (Levenshtein 1966). Of references that are
    equally near the longest counts, whose edits are the smallest share of it; so their order does
    not matter. Raises ValueError for a text without references.
    """
    from rapidfuzz.distance import Levenshtein

    found = np.empty((len(hypotheses), 2), np.int64)
    for place, (text, right) in enumerate(zip(hypotheses, references, strict=True)):
        edits, shorter = min((Levenshtein.distance(text, one), -len(one)) for one in right)
        found[place] = edits, -shorter
    return found[:, 0], found[:, 1]


def error_rate(distances: Integers, lengths: Integers) -> float:
    """Return the edits per symbol of the references: the character or symbol error rate.

    It is the word error rate where symbols are words, see `words`. It may be above 1; with no
    symbol in all references it is the number of edits.
    """
    return float(distances.sum() / max(1, lengths.sum()))


def words(references: Sequence[Sequence[str]]) -> list[list[list[str]]]:
    """Return the references as words: what stands between white space."""
    return [[one.split() for one in right] for right in references]
