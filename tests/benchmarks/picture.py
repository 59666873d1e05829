"""Draw the README's picture: one neuron of the demonstration model over its held-out text.

python tests/benchmarks/picture.py .readme/neuron.svg NEURON OFFSET LENGTH
"""

import io
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from charrnn import checkpoint, runs
from charrnn.neurons.address import parse
from charrnn.neurons.record import record
from charrnn.show.neuron import show_neuron

target, address, offset, length = sys.argv[1:]
loaded = checkpoint.load(runs.demo())
recording = record(
    loaded.network(),
    loaded.heldout,
    parse(address, loaded.architecture),
    offset=int(offset),
    length=int(length),
)
console = Console(
    record=True,
    width=80,
    file=io.StringIO(),
    force_terminal=True,
    color_system="truecolor",
    highlight=False,
)
characters = loaded.vocabulary.characters_of(recording.ids)
show_neuron(console, recording, characters, "checkpoints/demo", "held-out text")
drawing = console.export_svg(title=f"charrnn inspect neuron {address}", theme=MONOKAI)
# The page that shows it needs no font from elsewhere.
drawing = re.sub(r"@font-face \{.*?\}", "", drawing, flags=re.DOTALL)
Path(target).write_text(drawing, encoding="utf-8")
