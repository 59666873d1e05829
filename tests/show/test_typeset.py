import re
from xml.etree import ElementTree

import pytest
from rich.style import Style
from rich.text import Text

from charrnn.show.console import is_light, say_names, without_folders
from charrnn.show.heatmap import Heatmap
from charrnn.show.typeset import ADVANCE, LINE, html, svg

SVG = "{http://www.w3.org/2000/svg}"
COLOR = re.compile("#[0-9a-f]{6}")


def view(console):
    """A title, a line below it, and a text shaded by values."""
    console.print("neuron 3 · brackets")
    say_names(console, "checkpoints/poem/best.safetensors, step 9", "/home/me/poem.txt")
    console.print()
    console.print(Heatmap("a<漢é\nx", [0, -1, 1, 0.5, 0, 0], -1, 1), end="")
    console.print(Text("strong", Style(bold=True)))


def spans(drawn):
    return list(ElementTree.fromstring(drawn).iter(f"{SVG}tspan"))


def test_a_picture_is_well_formed_with_its_title_and_no_path():
    root = ElementTree.fromstring(svg(view))
    assert root.find(f"{SVG}title").text == "neuron 3 · brackets"
    lines = [one.text for one in root.iter(f"{SVG}text") if one.text]
    assert lines == ["neuron 3 · brackets", "poem, step 9 · poem.txt"]


@pytest.mark.parametrize("write", [svg, html])
def test_a_picture_fetches_nothing_and_holds_no_picture_of_its_text(write):
    without_namespace = write(view).replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|@import|@font-face|url\(|<image|<img|<script", without_namespace)


@pytest.mark.parametrize("write", [svg, html])
def test_a_class_has_the_colours_of_the_readers_preference(write):
    light, dark = write(view).split("@media (prefers-color-scheme: dark){")
    assert "#ffffff" in light
    half_light, half_dark = "#ffc88c", "#7f490d"  # half way from white, from black, to orange
    assert half_light in set(COLOR.findall(light)) - set(COLOR.findall(dark))
    assert half_dark in set(COLOR.findall(dark)) - set(COLOR.findall(light))


def test_every_glyph_beyond_ascii_stands_at_its_own_column():
    found = {one.text: float(one.get("x")) for one in spans(svg(view)) if one.text in "a<漢é⏎"}
    start = found["a"]
    columns = {text: round((x - start) / ADVANCE, 6) for text, x in found.items()}
    assert columns == {"a": 0, "<": 1, "漢": 2, "é": 4, "⏎": 5}


def test_a_combining_mark_stays_with_its_letter():
    def accent(console):
        console.print("title\n")
        console.print("xe\u0301y")

    assert [one.text for one in spans(svg(accent))] == ["xe\u0301", "y"]
    assert "xe\u0301y" in html(accent)


@pytest.mark.parametrize(
    ("glyph", "top", "share"), [("▀", 0, 4), ("▄", 4, 4), ("▁", 7, 1), ("█", 0, 8)]
)
def test_blocks_are_shapes_in_the_colour_of_their_text(glyph, top, share):
    def bars(console):
        console.print("title\n")
        console.print(glyph * 3, style="#ff0000")
        console.print(glyph)
        console.print("█")

    drawn = svg(bars)
    assert glyph not in drawn + html(bars)
    styled, plain, full = list(ElementTree.fromstring(drawn).iter(f"{SVG}rect"))[1:]
    assert (styled.get("class"), plain.get("class")) == ("c0", "ink")
    assert "rect.c0{fill:#ff0000}" in drawn
    assert float(styled.get("width")) == pytest.approx(3 * ADVANCE)
    assert float(styled.get("height")) == pytest.approx(LINE * share / 8)
    assert float(plain.get("y")) - float(styled.get("y")) == pytest.approx(LINE)
    assert float(full.get("y")) - LINE == pytest.approx(float(plain.get("y")) - LINE * top / 8)
    assert f"background-size:100% {12.5 * share:g}%" in html(bars)


def test_nothing_of_a_picture_stands_outside_it():
    def long(console):
        console.print("title\n")
        console.print("w" * 80)

    root = ElementTree.fromstring(svg(long))
    width = float(root.get("width"))
    ends = [float(one.get("x")) + float(one.get("textLength")) for one in spans(svg(long))]
    assert [end < width for end in ends] == [True]
    ys = [float(one.get("y")) for one in root.iter(f"{SVG}text")]
    assert max(ys) < float(root.get("height"))


def test_a_page_keeps_lines_whole_and_wide_characters_two_columns_wide():
    drawn = html(view)
    assert '<b class="w2">漢</b>' in drawn
    assert re.search(r"pre\{[^}]*white-space:pre;", drawn)
    plain = re.sub("<[^>]*>", "", drawn.split("<pre>")[1].split("</pre>")[0])
    assert plain.splitlines() == ["a&lt;漢é⏎", "x", "strong"]


def test_no_text_can_leave_the_page():
    def hostile(console):
        console.print("</title><script>\n\n</pre><script>alert(1)</script>\x1b[31m")

    assert "<script" not in html(hostile) + svg(hostile)
    assert "\x1b" not in html(hostile) + svg(hostile)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("checkpoints/poem/best.safetensors, step 8,000", "poem, step 8,000"),
        ("runs/a/step-0000400.safetensors, step 400", "a, step 400"),
        ("models/lstm.safetensors, step 9", "lstm, step 9"),
        ("best.safetensors, step 9", "best, step 9"),
        ("the demonstration model, step 8,000", "the demonstration model, step 8,000"),
        ("/usr/lib/tarfile.py, characters 0–799", "tarfile.py, characters 0–799"),
        ("/usr/lib/tarfile.py", "tarfile.py"),
        ("held-out text", "held-out text"),
    ],
)
def test_a_picture_names_models_and_texts_without_folders(name, short):
    assert without_folders(name) == short


def test_only_a_picture_decides_its_ground(monkeypatch):
    monkeypatch.setenv("COLORFGBG", "0;15")
    grounds = []
    svg(lambda console: (console.print("title"), grounds.append(is_light(console))))
    assert grounds == [True, False]
    assert is_light()
