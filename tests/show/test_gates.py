import io
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from rich.console import Console

from charrnn.neurons.address import Neuron
from charrnn.neurons.gates import Gates, Saturation
from charrnn.show.gates import picture, report, triangle

SVG = "{http://www.w3.org/2000/svg}"
LEFT, RIGHT = np.array([[0.0, 0.95], [0.5, 0.0]]), np.array([[0.95, 0.0], [0.25, 0.0]])
SATURATIONS = [
    Saturation("i", "input gate", LEFT, RIGHT, np.full((2, 2), 0.5)),
    Saturation("f", "forget gate; 1 keeps the old state", RIGHT, LEFT, np.full((2, 2), 0.25)),
]
NEURONS = tuple(Neuron(n, 1 + n // 2, n % 2) for n in range(4))
GATES = Gates(SATURATIONS, np.array([[1234.5, 2.0], [3.25, 1e3]]), "f", np.ones((2, 2)), NEURONS)


def shown(width, gates=GATES):
    file = io.StringIO()
    report(gates, "a model", "a text").show(Console(file=file, width=width))
    return file.getvalue().splitlines()


def test_the_triangles_of_a_layer_stand_beside_each_other():
    lines = shown(80)
    first = next(n for n, line in enumerate(lines) if line.startswith("layer 1"))
    assert lines[first] == "layer 1, input gate i     layer 1, forget gate f"
    assert lines[first + 1].startswith("1│·  ╲        right 48%   1│·  ╲        right 48%")
    assert lines[first + 7] == "units nearly always saturated, right and left: i 1, 1 · f 1, 1"


def test_memory_is_longest_and_shortest_in_characters():
    assert shown(80)[-3:] == [
        "time constants, -1 / mean(ln f) characters: median layer 1 618, layer 2 502",
        "  longest memory: 0 (1:0) 1,234 · 3 (2:1) 1,000 · 2 (2:0) 3.25",
        "  shortest memory: 1 (1:1) 2 · 2 (2:0) 3.25 · 3 (2:1) 1,000",
    ]


def test_two_layers_and_a_prompt_fit_into_a_window():
    assert len(shown(80)) < 24


@pytest.mark.parametrize("width", [40, 80])
def test_no_triangle_is_wider_than_the_window(width):
    drawn = [line for line in shown(width) if "│" in line or "└" in line]
    assert len(drawn) == {40: 4 * 6, 80: 2 * 6}[width]
    assert max(map(len, drawn)) <= width


def test_a_unit_stands_right_by_its_right_saturation_and_up_by_its_left_one():
    corners = triangle(np.array([0.0, 0.99]), np.array([0.99, 0.0]), unicode=False)
    assert corners[0].startswith("1|.")
    assert corners[-2].endswith(".")
    assert len(corners) == 6


def test_the_picture_has_a_panel_for_each_gate_and_a_mark_for_each_layer():
    root = ElementTree.fromstring(picture(GATES, "runs/a/best.safetensors, step 5", "x/t.txt, 9"))
    texts = [one.text for one in root.iter(f"{SVG}text")]
    assert texts[:2] == ["Gate saturation, a, step 5", "each point is a unit · t.txt, 9"]
    assert {"input gate i", "forget gate f", "layer 1", "layer 2"} <= set(texts)
    circles = list(root.iter(f"{SVG}circle"))
    assert len(circles) == 2 * 2 + 1  # two units in each of two panels, and the legend's
    x, y = (float(circles[1].get(name)) for name in ("cx", "cy"))  # input gate, unit 0 of layer 1
    assert x == pytest.approx(0.95 * 275 * 270 / 274, abs=0.1)  # five ticks, 54 pixels apart
    assert y == 275
