"""Regular expressions as values, and what is left of one once it has matched a character.

An expression is a tuple: its kind, then its parts. A state is a set of ways to go on: each an
expression and the obligations beside it, (negated, state), which the whole rest must meet as well.
Source: Brzozowski 1964; looking ahead is an obligation, looking back is derived all along, and what
asks for the next character waits for it.
"""

from collections.abc import Iterable, Iterator
from typing import Any

Expression = tuple[Any, ...]
Obligation = tuple[bool, "State"]
Obligations = frozenset[Obligation]
State = frozenset[tuple[Expression, Obligations]]
Before = tuple[bool, bool] | None  # whether the last character is a line end, a word's; no last one

EMPTY: Expression = ("empty",)
NOTHING: Expression = ("one", frozenset())
ALL: Expression = ("all",)  # any text
NO_DUTY: Obligations = frozenset()


def is_word(character: str) -> bool:
    """Return whether a character is one of a word, as \\b has it."""
    return character.isalnum() or character == "_"


def joined(one: Expression, other: Expression) -> Expression:
    """Return one expression after the other."""
    if NOTHING in (one, other):
        return NOTHING
    if one == EMPTY:
        return other
    if other == EMPTY:
        return one
    if one[0] == "joined":  # to the right, so that equal sequences are equal
        return ("joined", one[1], joined(one[2], other))
    return ("joined", one, other)


def either(several: Iterable[Expression]) -> Expression:
    """Return what matches one of several expressions."""
    flat: set[Expression] = set()
    for one in several:
        flat |= one[1] if one[0] == "either" else {one}
    flat.discard(NOTHING)
    if not flat:
        return NOTHING
    return flat.pop() if len(flat) == 1 else ("either", frozenset(flat))


def repeated(one: Expression, low: int, high: float) -> Expression:
    """Return an expression so often after itself."""
    if high == 0 or one == EMPTY:
        return EMPTY
    if one == NOTHING:
        return NOTHING if low else EMPTY
    if low and can_be_empty(one):
        if not asserts(one):
            low = 0
        else:
            return joined(one, repeated(one, low - 1, high - 1))
    return one if low == high == 1 else ("repeat", one, low, high)


def can_be_empty(one: Expression) -> bool:
    """Return whether an expression matches nothing at all, somewhere."""
    kind = one[0]
    if kind == "joined":
        return can_be_empty(one[1]) and can_be_empty(one[2])
    if kind == "either":
        return any(map(can_be_empty, one[1]))
    return kind != "one" and (kind != "repeat" or not one[2] or can_be_empty(one[1]))


def asserts(one: Expression) -> bool:
    """Return whether something in an expression asks what stands around it."""
    return any(part[0] in ("ahead", "back", "edge", "begin") for part in parts_of(one))


def looks_ahead(one: Expression) -> bool:
    """Return whether something in an expression asks what comes after it."""
    return any(part[0] == "ahead" for part in parts_of(one))


def parts_of(one: Expression) -> Iterator[Expression]:
    """Yield an expression and all that it is made of."""
    yield one
    if one[0] in ("joined", "either"):
        for part in one[1] if one[0] == "either" else one[1:]:
            yield from parts_of(part)
    elif one[0] == "repeat":
        yield from parts_of(one[1])
    elif one[0] == "ahead":
        yield from parts_of(one[2])
    elif one[0] == "back":
        for part, _ in one[2]:
            yield from parts_of(part)


def sets_of(one: Expression) -> set[frozenset[str]]:
    """Return the sets of characters that an expression knows."""
    return {part[1] for part in parts_of(one) if part[0] == "one"}


def ways(one: Expression, before: Before, character: str | None) -> set[Obligations]:
    """Return how an expression can match nothing here: under which obligations on the rest.

    character: the next one, or None at the end.
    """
    kind = one[0]
    if kind in ("empty", "all") or (kind == "repeat" and not one[2]):
        return {NO_DUTY}
    if kind == "joined":
        first, second = (ways(part, before, character) for part in one[1:])
        return {a | b for a in first for b in second}
    if kind == "either":
        return set().union(*(ways(part, before, character) for part in one[1]))
    if kind == "repeat":
        return ways(one[1], before, character)
    if kind == "ahead":
        return {frozenset({(one[1], frozenset({(one[2], NO_DUTY)}))})}
    if kind == "one":
        return set()
    return {NO_DUTY} if _holds(one, before, character) else set()


def _holds(one: Expression, before: Before, character: str | None) -> bool:
    """Return whether what asks for its surroundings, but for what comes after, is met here."""
    if one[0] == "back":
        return bool(matches(one[2], before, character) != one[1])
    if one[0] == "begin":
        return before is None or bool(one[1] and before[0])
    word_after = character is not None and is_word(character)
    return bool((bool(before and before[1]) != word_after) == one[1])


def derived(
    one: Expression, before: Before, character: str
) -> Iterator[tuple[Expression, Obligations]]:
    """Yield what is left of an expression once it has matched a character, and obligations."""
    kind = one[0]
    if kind == "one":
        if character in one[1]:
            yield EMPTY, NO_DUTY
    elif kind == "all":
        yield ALL, NO_DUTY
    elif kind == "either":
        for part in one[1]:
            yield from derived(part, before, character)
    elif kind == "repeat":
        _, part, low, high = one
        rest = repeated(moved(part, before, character), max(0, low - 1), high - 1)
        for left, duties in derived(part, before, character):
            yield joined(left, rest), duties
    elif kind == "joined":
        _, first, second = one
        rest = moved(second, before, character)
        for left, duties in derived(first, before, character):
            yield joined(left, rest), duties
        for skipped in ways(first, before, character):
            later = {(negated, step(state, before, character)) for negated, state in skipped}
            for left, duties in derived(second, before, character):
                yield left, duties | later


def moved(one: Expression, before: Before, character: str) -> Expression:
    """Return an expression that is still to come, its looks back one character further on."""
    kind = one[0]
    if not asserts(one):
        return one
    if kind == "joined":
        return ("joined", *(moved(part, before, character) for part in one[1:]))
    if kind == "either":
        return ("either", frozenset(moved(part, before, character) for part in one[1]))
    if kind == "repeat":
        return ("repeat", moved(one[1], before, character), *one[2:])
    if kind == "ahead":
        return (*one[:2], moved(one[2], before, character))
    if kind == "back":
        return (*one[:2], step(one[2], before, character))
    return one


def step(state: State, before: Before, character: str) -> State:
    """Return the state after a character."""
    after = set()
    for one, duties in state:
        later = {(negated, step(rest, before, character)) for negated, rest in duties}
        for left, new in derived(one, before, character):
            kept = _kept(new | later)
            if kept is not None:
                after.add((left, kept))
    return frozenset(after)


def _kept(duties: Iterable[Obligation]) -> Obligations | None:
    """Return obligations without those that are met already; None where one cannot be met."""
    kept = set()
    for negated, state in duties:
        if not state or (ALL, NO_DUTY) in state:
            if negated == bool(state):
                return None
        else:
            kept.add((negated, state))
    return frozenset(kept)


def matches(state: State, before: Before, character: str | None = None) -> bool:
    """Return whether the text may end here. character: what comes all the same, for looks back."""
    return any(
        all(matches(rest, before) != negated for negated, rest in duties | way)
        for one, duties in state
        for way in ways(one, before, character)
    )
