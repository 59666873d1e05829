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
    assert tagging.wrong_words(rows, kind, wrong(rows, *places)) == found


def test_every_letter_counts_with_marks_and_without_and_nothing_else_does():
    """d, e, j, a, v, u of "déjà, 1 vu!": six letters, of which e and u are wrong; so is a comma."""
    rows = tagged.of_lines(["déjà, 1 vu!", ""], "diacritics")
    marks = wrong(rows, (0, 1), (0, 4), (0, 9))
    assert tagging.wrong_letters(rows, marks) == (6, 2)
    arabic = tagged.of_lines(["رَبِّ"], "diacritics")  # two letters, the last with two marks
    assert tagging.wrong_letters(arabic, wrong(arabic, (0, 1))) == (2, 1)
