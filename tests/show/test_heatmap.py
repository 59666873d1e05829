import io

import pytest
from rich.console import Console

from charrnn.show.heatmap import Heatmap, legend

LOW, HIGH = -1.0, 1.0


def draw(text, values, width=20, encoding="utf-8", **options):
    """Return exactly what a console of fixed width receives."""
    buffer = io.BytesIO()
    file = io.TextIOWrapper(buffer, encoding=encoding, newline="")
    options = {"force_terminal": True, "color_system": None, "legacy_windows": False} | options
    console = Console(file=file, width=width, **options)
    console.print(Heatmap(text, values, LOW, HIGH), end="")
    file.flush()
    return buffer.getvalue().decode(encoding)


def test_without_colour_the_values_stand_under_the_text():
    assert draw("a b\ncd", [-1, -0.5, 0, 0.5, 1, 0.3]) == "a·b⏎\n▁▃▅▇\ncd\n█▆\n"


def test_where_the_stream_is_ascii_so_is_the_drawing():
    assert draw("a\tb\né", [0, 0, -1, 1, 0.5], encoding="ascii") == (
        "a\\t     b\\n\n55555555099\n<E9>\n7777\n"
    )


def test_lines_break_at_the_width():
    assert draw("abcdefg", [0] * 7, width=3) == "abc\n▅▅▅\ndef\n▅▅▅\ng\n▅\n"


def test_wide_characters_take_two_cells_and_are_never_split():
    assert draw("漢字a", [1, -1, 0], width=3) == "漢\n██\n字a\n▁▁▅\n"


def test_combining_marks_stay_on_their_base():
    assert draw("e\u0301x", [1, -1, 0]) == "e\u0301x\n█▅\n"
    assert draw("\u0301x", [1, 0]) == "◌\u0301x\n█▅\n"


def test_tabs_reach_the_next_stop():
    assert draw("\tx\n1234567\tx", [0] * 12) == ("→       x⏎\n▅▅▅▅▅▅▅▅▅▅\n1234567→x\n▅▅▅▅▅▅▅▅▅\n")


def test_a_models_control_characters_do_not_reach_the_terminal():
    assert "\x1b" not in draw("\x1b[31m\u202e", [0] * 6)
    assert draw("\x1b\u202e", [0, 0]).startswith("␛‹202E›\n")


@pytest.mark.parametrize(
    ("colors", "cell"),
    [
        ("truecolor", "\x1b[38;5;16;48;2;255;146;26mb\x1b[0m"),
        ("256", "\x1b[38;5;16;48;5;214mb\x1b[0m"),
        ("standard", "\x1b[30;103mb\x1b[0m"),
    ],
)
def test_the_ladder_of_colours(colors, cell, monkeypatch):
    monkeypatch.delenv("COLORFGBG", raising=False)
    assert draw("ab", [0, 1], color_system=colors) == f"a{cell}\n"


def test_no_color_falls_back_to_marks():
    assert draw("ab", [0, 1], color_system="truecolor", no_color=True) == "ab\n▅█\n"


def test_a_light_terminal_gets_the_light_ramp(monkeypatch):
    monkeypatch.setenv("COLORFGBG", "0;15")
    assert "48;5;208m" in draw("b", [1], color_system="256")
    assert "48;5;230m" in draw("b", [0.1], color_system="256")


def test_the_legend_shows_the_domain():
    console = Console(file=io.StringIO(), color_system=None, width=40)
    assert legend(console, -1, 1).plain == "−1 ▁▂▃▄▅▆▇█ +1"
    assert legend(console, 0, 1).plain == "0 ▁▂▃▄▅▆▇█ 1"
    colored = legend(Console(color_system="truecolor", force_terminal=True), -2.5, 2.5)
    assert colored.plain == "−2.5      0      +2.5"
    assert len(colored.spans) == 10  # eleven steps, and zero has no colour


def test_a_word_moves_to_the_next_line_whole_where_that_leaves_half_a_line():
    assert draw("ab cd efg hi", [0] * 12, width=8).splitlines()[::2] == ["ab·cd·", "efg·hi"]
    assert draw("a bcdefghi", [0] * 10, width=8).splitlines()[::2] == ["a·bcdefg", "hi"]
    assert draw("abcdefgh ij", [0] * 11, width=8).splitlines()[::2] == ["abcdefgh", "·ij"]


def test_a_tab_that_begins_a_line_reaches_the_next_stop_of_that_line():
    assert draw("12345678\tx", [0] * 10, width=9).splitlines()[::2] == ["12345678", "→       x"]


def test_an_excerpt_marks_line_ends_and_goes_on():
    console = Console(file=io.StringIO(), color_system=None, width=9)
    console.print(Heatmap("a\nb", [0, 1, 0], LOW, HIGH, ends=False), end="")
    assert console.file.getvalue() == "a⏎b\n▅█▅\n"
