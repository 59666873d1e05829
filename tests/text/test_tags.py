"""What is stripped off a text is put back exactly."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrnn.text import tags

TRICKY = (
    "aéÉe\u0301\u0308\u0344ếạ\u0323\u0302Åﬁ가\u11a8ÅΩßİıǅΣς آأا\u0654\u0651\u064eةي\u064f"
    " .,-—\"'«»|!?\n\t\u00a0x"
)
texts = st.one_of(st.text(), st.text(alphabet=TRICKY), st.text(alphabet=TRICKY, max_size=4))


@pytest.mark.parametrize("kind", tags.PAIRS)
@given(text=texts)
def test_stripped_text_and_tags_are_the_original_exactly(kind, text):
    strip, apply = tags.PAIRS[kind]
    stripped, found = strip(text)
    assert len(stripped) == len(found)
    assert apply(stripped, found) == text
    assert apply(text, [""] * len(text)) == text  # empty tags change nothing


@pytest.mark.parametrize(
    ("kind", "text", "stripped", "found"),
    [
        ("diacritics", "Žluťák", "Zlutak", {0: "\u030c", 3: "\u030c", 4: "\u0301"}),
        ("diacritics", "déjà, Noël", "deja, Noel", {1: "\u0301", 3: "\u0300", 8: "\u0308"}),
        ("diacritics", "Tiếng Việt", "Tieng Viet", {2: "\u0302\u0301", 8: "\u0323\u0302"}),
        # shadda before fatha, as people type it, and not in the order of NFC
        ("diacritics", "ر\u0651\u064eة", "رة", {0: "\u0651\u064e"}),
        ("diacritics", "أَن", "أن", {0: "\u064e"}),  # hamza makes another letter, no diacritic
        ("diacritics", "e\u0301", "e", {0: "|\u0301"}),  # decomposed in the original
        ("case", "Der Hund", "der hund", {0: "upper", 4: "upper"}),
        ("spaces", " we go", "wego", {0: " |", 1: " "}),
        ("punctuation", 'Yes - "no," he', "Yes no he", {2: " -", 3: '"', 5: ',"'}),
        ("punctuation", "¿Qué?", "Qué", {0: "¿|", 2: "?"}),
    ],
)
def test_tags_by_hand(kind, text, stripped, found):
    assert tags.PAIRS[kind].strip(text) == (
        stripped,
        [found.get(place, "") for place in range(len(stripped))],
    )


@given(text=st.text(alphabet="aeiouyncžéèêçñăâđếộ \n"))
def test_diacritics_that_are_stripped_leave_nothing_to_decompose(text):
    stripped, _ = tags.strip_diacritics(text)
    assert stripped == "".join(
        one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one)
    )


def test_tags_that_fit_no_character_are_written_beside_it():
    assert tags.apply_diacritics("x1", ["\u030c", "\u0301"]) == "x\u030c1\u0301"
    assert tags.apply_case("1ß", ["upper", "upper"]) == "1ß"
