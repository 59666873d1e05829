"""The measures of tags, counted by hand."""

import numpy as np
import pytest

from charrnn import tagging
from charrnn.text import tagged


def wrong(rows, *places):
    """Return which characters are wrong, each text after its mark. places: text and character."""
    marks = [np.zeros(1 + len(row.text), bool) for row in rows]
    for text, place in places:
        marks[text][1 + place] = True
    return np.concatenate(marks)


@pytest.mark.parametrize(
    ("kind", "lines", "places", "found"),
    [
        # "déjà vu" and "ô": the à is wrong, then the ô
        ("diacritics", ["déjà vu", "ô"], [(0, 3)], [True, False, False]),
        ("diacritics", ["déjà vu", "ô"], [(1, 0), (0, 6)], [False, True, True]),
        ("case", ["A Bé", ""], [(0, 3)], [False, True]),
        # "we go on" is stripped to "wegoon": a wrong tag of e joins or parts "we" and "go"
        ("spaces", ["we go on"], [(0, 1)], [True, True, False]),
        ("spaces", ["we go on"], [(0, 2)], [False, True, False]),
        ("spaces", ["we go on"], [(0, 5)], [False, False, True]),
        # "No, no" is stripped to "No no": the tag of o holds the comma
        ("punctuation", ["No, no"], [(0, 1)], [True, False]),
        # 'he "is"' is stripped to "he is": the space's tag holds the opening mark
        ("punctuation", ['he "is"'], [(0, 2)], [False, True]),
        ("", ["ab c"], [(0, 3)], [False, True]),
    ],
)
def test_a_word_is_wrong_where_a_tag_in_it_or_just_before_it_is(kind, lines, places, found):
    rows = tagged.of_lines(lines, kind)
    words = tagging.wrong_words(rows, kind, wrong(rows, *places))
    assert [one for row in words for one in row] == found


def test_every_letter_counts_with_marks_and_without_and_nothing_else_does():
    """d, e, j, a, v, u of "déjà, 1 vu!": six letters, of which e and u are wrong; so is a comma."""
    rows = tagged.of_lines(["déjà, 1 vu!", ""], "diacritics")
    marks, letters = wrong(rows, (0, 1), (0, 4), (0, 9)), tagging.letters_of(rows)
    assert (letters.sum(), (letters & marks).sum()) == (6, 2)
    arabic = tagged.of_lines(["رَبِّ"], "diacritics")  # two letters, the last with two marks
    assert tagging.letters_of(arabic).tolist() == [False, True, True]


def test_spans_are_right_where_characters_and_kind_are():
    """Of "Ann is in Rome." two spans; three are found, of which Ann is right and Rome cut short."""
    labels = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
    known = ["B-PER", "I-PER", "I-PER", *["O"] * 7, "B-LOC", "I-LOC", "I-LOC", "I-LOC", "O"]
    found = [*known[:4], "B-PER", *known[5:13], "O", "O"]
    rows = [tagged.Row("Ann is in Rome.", known, ""), tagged.Row("No", ["O", "O"], "")]
    texts = tagged.TaggedTexts(np.zeros(19), np.array([0, 16]), np.zeros(19), 1)
    got = np.array([-1, *map(labels.index, found), -1, 0, 0])
    counts = tagging.spans_of(labels, rows, texts, got)
    assert [one[:4] for one in counts] == [(2, 3, 1, 1), (0, 0, 0, 0)]
    assert counts[0].kinds == 2  # most characters of Rome are in a place, too
