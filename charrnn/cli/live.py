"""`charrnn inspect neuron --live`: type, and watch a neuron answer."""

import sys
from typing import Any

from charrnn.arrays import drawn
from charrnn.errors import CharrnnError, UsageError
from charrnn.network import Network
from charrnn.neurons.address import Neuron
from charrnn.prepared import State
from charrnn.show import ramp
from charrnn.show.console import data, is_light
from charrnn.show.glyphs import marked
from charrnn.show.heatmap import usable_colors
from charrnn.show.stdio import is_unicode
from charrnn.show.units import signed

END = ("\x03", "\x04", "")  # Ctrl-C, Ctrl-D, the end of the input
ERASE = ("\x7f", "\b")


def watch(network: Network, neuron: Neuron, signal: str) -> None:
    """Read keys until Ctrl-D; draw each as the network reads it, and say the neuron's value.

    Backspace takes the last character back. Raises UsageError where there is no terminal.
    """
    try:
        import termios
        import tty
    except ImportError as error:
        raise UsageError("--live needs a Unix terminal") from error
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        raise UsageError("--live needs a terminal", "--prompt TEXT shows the neuron on a text")
    before = termios.tcgetattr(sys.stdin)
    print("type; Backspace takes back, Ctrl-D ends", file=sys.stderr)
    try:
        tty.setcbreak(sys.stdin)
        _loop(network, neuron, signal)
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
        print()


def _loop(network: Network, neuron: Neuron, signal: str) -> None:
    console, cell = data(), network.architecture.cell
    place = cell.STATES.index(signal)
    history: list[tuple[str, float, State]] = [("", 0.0, network.start())]
    if network.end is not None:  # what is typed is a record's beginning
        history = [("", 0.0, network.step([network.end], network.start())[1])]
    while (key := sys.stdin.read(1)) not in END:
        if key in ERASE:
            del history[max(1, len(history) - 1) :]
        else:
            try:
                ids = network.vocabulary.encode(key)
            except CharrnnError:
                print("\a", end="", flush=True)
                continue
            _, state = network.step(ids[:1], history[-1][2])
            value = float(state[neuron.layer - 1][place][0, neuron.unit])
            history.append((key, float(drawn(cell.SIGNALS[signal], value)), state))
        _draw(console, history)


def _draw(console: Any, history: list[tuple[str, float, State]]) -> None:
    """Draw the line that is being typed again, in place, with the last value after it."""
    line = history[1:]
    breaks = [n for n, (key, _, _) in enumerate(line) if key == "\n"]
    room = max(1, console.width - 10)
    start = max([len(line) - room, 0, *[n + 1 for n in breaks if n + 1 < len(line)]])
    colors, unicode = usable_colors(console), is_unicode(console.encoding)
    print("\r\x1b[K", end="")
    for key, value, _ in line[start:]:
        style = ramp.style(value, -1, 1, colors, is_light()) if colors else ""
        console.print(marked(key, unicode), style=style, end="")
    if line:
        console.print(f" {signed(line[-1][1], unicode)}", end="")
    if line and line[-1][0] == "\n":
        console.print()
    console.file.flush()
