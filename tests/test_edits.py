"""Distances are counted by hand: insertions, deletions and substitutions of symbols."""

import pytest

from charrnn.edits import error_rate, errors, exact, words


def distances(hypothesis, *references):
    edits, lengths = errors([hypothesis], [references])
    return int(edits[0]), int(lengths[0])


@pytest.mark.parametrize(
    ("hypothesis", "reference", "edits"),
    [
        ("kitten", "sitting", 3),  # k→s, e→i, +g
        ("", "abc", 3),
        ("abc", "", 3),
        ("ab", "ba", 2),  # a transposition is two edits
        ("naïve", "naive", 1),  # a code point is a symbol
        ("𝒳y", "y", 1),
        (["K", "AE", "T"], ["K", "AA", "T"], 1),  # a phoneme is one, however many letters it has
        (["A", "B"], ["AB"], 2),
        ("the cat sat".split(), "the cat sat down".split(), 1),
    ],
)
def test_edits_are_insertions_deletions_and_substitutions_of_symbols(hypothesis, reference, edits):
    assert distances(hypothesis, reference) == (edits, len(reference))


def test_the_nearest_reference_counts_and_of_equally_near_ones_the_longest():
    assert distances("read", "reed", "bread") == (1, 5)  # one edit from both
    assert distances("read", "bread", "reed") == (1, 5)
    assert distances("read", "a longer one", "red") == (1, 3)


def test_a_text_that_is_any_of_its_references_is_an_exact_match():
    assert exact(["red", "blew"], [["read", "red"], ["blue"]]).tolist() == [True, False]
    assert exact([["R", "EH", "D"]], [[("R", "IY", "D"), ("R", "EH", "D")]]).tolist() == [True]
    assert exact([["AB"]], [[["A", "B"]]]).tolist() == [False]


def test_an_error_rate_is_of_all_edits_and_all_symbols():
    edits, lengths = errors(["abcd", "x"], [["abce"], ["xyz"]])
    assert error_rate(edits, lengths) == (1 + 2) / (4 + 3)  # not the mean of 1/4 and 2/3


def test_a_word_error_rate_is_one_of_words():
    hypotheses, references = ["the  cat sat", "on"], [["the cat sits"], ["on it", "off"]]
    edits, lengths = errors([one.split() for one in hypotheses], words(references))
    assert edits.tolist() == [1, 1]
    assert lengths.tolist() == [3, 2]  # "on it" and "off" are one edit away, the longer counts
    assert error_rate(edits, lengths) == 2 / 5


def test_texts_without_symbols_have_a_rate():
    assert error_rate(*errors(["", ""], [[""], [""]])) == 0.0
    assert error_rate(*errors([], [])) == 0.0
