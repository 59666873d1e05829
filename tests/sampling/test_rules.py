import re

import numpy as np
import pytest

from charrnn.errors import UsageError
from charrnn.sampling.copies import Copies
from charrnn.sampling.filters import Filters
from charrnn.sampling.generate import Writer, read
from charrnn.sampling.rules import Match, write


@pytest.fixture
def network(make_checkpoint):
    return make_checkpoint("gru", alphabet="abc .\n", seed=2).network()


def written(network, rules, length=30, seed=0, temp=1.0, **filters) -> str:
    writer = Writer(network, lambda place: temp, Filters(**filters))
    ready = read(network, network.vocabulary.encode("\n"))
    drawn = write(writer, ready, rules, length, np.random.default_rng(seed))
    return network.vocabulary.decode(one.id for one in drawn)


@pytest.mark.parametrize(
    "pattern",
    [r"[abc]+\.", r"(ab)*", r"a{29}b?", r"(a|bc|\n)+", r".*", r"(?:[abc]{2} ){3}c", r"a?\.", ""],
)
@pytest.mark.parametrize("temp", [0.0, 1.0])
def test_what_is_written_is_a_full_match(network, pattern, temp):
    for seed in range(5):
        text = written(network, [Match(pattern, network.vocabulary)], seed=seed, temp=temp)
        assert re.fullmatch(pattern, text), text
        assert len(text) <= 30


def test_a_text_that_could_go_on_forever_is_as_long_as_asked_for(network):
    assert len(written(network, [Match("[ab]*", network.vocabulary)])) == 30
    assert len(written(network, [Match("(abc)*", network.vocabulary)], length=29)) == 27


def test_the_search_goes_back_out_of_a_dead_end(network):
    """After a first `a` there is no way on: x is not in the alphabet."""
    for seed in range(20):
        assert written(network, [Match("ax|b.*", network.vocabulary)], seed=seed).startswith("b")


@pytest.mark.parametrize("pattern", ["x", "a*x", "a{31}", "(?!)"])
def test_what_the_alphabet_or_the_length_cannot_satisfy_is_refused(network, pattern):
    with pytest.raises(UsageError, match=r"no text of at most 30 characters"):
        written(network, [Match(pattern, network.vocabulary)])


def test_what_is_no_pattern_is_named(network):
    with pytest.raises(UsageError, match=r"--match '\(' is not a valid pattern: missing \)"):
        written(network, [Match("(", network.vocabulary)])


def test_nested_repeats_take_no_longer_than_others(network):
    assert written(network, [Match(r"(a+)+(a+)+b", network.vocabulary)], length=200)
    assert written(network, [Match(r"(a|aa)+$", network.vocabulary)], length=200)


def test_the_first_character_is_drawn_by_the_models_odds_among_those_that_may_stand(network):
    """`a` or `b`, never another; chi-square with one degree of freedom, p > 0.001."""
    logits = read(network, network.vocabulary.encode("\n")).logits[0].astype(np.float64)
    a, b = np.exp(logits[network.vocabulary.encode("ab")])
    counts = [
        written(network, [Match("[ab]", network.vocabulary)], seed=seed) for seed in range(2000)
    ].count("a")
    expected = 2000 * a / (a + b)
    assert (counts - expected) ** 2 / expected / (1 - expected / 2000) < 10.83


def test_filters_choose_among_what_the_rules_leave(network):
    assert written(network, [Match("[ab]{9}", network.vocabulary)], top_k=1) == written(
        network, [Match("[ab]{9}", network.vocabulary)], temp=0.0
    )


@pytest.mark.parametrize("longest", [1, 2, 5])
def test_no_stretch_longer_than_allowed_stands_in_the_corpus(network, longest):
    corpus = "abc. cab. abba. c\nab cb.. bc aa. " * 3
    text = written(network, [Copies.of(corpus, longest)], length=200)
    stretches = [text[start : start + longest + 1] for start in range(len(text) - longest)]
    assert len(text) == 200
    assert not any(stretch in corpus for stretch in stretches)
    free = written(network, [], length=200)
    assert any(free[start : start + longest + 1] in corpus for start in range(200 - longest))


def test_where_everything_would_be_a_copy_the_search_ends(network):
    with pytest.raises(UsageError, match="no text of at most 30 characters"):
        written(network, [Copies.of("abc .\n", 0)])
