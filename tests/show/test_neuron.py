import dataclasses
import io
import re

import numpy as np
import pytest
from rich.console import Console

from charrnn import predictions
from charrnn.neurons.address import Neuron
from charrnn.neurons.known import Known
from charrnn.neurons.record import Recording
from charrnn.show.glyphs import key
from charrnn.show.neuron import Drawn, fitting, report

RECORDING = Recording(
    neuron=Neuron(number=42, layer=1, unit=42),
    label="tanh(c), cell state",
    offset=2000,
    ids=np.arange(4, dtype=np.uint8),
    values=np.array([0.0, 0.5, 1.0, -1.0]),
    low=-1,
    high=1,
    loss_nats=1.53,
    time_constant=31.0,
    deviation=0.74,
)


PLAIN = re.compile(r"\x1b\[[0-9;]*m")

INKS = re.compile("38;2;([0-9;]*)m")


def colored(*recordings, **options) -> str:
    return shown(*recordings, width=80, color_system="truecolor", force_terminal=True, **options)


def shown(*recordings, drawn=(), **options) -> str:
    recordings, drawn = recordings or (RECORDING,), dict(drawn)
    file = io.StringIO()
    console = Console(file=file, **{"color_system": None} | options)
    model = "checkpoints/x/best.safetensors, step 9"
    report(Drawn("a(b)", recordings, model, "poem.txt", **drawn)).show(console)
    return file.getvalue()


def test_the_picture_of_a_neuron_exactly():
    assert shown(width=80) == (
        "neuron 42 (layer 1, unit 42) · tanh(c), cell state\n"
        "checkpoints/x/best.safetensors, step 9 · poem.txt, characters 2,000–2,003\n"
        "\n"
        "a(b)\n"
        "▅▇█▁\n"
        "\n"
        "−1 ▁▂▃▄▅▆▇█ +1   loss 1.530 nats per character\n"
        "mean +0.125, standard deviation 0.740, time constant 31 characters\n"
    )


def test_a_flat_unit_is_said_to_be_so_with_what_would_show_it():
    flat = dataclasses.replace(RECORDING, values=np.array([1.0, 0.99, 1.0, 0.98]), deviation=2.5)
    assert shown(flat, width=100).splitlines()[-1] == (
        "it is flat here; tanh hides that c varies by 2.5: --raw shows it"
    )
    dead = dataclasses.replace(flat, deviation=0.01)
    assert shown(dead, width=100).splitlines()[-1] == (
        "it is flat here; another unit may vary: charrnn inspect find --all lists the best"
    )
    assert "flat" not in shown(width=100)


def test_on_a_narrow_terminal_lines_wrap_and_the_scale_stays_whole():
    shown_lines = shown(width=40, force_terminal=True).splitlines()
    assert shown_lines[:2] == ["neuron 42 (layer 1, unit 42) · tanh(c), ", "cell state"]
    assert shown_lines[-4:-2] == ["−1 ▁▂▃▄▅▆▇█ +1", "loss 1.530 nats per character"]
    assert all(len(line) <= 40 for line in shown_lines)


def test_of_two_neurons_one_is_above_the_text_and_one_under_it_with_the_concept():
    other = dataclasses.replace(RECORDING, neuron=Neuron(7, 1, 7), values=-RECORDING.values)
    drawn = {"concept": "brackets", "labels": np.array([0.0, 1, 1, 0])}
    lines = shown(RECORDING, other, drawn=drawn, width=80).splitlines()
    assert lines[-8:-4] == ["42       ▅▇█▁", "         a(b)", "7        ▅▃▁█", "brackets ▁██▁"]


def test_more_neurons_stand_under_the_text():
    others = [dataclasses.replace(RECORDING, neuron=Neuron(number, 1, number)) for number in (7, 8)]
    lines = shown(RECORDING, *others, width=80).splitlines()
    assert lines[3:7] == ["   a(b)", "42 ▅▇█▁", "7  ▅▇█▁", "8  ▅▇█▁"]


