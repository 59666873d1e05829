"""Parts of a long text from several places, since its start alone may be unlike the rest."""

import numpy as np
import numpy.typing as npt

from charrnn.text.vocabulary import Ids

PLACES = 8
NEAR = 1000  # characters, about, from one blank line to the next, or else lines are cut apart


def of_text(ids: Ids, most: int, newline: int) -> Ids:
    """Return parts of ids (C,), `most` characters together at most; a shorter text whole.

    Each begins and ends, where it can, with a paragraph, or else a line. newline: its id; -1 where
    the alphabet has none. The first part is the start of the text.
    """
    if len(ids) <= most:
        return ids
    ends = np.asarray(ids) == newline
    blank = np.flatnonzero(ends[1:] & ends[:-1]) + 2
    edges = blank if len(blank) * NEAR > len(ids) else np.flatnonzero(ends) + 1
    near = most // PLACES // 4
    return np.concatenate([ids[one] for one in _parts(len(ids), most, edges, PLACES, near)])


def of_records(ids: Ids, most: int) -> Ids:
    """Return whole records, with the end before the first and after each (see `records.join`).

    There are fewer places where records are long, and one record at least, however long.
    """
    if len(ids) <= most:
        return ids
    edges = np.flatnonzero(ids == ids[0])
    parts = [slice(0, int(edges[1]))]
    for places in (PLACES, PLACES // 2, 2, 1):
        found = _parts(len(ids) - 1, most - 1, edges, places, near=len(ids))
        if sum(part.stop - part.start for part in found) > most // 2:
            parts = found
            break
    return np.concatenate([*[ids[part] for part in parts], ids[:1]])


def _parts(
    length: int, most: int, edges: npt.NDArray[np.intp], places: int, near: int
) -> list[slice]:
    """Return which parts, evenly spread, hold most characters; cut at edges that are near."""
    size = max(1, most // places)
    parts = [slice(0, _last(edges, size, near))]
    for number in range(1, places):
        first = max(parts[-1].stop, _next(edges, length * number // places, near))
        parts.append(slice(first, max(first, _last(edges, first + size, near))))
    return [part for part in parts if part.stop > part.start]


def _next(edges: npt.NDArray[np.intp], place: int, near: int) -> int:
    """Return the first edge from a place on, or the place where there is none near."""
    at = np.searchsorted(edges, place)
    return int(edges[at]) if at < len(edges) and edges[at] - place <= near else place


def _last(edges: npt.NDArray[np.intp], place: int, near: int) -> int:
    """Return the last edge up to a place, or the place where there is none near."""
    at = np.searchsorted(edges, place, side="right") - 1
    return int(edges[at]) if at >= 0 and place - edges[at] <= near else place
