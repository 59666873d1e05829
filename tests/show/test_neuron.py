import dataclasses
import io

import numpy as np
from rich.console import Console

from charrnn import predictions
from charrnn.neurons.address import Neuron
from charrnn.neurons.record import Recording
from charrnn.show.neuron import Drawn, report

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


def shown(*recordings, drawn=(), **options) -> str:
    recordings, drawn = recordings or (RECORDING,), dict(drawn)
    file = io.StringIO()
    console = Console(file=file, color_system=None, **options)
    model = "checkpoints/x/best.safetensors, step 9"
    report(Drawn("a(b)", recordings, model, "poem.txt", **drawn)).show(console)
    return file.getvalue()


def test_the_picture_of_a_neuron_exactly():
    assert shown(width=80) == (
        "neuron 42 (layer 1, unit 42) · tanh(c), cell state · −1 ▁▂▃▄▅▆▇█ +1\n"
        "checkpoints/x/best.safetensors, step 9 · poem.txt, characters 2,000–2,003 · "
        "loss 1.530 nats\n"
        "\n"
        "a(b)\n"
        "▅▇█▁\n"
        "\n"
        "mean +0.125, standard deviation 0.740, time constant 31 characters\n"
    )


def test_a_flat_unit_is_said_to_be_so_with_what_would_show_it():
    flat = dataclasses.replace(RECORDING, values=np.array([1.0, 0.99, 1.0, 0.98]), deviation=2.5)
    assert shown(flat, width=100).splitlines()[-1] == (
        "it is flat here; tanh hides that c varies by 2.5: --raw shows it"
    )
    dead = dataclasses.replace(flat, deviation=0.01)
    assert shown(dead, width=100).splitlines()[-1] == (
        "it is flat here; another unit may vary: charrnn inspect find --all names those that tell "
        "much"
    )
    assert "flat" not in shown(width=100)


def test_on_a_narrow_terminal_lines_wrap_and_the_scale_stays_whole():
    assert shown(width=40, force_terminal=True).startswith(
        "neuron 42 (layer 1, unit 42) · tanh(c), \ncell state\n−1 ▁▂▃▄▅▆▇█ +1\n"
    )


def test_several_neurons_and_a_concept_stand_under_each_line():
    other = dataclasses.replace(RECORDING, neuron=Neuron(7, 1, 7), values=-RECORDING.values)
    drawn = {"concept": "brackets", "labels": np.array([0.0, 1, 1, 0])}
    lines = shown(RECORDING, other, drawn=drawn, width=80).splitlines()
    assert lines[-7:-3] == ["         a(b)", "42       ▅▇█▁", "7        ▅▃▁█", "brackets ▁██▁"]


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