def test_with_colours_each_neuron_is_a_band_of_its_own_at_the_letters():
    opposite = dataclasses.replace(RECORDING, neuron=Neuron(7, 1, 7), values=-RECORDING.values)
    above, letters, under = colored(RECORDING, opposite).splitlines()[3:6]
    assert (PLAIN.sub("", above), PLAIN.sub("", letters)) == ("42  ▄▄▄", "   a(b)")
    assert PLAIN.sub("", under) == "7   ▀▀▀"  # zero is the ground itself
    assert INKS.findall(above) == ["127;73;13", "255;146;26", "64;156;255"]  # orange, then blue
    assert INKS.findall(under) == ["32;78;127", "64;156;255", "255;146;26"]
    assert "48;2" not in above + letters + under


def test_a_single_neuron_shades_the_letters_and_its_concept_is_the_band_under_them():
    drawn = {"concept": "brackets", "labels": np.array([0.0, 1, 1, 0])}
    letters, band = colored(RECORDING, drawn=drawn).splitlines()[3:5]
    assert (PLAIN.sub("", letters), PLAIN.sub("", band)) == ("42       a(b)", "brackets  ▀▀ ")
    assert "48;2;255;" in letters


def test_the_marks_of_white_space_are_explained_where_they_stand():
    assert key("a b\nc") == "· space   ⏎ line end"
    assert key("a\tb") == "→ tab"
    assert key("a b\n", unicode=False) == "\\n line end"
    assert key("ab") == ""


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 24), (80, 50), (40, 12)])
@pytest.mark.parametrize("colors", [None, "truecolor"])
@pytest.mark.parametrize("neurons", [1, 2])
@pytest.mark.parametrize("labelled", [False, True])
def test_the_default_length_fills_the_window_and_no_more(width, height, colors, neurons, labelled):
    options = {"width": width, "height": height, "color_system": colors, "force_terminal": True}
    text = "the sea (is) wide and\n" * 200
    window = Console(file=io.StringIO(), **options)
    concept = "parens" if labelled else ""
    count = fitting(window, text, ["42"] * neurons, concept, 0)
    one = dataclasses.replace(
        RECORDING, ids=np.zeros(count, np.uint8), values=np.arange(count) % 2.0
    )
    labels = np.zeros(count) if concept else None
    known = Known(
        neuron=42, concept="parens", signal="c", low=True, measure="AUROC", score=0.91,
        low_end=0.88, high_end=0.94, baseline=0.8, strength=0.5, raw=False,
        verdict="encodes and is used", place=0, characters=9, text="held-out text",
    )  # fmt: skip
    report(
        Drawn(
            text[:count],
            [one] * neurons,
            "checkpoints/x/best.safetensors, step 9",
            "held-out text",
            concept,
            labels,
            known=known if concept and neurons == 1 else None,
        )
    ).show(window)
    used = window.file.getvalue().count("\n") + 1  # the shell's prompt
    fewest = 2 * (neurons + 1 + labelled)
    assert used <= height or count <= fewest * width
    assert used >= height - 8 or count == len(text)


def test_where_there_is_no_window_the_length_is_fixed():
    assert fitting(Console(file=io.StringIO()), "a" * 4000, ["42"], "", 0) == 800


def test_the_likeliest_stand_under_each_character():
    logits = np.log(np.array([[0.7, 0.2, 0.1], [np.nan] * 3, [0.1, 0.3, 0.6], [0.2, 0.5, 0.3]]))
    drawn = {"expected": predictions.of(logits, np.zeros(4, int), 2), "alphabet": "xyz"}
    assert shown(drawn=drawn, width=80).splitlines()[3:6] == ["a(b)", "x zy", "y yz"]


def test_the_data_hold_the_concept_and_what_was_likely():
    logits = np.array([[np.nan] * 3, [0.1, 0.9, 0.5], [3.0, 2.0, 1.0], [0.0, 0.0, 7.0]])
    labels = np.array([0.0, 1.0, 1.0, 0.0])
    expected = predictions.of(logits, np.zeros(4, int), 2)
    drawn = Drawn("a(b)", (RECORDING,), "m", "t", "brackets", labels, expected, alphabet="xyz")
    rows = report(drawn).rows
    assert [row["brackets"] for row in rows] == [0, 1, 1, 0]
    assert [row["likeliest"] for row in rows] == ["", "yz", "xy", "zx"]
