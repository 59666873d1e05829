import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrnn.show.glyphs import marked, running, safe, visible

DANGEROUS = "\x00\x07\x08\x1b\r\x0b\x7f\x80\x9b\xad\u061c\u200b\u200e\u202e\u2066\u2028\ufeff"


@pytest.mark.parametrize(
    ("character", "shown"),
    [
        ("a", "a"),
        ("漢", "漢"),
        ("\x1b", "␛"),
        ("\r", "␍"),
        ("\x7f", "␡"),
        ("\x9b", "‹009B›"),
        ("\u202e", "‹202E›"),
        ("\udc80", "‹80›"),
        ("\ud800", "‹D800›"),
    ],
)
def test_controls_become_glyphs(character, shown):
    assert visible(character) == shown


@pytest.mark.parametrize("unicode", [True, False])
@pytest.mark.parametrize("show", [visible, running, marked])
@given(character=st.characters() | st.sampled_from(DANGEROUS))
def test_nothing_that_moves_a_cursor_or_turns_text_round_is_ever_shown(show, unicode, character):
    shown = show(character, unicode)
    allowed = "\n\t\u200c\u200d" if show is running else ""
    for part in shown:
        assert part in allowed or unicodedata.category(part) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
    assert unicode or shown.isascii()


def test_a_line_of_anybodys_text_is_made_safe():
    assert safe("poem\x1b]0;title\x07.txt") == "poem␛]0;title␇.txt"


def test_running_text_keeps_line_ends_tabs_and_joiners():
    assert [running(character) for character in "\n\t\u200d"] == ["\n", "\t", "\u200d"]
    assert running("\u200d", unicode=False) == "<200D>"


def test_drawings_mark_white_space():
    assert [marked(character) for character in " \n\t"] == ["·", "⏎", "→"]
    assert [marked(character, unicode=False) for character in "é\n\t"] == ["<E9>", "\\n", "\\t"]
