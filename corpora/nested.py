"""The generator of nested.txt: text whose hidden state is known by construction.

Prose of 49 ordinary words, hard-wrapped at 40 columns, in which now and then a short span stands
in brackets of one of three kinds or in quotes, to depth 2. The same words stand inside and
outside, so no character tells the two apart: only a memory of what was opened does.

    python corpora/nested.py > corpora/nested.txt
"""

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass

CHARACTERS = 1_000_000
SEED = 2015
WIDTH = 40
DEEPEST = 2
PAIRS = ("()", "[]", "{}", '""')
SPAN_OPENS = 0.07  # chance that a span opens before a word, where one may
WORDS = """
about and base blue brown catch cloud count dear dry enough feel five free give grow help
hurry king leave listen make men morning need notice order past play put reason room sand
sell shop sister snow spell step such teach there three town under want what wild work
""".split()


@dataclass(frozen=True)
class Labelled:
    """A text and, for each of its characters, the state once that character has been read.

    depth: how many brackets of any kind are open; quoted: whether a quote is.
    """

    text: str
    depth: list[int]
    quoted: list[bool]


def generate(characters: int = CHARACTERS, seed: int = SEED) -> Labelled:
    """Return at least so many characters of text, whole paragraphs, with their labels."""
    generator = random.Random(seed)
    text: list[str] = []
    while sum(map(len, text)) < characters:
        text.append(_paragraph(generator))
    return _label("".join(text))


def _label(text: str) -> Labelled:
    """Count openers and closers; the grammar balances them, so no stack is needed."""
    depth = quote = 0
    depths, quotes = [], []
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        quote ^= character == '"'
        depths.append(depth)
        quotes.append(bool(quote))
    return Labelled(text, depths, quotes)


def _paragraph(generator: random.Random) -> str:
    words = [word for _ in range(generator.randint(4, 9)) for word in _sentence(generator)]
    return "\n".join(_wrapped(words)) + "\n\n"


def _wrapped(words: list[str]) -> Iterator[str]:
    """Break before the first word that would pass the width: the classical greedy rule."""
    line = ""
    for word in words:
        if line and len(line) + 1 + len(word) > WIDTH:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line


def _sentence(generator: random.Random) -> list[str]:
    words = _phrase(generator, generator.randint(6, 14), depth=0)
    words[0] = words[0].capitalize()
    words[-1] += "."
    return words


def _phrase(generator: random.Random, count: int, depth: int, opened: str = "") -> list[str]:
    """Return `count` plain words, with spans between them that are in brackets or quotes."""
    words: list[str] = []
    for _ in range(count):
        if words and depth < DEEPEST and generator.random() < SPAN_OPENS:
            pair = generator.choice([pair for pair in PAIRS if pair != opened])
            words += _span(generator, pair, depth + 1)
        words.append(generator.choice(WORDS))
    return words


def _span(generator: random.Random, pair: str, depth: int) -> list[str]:
    words = _phrase(generator, generator.randint(2, 4), depth, opened=pair)
    words[0] = pair[0] + words[0]
    words[-1] += pair[1]
    return words


if __name__ == "__main__":
    sys.stdout.write(generate().text)
