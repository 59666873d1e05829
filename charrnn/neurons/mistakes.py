"""What kind of mistakes a network makes, by what would have told it better.

A mistake is a character to which the network gave less than one half. Oracles are applied in turn;
each takes away the mistakes that it would not have made. Source: Karpathy, Johnson & Li 2015
(arXiv 1506.02078), whose order is kept:

- n-gram: a model of some order from 1 to 9, counted on the training text, gives the character at
  least one half;
- dynamic memory: the word in which the character stands (not as its first) has stood, whole, among
  the last 100, 500 or 1,000 characters;
- rare words: the word stands at most five times in the training text;
- word model: the character comes right after a space or a quote, where a word must be chosen;
- punctuation: the character is punctuation;
- the rest.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from charrnn import between
from charrnn.notebook import Shown
from charrnn.provenance import learned_text, trained_part
from charrnn.reading import Opened, Text, predictable
from charrnn.text.ngrams import among, hashes

ORDERS = range(1, 10)
MEMORIES = (100, 500, 1000)
RARE = 5
HALF = 0.5
WORD = re.compile(r"\w+")
OPENERS = " \"'“‘"

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Mistakes(Shown):
    """counted: characters that were predicted; mistakes: those given less than one half.

    kinds: for each oracle in turn, by name, which characters (C,) it took away, and "the rest".
    characters: the text. model, text: their names.
    """

    counted: int
    mistakes: int
    kinds: dict[str, Mask]
    characters: str = ""
    model: str = ""
    text: str = ""


def mistakes(opened: Opened, read: Text, corpus: Sequence[str] = ()) -> Mistakes:
    """Sort a model's mistakes on a text. corpus: where its training text is, if it has moved.

    Raises UsageError for a text too short and a model that predicts nothing, CorpusError for a
    training text that is not to be had, or another one.
    """
    model, text = opened.checkpoint, predictable(read)
    training = trained_part(learned_text(opened.path, model, corpus), model)
    costs = between.losses(model.network(), text.ids)
    found = sort_out(text.characters, np.append([np.nan], np.exp(-costs)), training)
    return replace(found, characters=text.characters, model=opened.name, text=text.name)


def sort_out(text: str, probabilities: npt.NDArray[np.float64], training: str) -> Mistakes:
    """Sort the mistakes on a text.

    probabilities (C,): what the network gave each character, NaN for one that was not predicted.
    """
    left = probabilities < HALF
    kinds: dict[str, Mask] = {}

    def take(name: str, told: Mask) -> None:
        nonlocal left
        kinds[name] = left & told
        left = left & ~told

    whole = left
    for order in ORDERS:
        take(f"{order}-gram", n_gram(text, training, order, left))
    words = [(found.start(), found.end()) for found in WORD.finditer(text)]
    for memory in MEMORIES:
        take(f"memory of {memory:,}", seen_lately(text, words, memory))
    take("rare word", of_rare_words(text, words, training))
    characters = np.array(list(text))
    starts = np.append([False], np.isin(characters[:-1], list(OPENERS)))
    take("start of a word", starts)
    take("punctuation", np.array([not (one.isalnum() or one.isspace()) for one in text], bool))
    kinds["the rest"] = left
    return Mistakes(int((~np.isnan(probabilities)).sum()), int(whole.sum()), kinds)


def n_gram(text: str, training: str, order: int, wanted: Mask) -> Mask:
    """Return where a model of this order, counted on a text, gives a character one half or more."""
    told = np.zeros(len(text), bool)
    places = np.flatnonzero(wanted)
    places = places[places >= order - 1]
    if len(training) < order or not len(places):
        return told
    longer = hashes(text, order)[places - order + 1]
    known, counts = np.unique(hashes(training, order), return_counts=True)
    seen = np.where(among(longer, known), counts[_place(known, longer)], 0)
    total = np.full(len(places), len(training))
    if order > 1:
        context = hashes(text, order - 1)[places - order + 1]
        known, counts = np.unique(hashes(training[:-1], order - 1), return_counts=True)
        total = np.where(among(context, known), counts[_place(known, context)], 0)
    told[places] = (seen > 0) & (seen >= HALF * total)
    return told


def _place(known: npt.NDArray[np.uint64], wanted: npt.NDArray[np.uint64]) -> npt.NDArray[np.intp]:
    return np.minimum(np.searchsorted(known, wanted), len(known) - 1)


def seen_lately(text: str, words: list[tuple[int, int]], memory: int) -> Mask:
    """Return the characters but the first of words that stood among the last so many characters."""
    told = np.zeros(len(text), bool)
    last: dict[str, int] = {}
    for start, end in words:
        word = text[start:end]
        if start - last.get(word, -memory - 1) <= memory:
            told[start + 1 : end] = True
        last[word] = start
    return told


def of_rare_words(text: str, words: list[tuple[int, int]], training: str) -> Mask:
    """Return the characters of words that stand at most RARE times in the training text."""
    counts = Counter(WORD.findall(training))
    told = np.zeros(len(text), bool)
    for start, end in words:
        told[start:end] = counts[text[start:end]] <= RARE
    return told
