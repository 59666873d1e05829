import io

import numpy as np
from rich.console import Console

from charrnn.neurons.address import Neuron
from charrnn.neurons.record import Recording
from charrnn.show.neuron import show_neuron

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
)


def test_the_picture_of_a_neuron_exactly():
    file = io.StringIO()
    console = Console(file=file, width=80, color_system=None)
    show_neuron(console, RECORDING, "a(b)", "checkpoints/x/best.safetensors, step 9", "poem.txt")
    assert file.getvalue() == (
        "neuron 42 (layer 1, unit 42) · tanh(c), cell state · −1 ▁▂▃▄▅▆▇█ +1\n"
        "checkpoints/x/best.safetensors, step 9 · poem.txt, characters 2,000–2,003 · loss\n"
        "1.530 nats\n"
        "\n"
        "a(b)\n"
        "▅▇█▁\n"
        "\n"
        "mean +0.125, standard deviation 0.740, time constant 31 characters\n"
    )
