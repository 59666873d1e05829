import io
import re

import numpy as np
import pytest
from rich.console import Console

from charrnn.neurons.mistakes import Mistakes
from charrnn.show.mistakes import report

TEXT = "the sea (is) wide and\n" * 50
KINDS = [*(f"{order}-gram" for order in range(1, 10)), "memory of 1,000", "rare word", "the rest"]


def shown(**options):
    places = {name: np.arange(len(TEXT)) % 50 == 7 * n for n, name in enumerate(KINDS, 1)}
    count = sum(int(mask.sum()) for mask in places.values())
    console = Console(file=io.StringIO(), **{"color_system": None, "width": 80} | options)
    report(Mistakes(len(TEXT), count, places), TEXT, "a model", "a text").show(console)
    return console.file.getvalue().splitlines()


def test_a_row_has_its_kind_number_share_and_examples_that_begin_at_a_word():
    lines = shown()
    assert lines[0] == "mistakes: 154 of 1,100 characters (14.0%)"
    assert lines[3].split()[:4] == ["1-gram", "22", "14.3%", "▇" * 6]
    assert "(is)·wide·and⏎the[·]" in lines[3]
    for line in lines[3:15]:  # columns 0 to 40 hold kind, number, share and bar
        for example in filter(None, line[41:].split("   ")):
            assert re.match(r"(the|sea|\(is\)|wide|and)[·⏎]|\w*\[", example), example
    assert lines[-1] == "each counts once, in the first row that fits it   · space   ⏎ line end"


@pytest.mark.parametrize("width", [80, 40])
def test_it_fits_a_window(width):
    lines = shown(width=width, height=24, force_terminal=True)
    assert all(len(line) <= width for line in lines)
    assert len(lines) < 24 or width < 80


def test_in_a_narrow_window_an_example_stands_below_its_kind():
    lines = shown(width=40, height=24, force_terminal=True)
    first = next(n for n, line in enumerate(lines) if line.startswith("1-gram"))
    assert lines[first + 1] == "  (is)·wide·and⏎the[·]"
