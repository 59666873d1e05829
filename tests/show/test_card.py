import io

import numpy as np
import pytest
from rich.console import Console

from charrnn.neurons.address import Neuron
from charrnn.neurons.use import Compared
from charrnn.show.card import Card, report

TEXT = "the sea (is) wide and\n" * 50
NAMES = ("overall", "on", "off", "resolving")


def card(place, **fields):
    values = np.zeros(len(TEXT))
    values[place] = 0.75
    return Card(
        neuron=Neuron(42, 1, 42),
        label="tanh(c), cell state",
        low=-1,
        high=1,
        characters=TEXT,
        values=values,
        first=0,
        places={"highest": [place]},
        findings=[],
        gates={"i": 0.5, "f": 0.25},
        time_constant=31.0,
        pushes=np.array([0.5, -0.5, 0.0]),
        targets="a\nb",
        use=Compared(
            dict.fromkeys(NAMES, -0.25) | {"resolving": float("nan")},
            20,
            dict.fromkeys(NAMES, 0.003),
            dict.fromkeys(NAMES, 0.0026),
        ),
        counted=16384,
        **fields,
    )


def shown(place, full=False, **options):
    console = Console(file=io.StringIO(), **{"color_system": None, "width": 80} | options)
    report(card(place, full=full), "a model", "a text").show(console)
    return console.file.getvalue().splitlines()


def test_the_card_exactly():
    lines = shown(220 + 9)
    assert lines[:5] == [
        "neuron 42 (layer 1, unit 42) · tanh(c), cell state",
        "a model · a text",
        "",
        "no concept that a verdict could be given on",
        "",
    ]
    assert lines[6:12] == [
        "              mean +0.000682, standard deviation 0.023",
        "gates         mean i 0.50, f 0.25 · time constant 31 characters",
        "promotes      a b ⏎",
        "suppresses    ⏎ b a",
        "ablation      −0.2500 nats per character without it (20 matched control units: +0.0030 ± "
        "0.0026); on 16,384 characters",
        "",
    ]
    assert lines[12].strip() == "↓ highest: +0.75 at 229"
    assert lines[-1] == "−1 ▁▂▃▄▅▆▇█ +1   · space   ⏎ line end"


def test_in_full_each_kind_has_its_excerpts_under_its_name():
    lines = shown(229, full=True)
    assert lines[12] == "highest values"
    assert lines[13].strip() == "↓ +0.75 at 229"


@pytest.mark.parametrize("width", [80, 40])
@pytest.mark.parametrize("place", [229, 5, len(TEXT) - 1])
def test_an_excerpt_begins_at_a_word_and_an_arrow_is_over_the_character_it_is_about(width, place):
    lines = shown(place, width=width, force_terminal=True)
    arrow, excerpt, marks = lines[-4:-1]
    at = arrow.index("↓")
    assert excerpt[at] == TEXT[place].replace("\n", "⏎")
    assert marks[at] == "█"  # from −1 to +1 in eighths, the last begins at +0.75
    assert marks.count("▅") == len(excerpt) - 1
    assert excerpt.split("·")[0].split("⏎")[0] in ("the", "sea", "(is)", "wide", "and")
    assert "+0.75 at" in "".join(lines[-5:])


def test_no_line_of_it_is_wider_than_the_window():
    assert all(len(line) <= 40 for line in shown(229, width=40, force_terminal=True))


def test_where_the_terminal_is_ascii_so_is_the_card():
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="replace")
    report(card(229), "a model", "a text").show(Console(file=file, color_system=None, width=80))
    file.flush()
    lines = file.buffer.getvalue().decode("ascii").splitlines()
    assert lines[-3][lines[-4].index("v")] == "i"
