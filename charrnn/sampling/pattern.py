"""A regular expression as an automaton that says how much is missing to a match.

Matching decides of a whole text; writing must know, at each character, whether some n further
characters at most can still make a match. So the pattern is not matched but *derived*: after a
character it becomes the pattern that the rest must match (Brzozowski 1964). Whatever looks ahead
becomes an obligation that the rest must meet as well, whatever looks back is derived all along, and
\\b waits for the next character. Patterns that have been met before are numbered and kept.
"""

import math
import re._constants as kinds  # type: ignore[import-not-found]  # of Python itself
import re._parser as parser  # type: ignore[import-not-found]
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

from charrnn.errors import UsageError
from charrnn.sampling.derivatives import (
    ALL,
    EMPTY,
    NO_DUTY,
    Before,
    Expression,
    State,
    either,
    is_word,
    joined,
    looks_ahead,
    matches,
    repeated,
    sets_of,
    step,
)

Node = tuple[State, Before]


MOST_NODES = 20_000  # of the automaton, before a pattern counts as too large
UNSUPPORTED = {
    "GROUPREF": "a reference to a group",
    "GROUPREF_EXISTS": "a condition on a group",
    "ATOMIC_GROUP": "an atomic group",
    "POSSESSIVE_REPEAT": "a possessive repeat",
}
CATEGORIES: dict[str, Callable[[str], bool]] = {
    "DIGIT": lambda one: unicodedata.category(one) == "Nd",
    "SPACE": str.isspace,
    "WORD": lambda one: one.isalnum() or one == "_",
}
FOLLOWING = range(0x80, 0xC0)  # bytes of UTF-8 that go on with a character
MULTIBYTE = [(range(0xC2, 0xE0), 1), (range(0xE0, 0xF0), 2), (range(0xF0, 0xF5), 3)]


class Pattern:
    """A pattern over an alphabet. in_bytes: whether its other than ASCII characters are bytes.

    Raises UsageError for what is not a valid pattern, or holds what cannot be derived.
    """

    def __init__(self, pattern: str, alphabet: str, in_bytes: bool = False) -> None:
        self.alphabet, self.in_bytes = alphabet, in_bytes
        try:
            parsed = parser.parse(pattern)
        except (parser.error, OverflowError, RecursionError) as error:
            raise UsageError(f"--match {pattern!r} is not a valid pattern: {error}") from error
        try:
            self.expression = self._sequence(parsed, parsed.state.flags)
        except UnsupportedError as error:
            raise UsageError(
                f"--match {pattern!r} has {error}, which --match does not support",
                "supported: sets, repeats, groups, |, ^, $, \\b, (?=…), (?!…), (?<=…) and (?<!…)",
            ) from error
        self._numbers: dict[Node, int] = {}
        self._nodes: list[Node] = []
        self._next: dict[tuple[int, str], int] = {}
        self._missing: dict[int, float] = {}
        self.start = self._number((frozenset({(self.expression, NO_DUTY)}), None))

    # From text to an expression.

    def _sequence(self, parts: Iterable[Any], flags: int) -> Expression:
        made = EMPTY
        for kind, value in reversed(list(parts)):
            made = joined(self._part(str(kind), value, flags), made)
        return made

    def _part(self, kind: str, value: Any, flags: int) -> Expression:
        if kind in UNSUPPORTED:
            raise UnsupportedError(UNSUPPORTED[kind])
        if kind == "BRANCH":
            return either(self._sequence(part, flags) for part in value[1])
        if kind == "SUBPATTERN":
            _, add, remove, parts = value
            return self._sequence(parts, (flags | add) & ~remove)
        if kind in ("MAX_REPEAT", "MIN_REPEAT"):
            low, high, parts = value
            high = math.inf if high == kinds.MAXREPEAT else high
            return repeated(self._sequence(parts, flags), low, high)
        if kind in ("ASSERT", "ASSERT_NOT"):
            return self._look(value[0], kind == "ASSERT_NOT", self._sequence(value[1], flags))
        if kind == "AT":
            return self._at(str(value).removeprefix("AT_"), flags)
        return self._character(kind, value, flags)

    def _look(self, direction: int, negated: bool, what: Expression) -> Expression:
        if direction > 0:
            return ("ahead", negated, joined(what, ALL))
        if looks_ahead(what):
            raise UnsupportedError("something that looks ahead while it looks back")
        return ("back", negated, frozenset({(joined(ALL, what), NO_DUTY)}))

    def _at(self, place: str, flags: int) -> Expression:
        line_end: Expression = ("one", frozenset("\n") & frozenset(self.alphabet))
        several = bool(flags & kinds.SRE_FLAG_MULTILINE)
        if place in ("BOUNDARY", "NON_BOUNDARY"):
            return ("edge", place == "BOUNDARY")
        if place.startswith("BEGINNING"):
            return ("begin", several and place == "BEGINNING")
        if place == "END_STRING":
            return ("ahead", False, EMPTY)
        rest = joined(line_end, ALL if several else EMPTY)
        return ("ahead", False, either([EMPTY, rest]))

    def _character(self, kind: str, value: Any, flags: int) -> Expression:
        """Return what matches one character of a kind: a set, or a sequence of bytes."""

        def fits(one: str) -> bool:
            return _fits(kind, value, one, flags)

        ascii_only = [one for one in self.alphabet if not self.in_bytes or one.isascii()]
        single: Expression = ("one", frozenset(filter(fits, ascii_only)))
        if not self.in_bytes:
            return single
        named = sorted(_named(kind, value))
        longer = [self._bytes_of(chr(one)) for one in named if one >= 0x80]
        if fits("\U0001f600"):  # everything but some, as . and [^a] say
            if longer:
                raise UnsupportedError("a set of all characters but some beyond ASCII, in bytes,")
            longer = [self._any_of(lead, more) for lead, more in MULTIBYTE]
        return either([single, *longer])

    def _bytes_of(self, character: str) -> Expression:
        made = EMPTY
        for byte in reversed(character.encode("utf-8")):
            made = joined(self._byte([byte]), made)
        return made

    def _any_of(self, lead: range, more: int) -> Expression:
        return joined(self._byte(lead), repeated(self._byte(FOLLOWING), more, more))

    def _byte(self, which: Sequence[int]) -> Expression:
        return ("one", frozenset(chr(0xDC00 + one) for one in which) & frozenset(self.alphabet))

    # From an expression and a character to what the rest must match.

    def after(self, node: int, character: str) -> int:
        """Return the node after one more character."""
        character = self._alike[character]
        if (node, character) not in self._next:
            state, before = self._nodes[node]
            now = character == "\n", is_word(character)
            self._next[node, character] = self._number((step(state, before, character), now))
        return self._next[node, character]

    def missing(self, node: int) -> float:
        """Return of how many characters the shortest rest is; infinite where there is none.

        Raises UsageError where the pattern is too large to tell.
        """
        if node in self._missing:
            return self._missing[node]
        came_from: dict[int, int | None] = {node: None}
        level, depth, best, last = [node], 0, math.inf, node
        while level and depth < best:
            for one in level:
                known = 0 if self._matches(one) else self._missing.get(one, math.inf)
                if depth + known < best:
                    best, last = depth + known, one
            level = self._further(level, came_from)
            depth += 1
        if math.isinf(best):
            self._missing.update(dict.fromkeys(came_from, math.inf))
        place: int | None = last
        while math.isfinite(best) and place is not None:
            self._missing[place] = best - self._depth(place, came_from)
            place = came_from[place]
        return self._missing[node]

    def _further(self, level: list[int], came_from: dict[int, int | None]) -> list[int]:
        further = []
        for one in level:
            if one in self._missing:
                continue  # what lies behind it is known
            for character in set(self._alike.values()):
                after = self.after(one, character)
                if after not in came_from:
                    came_from[after] = one
                    further.append(after)
        return further

    @staticmethod
    def _depth(node: int, came_from: dict[int, int | None]) -> int:
        depth, place = 0, came_from[node]
        while place is not None:
            depth, place = depth + 1, came_from[place]
        return depth

    def _matches(self, node: int) -> bool:
        return matches(*self._nodes[node])

    def _number(self, node: Node) -> int:
        if node not in self._numbers:
            if len(self._nodes) == MOST_NODES:
                raise UsageError(
                    "the pattern is too large to look ahead in",
                    "use smaller repeat counts, or fewer (?=…)",
                )
            self._numbers[node] = len(self._nodes)
            self._nodes.append(node)
        return self._numbers[node]

    @cached_property
    def _alike(self) -> dict[str, str]:
        """For each character one that the pattern cannot tell from it."""
        sets = list(sets_of(self.expression))
        first: dict[Any, str] = {}
        alike = {}
        for one in self.alphabet:
            kind = (one == "\n", is_word(one), *(one in each for each in sets))
            alike[one] = first.setdefault(kind, one)
        return alike


