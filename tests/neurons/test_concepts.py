"""Detectors: texts labelled by hand, real code read by Python itself, and properties."""

import io
import itertools
import tokenize

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrnn.errors import UsageError
from charrnn.neurons.comments import is_c_like
from charrnn.neurons.concepts import built_in, from_file, matches

PYTHON, C = built_in("if x:\n"), built_in("x = 1;\n")
TEXTS = st.text("ab1 \t\n()[]{}\"'“”#/*\\:,https.w", max_size=60)


def labelled(name: str, text: str, concepts=PYTHON) -> str:
    return "".join(str(int(label)) for label in concepts[name].labels(text))


@pytest.mark.parametrize(
    ("name", "text", "labels"),
    [
        ("brackets", "a(b[c]d)e", "011221100"),
        ("brackets", "]) (", "0001"),
        ("brackets", "([)]", "1210"),  # each kind closes its own
        ("brackets", "(a\n\nb)", "111000"),  # a blank line closes what is open
        ("parens", "(a[b])c", "1111100"),
        ("square", "(a[b])c", "0011000"),
        ("curly", "{a}", "110"),
        ("quotes", 'a "b" c', "0011000"),
        ("quotes", "it's 'so' b", "00000111100"),
        ("quotes", "'don't' x", "111111100"),
        ("quotes", "“a” b", "11000"),
        ("quotes", '"a\n\nb', "11100"),
        ("line-position", "ab\nc\n", "12010"),
        ("line-end", "ab\n\nc", "01100"),
        ("line-end", "ab\r\n\r\nc", "0101000"),  # CR and LF are one line end
        ("line-position", "ab\r\nc", "12001"),
        ("brackets", "(a\r\n\r\nb)", "11111000"),
        ("quotes", '"a\r\n\r\nb', "1111100"),
        ("indent", "  a\n\tb \n", "12208880"),
        ("comment", "a # b\nc", "0011100"),
        ("comment", "'#' # b", "0000111"),
        ("comment", "'''#\n'#'''#x", "000000000011"),
        ("url", "a http://b c", "000000001100"),
        ("url", "www.a b", "0001100"),
        ("word-start", "ab c", "1001"),
        ("word-end", "ab c.", "00101"),
        ("capital", "aB", "01"),
        ("digit", "a1", "01"),
        ("space", "a \n", "011"),
        ("vowel", "aBe", "101"),
        ("punctuation", "a.b ", "0100"),
    ],
)  # fmt: skip
def test_labels_are_those_that_a_hand_gives(name, text, labels):
    assert labelled(name, text) == labels


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("a//b\nc", "001100"),
        ("a/*b*/c", "0011100"),
        ('"//"//x\n', "00000110"),
        ("/*/x*/y", "0111100"),
        ("'\\''//z", "0000011"),
    ],
)
def test_comments_of_languages_like_c(text, labels):
    assert labelled("comment", text, C) == labels


def test_comments_in_python_are_where_python_finds_them():
    for module in (tokenize, io, pytest):
        with open(module.__file__, encoding="utf-8") as file:  # noqa: PTH123
            text = file.read()
        starts = np.cumsum([0, *(len(line) for line in text.splitlines(keepends=True))])
        expected = np.zeros(len(text))
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                start = starts[token.start[0] - 1] + token.start[1]
                expected[start : start + len(token.string)] = 1
        np.testing.assert_array_equal(PYTHON["comment"].labels(text), expected)


@pytest.mark.parametrize("name", [*PYTHON, "comment in C"])
@given(text=TEXTS, cuts=st.lists(st.integers(0, 60), max_size=4))
def test_a_text_in_pieces_is_labelled_as_the_whole(name, text, cuts):
    concept = C["comment"] if name == "comment in C" else PYTHON[name]
    state, labels = None, []
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    for start, end in itertools.pairwise(edges):
        part, state = concept.detector(text[start:end], state)
        labels += part
    assert labels == concept.detector(text, None)[0]
    assert len(labels) == len(text)


@given(TEXTS)
def test_no_depth_and_no_position_is_negative(text):
    for name in ("brackets", "parens", "line-position", "indent"):
        assert (PYTHON[name].labels(text) >= 0).all()


@given(TEXTS)
def test_the_depth_of_all_brackets_is_that_of_each_kind_added_up(text):
    kinds = [PYTHON[name].labels(text) for name in ("parens", "square", "curly")]
    np.testing.assert_array_equal(PYTHON["brackets"].labels(text), sum(kinds))


def test_a_match_is_on_from_its_second_character():
    assert "".join(str(int(one)) for one in matches("b+|c").labels("abbbac")) == "001100"
    with pytest.raises(UsageError, match="--regex '\\(' is not a valid pattern"):
        matches("(")


def test_the_language_is_that_of_most_lines():
    assert is_c_like("int x;\nint y;\nif (x) {\n")
    assert not is_c_like("def f():\n    x = 1\n")


def test_labels_from_a_file_are_one_number_a_character(tmp_path):
    file = tmp_path / "mine.txt"
    file.write_text("0 1\n0.0 1", encoding="utf-8")
    concept, labels = from_file(file, 4)
    assert (concept.name, concept.graded, labels.tolist()) == ("mine.txt", False, [0, 1, 0, 1])
    file.write_text("0 1 2.5 1", encoding="utf-8")
    assert from_file(file, 4)[0].graded
    with pytest.raises(UsageError, match="holds 4 numbers; the text has 5 characters"):
        from_file(file, 5)
    file.write_text("a", encoding="utf-8")
    with pytest.raises(UsageError, match="must hold only numbers"):
        from_file(file, 1)


def test_a_record_is_a_text_of_its_own():
    text = "\n(anna\nbob)\n(c\n"
    parens = built_in(text)["parens"]
    whole = "".join("01"[int(one)] for one in parens.labels(text))
    records = "".join("01"[int(one)] for one in parens.labels(text, "\n"))
    assert whole == "011111111100111"
    assert records == "011111100000111"
    ends = built_in(text)["line-end"].labels(text, "\n")
    assert [place for place, on in enumerate(ends) if on] == [5, 10, 13]
