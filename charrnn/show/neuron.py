"""The picture of one neuron over a text."""

import math

from rich.console import Console
from rich.text import Text

from charrnn.neurons.record import Recording
from charrnn.show.console import say
from charrnn.show.glyphs import safe
from charrnn.show.heatmap import Heatmap, legend
from charrnn.show.streams import is_unicode
from charrnn.show.units import signed


def show_neuron(
    console: Console, recording: Recording, characters: str, model: str, text_name: str
) -> None:
    """Print the legend, the shaded text and the neuron's statistics.

    characters: one for each value. model, text_name: where both come from, for the legend.
    """
    title = Text(f"{recording.neuron} · {recording.label}")
    scale = legend(console, recording.low, recording.high)
    if title.cell_len + len(" · ") + scale.cell_len <= console.width:
        title, scale = Text(" · ").join([title, scale]), Text()
    last = recording.offset + len(recording.ids) - 1
    where = f"{text_name}, characters {recording.offset:,}–{last:,}"
    loss = "" if math.isnan(recording.loss_nats) else f" · loss {recording.loss_nats:.3f} nats"
    say(console, title)
    if scale:
        say(console, scale)
    say(console, safe(f"{model} · {where}{loss}"))
    console.print()
    console.print(Heatmap(characters, recording.values, recording.low, recording.high), end="")
    console.print()
    say(console, _statistics(recording, is_unicode(console.encoding)))


def _statistics(recording: Recording, unicode: bool) -> str:
    mean, deviation = float(recording.values.mean()), float(recording.values.std())
    line = f"mean {signed(mean, unicode)}, standard deviation {deviation:.3f}"
    if recording.time_constant is not None:
        line += f", time constant {recording.time_constant:,.3g} characters"
    return line