class UnsupportedError(Exception):
    """Something in a pattern that cannot be derived; says what."""


def _fits(kind: str, value: Any, one: str, flags: int) -> bool:
    """Return whether a character is in a set, or is a literal, perhaps in another case."""
    cases = {one}
    if flags & kinds.SRE_FLAG_IGNORECASE:
        cases |= {case for case in (one.lower(), one.upper()) if len(case) == 1}
    if kind == "ANY":
        return bool(flags & kinds.SRE_FLAG_DOTALL) or one != "\n"
    if kind == "NOT_LITERAL":
        return not any(ord(case) == value for case in cases)
    if kind == "LITERAL":
        return any(ord(case) == value for case in cases)
    items = [(str(name), item) for name, item in value]
    inside = any(_is_of(name, item, case, flags) for name, item in items for case in cases)
    return inside != any(name == "NEGATE" for name, _ in items)


def _is_of(name: str, item: Any, one: str, flags: int) -> bool:
    if name == "LITERAL":
        return bool(ord(one) == item)
    if name == "RANGE":
        return bool(item[0] <= ord(one) <= item[1])
    if name != "CATEGORY":
        return False
    category = str(item).removeprefix("CATEGORY_")
    negated = category.startswith("NOT_")
    known = CATEGORIES[category.removeprefix("NOT_")](one)
    return bool(known and (one.isascii() or not flags & kinds.SRE_FLAG_ASCII)) != negated


def _named(kind: str, value: Any) -> set[int]:
    """Return the code points that a set or a literal names itself."""
    if kind in ("LITERAL", "NOT_LITERAL"):
        return {value}
    if kind != "IN":
        return set()
    named: set[int] = set()
    for name, item in value:
        if str(name) == "RANGE" and item[1] >= 0x80 and item[1] - item[0] > 1000:
            raise UnsupportedError("a range of more than 1,000 characters, in bytes,")
        named |= {item} if str(name) == "LITERAL" else set()
        named |= set(range(item[0], item[1] + 1)) if str(name) == "RANGE" else set()
    return named
