import itertools
import re
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrnn.show.chart import Panel, Series, axis, svg

SVG = "{http://www.w3.org/2000/svg}"
PANEL = Panel(
    "", "step", "loss", [Series("a", [(0, 1), (10, 2)]), Series("b", [(5, 1)])], (0, 10), (1, 2)
)


def drawn(*panels, title="Losses"):
    return ElementTree.fromstring(svg(title, ["of two"], panels or [PANEL], (400, 200)))


def test_ticks_are_round_and_the_axis_is_no_longer_than_it_must_be():
    found = axis(0, 6158, 70, 8)  # 69 columns: 11 to a thousand, and 3 over: 1000 · 69 / 11
    assert found.ticks == (0, 1000, 2000, 3000, 4000, 5000, 6000)
    assert found.end == pytest.approx(6272.7, abs=0.1)
    assert found.labels[:3] == ["0", "1,000", "2,000"]
    assert axis(1.56, 2.81, 12, 2).labels == ["1.5", "2.0", "2.5"]
    assert axis(-0.1, 0.1, 100, 20).labels == ["−0.10", "−0.05", "0.00", "0.05", "0.10"]


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(3, 700), st.integers(1, 60))
def test_every_tick_is_a_whole_number_of_cells_from_the_next_and_all_values_are_inside(
    low, span, cells, least
):
    found = axis(low, low + span, cells, least)
    slack = 1e-6 * (abs(low) + span)
    assert found.ticks[0] <= low + slack
    assert low + span <= found.end + slack
    places = [found.place(tick) * (cells - 1) for tick in found.ticks]
    assert all(abs(place - round(place)) < 1e-3 for place in places)
    apart = {round(b - a) for a, b in itertools.pairwise(places)}
    assert len(apart) <= 1
    assert not apart or apart.pop() >= min(least, (cells - 1) // 2)
    assert len(set(found.labels)) == len(found.labels)


def test_a_chart_of_one_value_has_an_axis():
    assert axis(2.0, 2.0, 10, 2).ticks[0] == 2


def test_points_stand_where_their_axes_say():
    line = drawn().find(f".//{SVG}polyline[@points]/..")
    panel = drawn().findall(f".//{SVG}polyline")[2]  # after the two of the legend
    # 399 pixels to 10 rounded to 79 to each two: 10 is at 400 · 395 / 399; losses likewise
    assert line is not None
    first, last = (tuple(map(float, one.split(","))) for one in panel.get("points").split())
    assert first == (0.0, 200.0)
    assert last[0] == pytest.approx(400 * (5 * 79) / 399, abs=0.1)
    assert last[1] == pytest.approx(200 - 200 * (2 * 99) / 199, abs=0.1)


def test_series_differ_by_more_than_their_colour():
    groups = drawn().findall(f".//{SVG}g[@class='s0']") + drawn().findall(f".//{SVG}g[@class='s1']")
    shapes = {g.get("class"): set() for g in groups}
    for group in groups:
        shapes[group.get("class")] |= {(one.tag, one.get("stroke-dasharray")) for one in group}
    assert shapes["s0"] == {(f"{SVG}polyline", None), (f"{SVG}circle", None)}
    assert shapes["s1"] == {(f"{SVG}polyline", "7 4"), (f"{SVG}path", None)}


def test_the_text_is_text_and_nothing_in_it_is_markup_or_a_control():
    named = drawn(title="<b>\x1b&")
    texts = [one.text for one in named.iter(f"{SVG}text")]
    assert texts[:2] == ["<b>␛&", "of two"]
    assert {"step", "loss", "a", "b", "10", "1.5"} <= set(texts)


def test_a_chart_fetches_nothing_and_follows_the_dark_mode():
    written = svg("x", [], [PANEL], (400, 200))
    assert re.findall(r"https?://[^\"]*", written) == ["http://www.w3.org/2000/svg"]
    assert "url(" not in written
    light, dark = written.split("@media (prefers-color-scheme:dark)")
    assert ".ground{fill:#fff}" in light
    assert ".ground{fill:#15181d}" in dark


def test_a_long_legend_takes_as_many_rows_as_it_needs():
    one, two = (
        float(drawn(PANEL._replace(series=[Series("n" * 30, [(0, 1)])] * count)).get("height"))
        for count in (1, 3)
    )
    assert two == one + 2 * 22
