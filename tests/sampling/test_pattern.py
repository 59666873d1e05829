"""What may follow, against all texts of a small alphabet and Python's own `re`."""

import itertools
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charrnn.errors import UsageError
from charrnn.losses import log_softmax
from charrnn.sampling.filters import Filters
from charrnn.sampling.generate import Writer, read
from charrnn.sampling.pattern import Pattern
from charrnn.sampling.rules import Match, write

ALPHABET = "ab \n"
LONGEST = 5
TEXTS = ["".join(one) for n in range(LONGEST + 1) for one in itertools.product(ALPHABET, repeat=n)]
PATTERNS = [
    r"a \bb", r"a\b b", r"\ba+\b", r"\Ba", r"a\Bb+", r"\b", r"(a|\b)*", r"[ab]+\b.*",
    r"(?=.*b)[ab]{3}", r"(?=a)(?=.b)..", r"(?!a)..", r"a(?!b).*", r"((?!ab)[ab])*", r"(?!)",
    r"(?<=a)b", r".*(?<=a)b.*", r"[ab]+(?<!b)", r"(?<!a)a.", r"(?<=\ba)b|ab", r"(.(?<!aa))*",
    r"^a$", r"(?m)^a$\n^b$", r"(?m)(^a.?$\n?)+", r"a\n?$", r"a$\n", r"(?m).*^b", r"\Aa\Z", r"a\Zb",
    r"a{2,3}", r"(ab){1,2}?", r"a{0}", r"(a|b ){2}", r"(a*)*b", r"(a|aa)+", r"a*?b", r"", r"|a",
    r"[^a]", r"\w\W", r"\s\S", r"\D*", r".", r"(?s)..", r"(?i)AB*", r"(?i:A)b", r"[^\na]+",
    r"(?x) a b # c", r"(?:a(?=b)|b(?=a))+b?a?", r"(?=(a|b)*$)a.*", r"(?!.*aa)(?!.*bb)[ab]*",
    r"(a(?=b)){2}", r"((?=a)|b){2}a", r"(?=a\b).*", r"x|a", r"(?!(?!a)).b", r"(?=(?!b)a)..",
]  # fmt: skip


def fully(pattern: str) -> set[str]:
    return {text for text in TEXTS if re.fullmatch(pattern, text)}


def node_of(pattern: Pattern, text: str) -> int:
    node = pattern.start
    for one in text:
        node = pattern.after(node, one)
    return node


def mistakes(pattern: str) -> list[str]:
    """Return the texts after which it is not told how much is missing, within the length."""
    found, made = fully(pattern), Pattern(pattern, ALPHABET)
    shortest = dict.fromkeys(TEXTS, LONGEST + 1)
    for text in found:
        for place in range(len(text) + 1):
            begin = text[:place]
            shortest[begin] = min(shortest[begin], len(text) - place)
    return [
        text
        for text in TEXTS
        if min(made.missing(node_of(made, text)), LONGEST - len(text) + 1)
        != min(shortest[text], LONGEST - len(text) + 1)
    ]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_what_is_missing_is_what_all_texts_together_say(pattern):
    assert mistakes(pattern) == []


ATOMS = st.sampled_from(
    ["a", "b", " ", r"\n", ".", "[ab]", "[^a]", r"\w", r"\b", "^", "$", r"\Z", "", "(?m:^)",
     "(?m:$)"]
)  # fmt: skip
GROUPS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("(?:{}|{})".format, inner, inner),
        st.builds("(?:{}){}".format, inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "*?"])),
        st.builds("(?={})".format, inner),
        st.builds("(?!{})".format, inner),
    ),
    max_leaves=6,
)


@given(GROUPS)
@settings(max_examples=60)
def test_any_pattern_is_derived_as_it_is_matched(pattern):
    assert mistakes(pattern) == []


@pytest.mark.parametrize(
    "pattern",
    [r"a \bb", r"(?=.*b)[ab]{3}", r"a(?!b).*", r"[ab]+(?<!b)", r"(?m)^a$\n^b$", r"(a|b ){2}",
     r"a*?b|ba", r"[ab]{2}", r"(?!.*aa)[ab]*"],
)  # fmt: skip
def test_texts_are_drawn_by_the_models_odds_renormalised_at_each_character(
    make_checkpoint, pattern
):
    """Each text's frequency among 1,500 draws, by chi-square with p > 0.001."""
    network = make_checkpoint("gru", alphabet=ALPHABET, seed=2).network()
    start, length = read(network, network.vocabulary.encode("\n")), 4
    matching = {text for text in fully(pattern) if len(text) <= length}
    expected: dict[str, float] = {}

    def follow(text: str, state, logits, odds: float) -> None:
        begun = {one for one in matching if one.startswith(text) and one != text}
        following = sorted({one[len(text)] for one in begun})
        if not following:
            expected[text] = odds
            return
        ids = network.vocabulary.encode("".join(following))
        each = np.exp(log_softmax(logits[0].astype(np.float64)[ids]))
        for one, character, share in zip(ids, following, each, strict=True):
            after, now = network.step([int(one)], state)
            follow(text + character, now, after, odds * float(share))

    follow("", start.state, start.logits, 1.0)
    writer, random = Writer(network, lambda place: 1.0, Filters()), np.random.default_rng(0)
    rule = Match(pattern, network.vocabulary)
    counts = dict.fromkeys(expected, 0)
    for _ in range(1500):
        drawn = write(writer, start, [rule], length, random)
        counts[network.vocabulary.decode(one.id for one in drawn)] += 1
    several = [text for text in expected if 1500 * expected[text] >= 5]
    observed = np.array([counts[text] for text in several])
    wanted = np.array([1500 * expected[text] for text in several])
    freedom = max(1, len(several) - 1)
    assert ((observed - wanted) ** 2 / wanted).sum() < freedom + 3.5 * np.sqrt(2 * freedom) + 6


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        (r"(a)\1", "a reference to a group"),
        (r"(a)?(?(1)b|a)", "a condition on a group"),
        (r"(?>a)b", "an atomic group"),
        (r"a*+b", "a possessive repeat"),
        (r"(?<=a$)b", "something that looks ahead while it looks back"),
    ],
)
def test_what_cannot_be_derived_is_refused_by_name(pattern, what):
    with pytest.raises(UsageError, match=f"has {what}, which --match does not support"):
        Pattern(pattern, ALPHABET)


def test_a_pattern_too_large_is_refused(monkeypatch):
    monkeypatch.setattr("charrnn.sampling.pattern.MOST_NODES", 50)
    made = Pattern("[ab]*a[ab]{9}", ALPHABET)
    with pytest.raises(UsageError, match="the pattern is too large"):
        made.missing(made.after(made.start, "a"))


def test_in_bytes_a_character_is_all_its_bytes():
    alphabet = "".join(map(chr, range(128))) + "".join(chr(0xDC00 + b) for b in range(128, 256))
    as_bytes = {one: one.encode().decode("ascii", "surrogateescape") for one in "aé漢"}
    for pattern, missing in (("é", 2), ("漢", 3), (".", 1), ("[é漢]", 2), ("[^a]", 1), ("é?a", 1)):
        made = Pattern(pattern, alphabet, in_bytes=True)
        assert made.missing(made.start) == missing
        for one, text in as_bytes.items():
            expected = re.fullmatch(pattern, one) is not None
            assert (made.missing(node_of(made, text)) == 0) == expected, (pattern, one)
    with pytest.raises(UsageError, match="all characters but some beyond ASCII"):
        Pattern("[^é]", alphabet, in_bytes=True)
