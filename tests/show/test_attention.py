"""Attention as it is drawn: the source across, the target down."""

import io

import numpy as np
import pytest
from rich.console import Console

from charrnn.attention import Alignment
from charrnn.show import attention

EIGHTHS = Alignment(
    ("a", " ", "\x1b"), ("x", "東"), np.array([[0.0, 0.25, 0.75], [1.0, 0.0, 0.0]]), "a model"
)
LONG = Alignment(tuple("abcdefghij"), ("Japanese",), np.eye(10)[3:4])


def shown(found, width=80, **options):
    console = Console(file=io.StringIO(), color_system=None, width=width, **options)
    attention.report(found).show(console)
    return console.file.getvalue().splitlines()


def test_the_source_stands_across_and_a_target_has_a_row_of_marks():
    assert shown([EIGHTHS])[1:] == [
        "a model",
        "",
        "   a·␛",
        "x  ▁▃▇",
        "東 █▁▁",
        "",
        "0 ▁▂▃▄▅▆▇█ 1   · space   a row adds up to 1",
    ]


def test_the_scale_ends_at_the_largest_weight():
    faint = Alignment(("a", "b"), ("x",), np.array([[0.121, 0.005]]))
    assert shown([faint])[3] == "x █▁"
    assert shown([faint])[-1].startswith("0 ▁▂▃▄▅▆▇█ 0.13 ")


def test_symbols_of_several_characters_stand_apart():
    phonemes = Alignment(("AH", "N"), ("a",), np.array([[0.5, 0.5]]))
    assert shown([phonemes])[2:4] == ["  AH N", "a ██ █ "]


def test_a_text_wider_than_the_window_is_cut_into_labelled_blocks_and_a_long_name_cut_short():
    lines = shown([LONG], width=12)
    assert lines[2:9] == [
        "1–7 of 10",
        "     abcdefg",
        "Jap… ▁▁▁█▁▁▁",
        "",
        "8–10 of 10",
        "     hij",
        "Jap… ▁▁▁",
    ]


@pytest.mark.parametrize("width", [80, 40])
def test_a_drawing_in_colours_shades_each_weight_and_fits_the_window(width):
    wide = Alignment(tuple("ab" * 60), ("xy",), np.full((1, 120), 1 / 120))
    console = Console(
        file=io.StringIO(), force_terminal=True, color_system="truecolor", width=width
    )
    attention.report([wide]).show(console)
    drawn = console.file.getvalue()
    assert "\x1b[38;5;16;48;2;" in drawn
    assert "▁" not in drawn.replace("▁▂▃", "")
    plain = Console(file=io.StringIO(), color_system=None, force_terminal=True, width=width)
    attention.report([wide]).show(plain)
    assert max(map(len, plain.file.getvalue().splitlines())) <= width


def test_json_has_the_matrix_and_csv_a_row_a_weight():
    report = attention.report([EIGHTHS, LONG])
    assert report.data["texts"][0]["weights"] == [[0.0, 0.25, 0.75], [1.0, 0.0, 0.0]]
    assert len(report.rows) == 6 + 10
    assert report.rows[1] == {
        "text": 0,
        "target_position": 0,
        "target": "x",
        "source_position": 1,
        "source": " ",
        "weight": 0.25,
    }


def test_a_notebook_draws_an_alignment():
    assert "Japanese" in LONG._repr_html_()
