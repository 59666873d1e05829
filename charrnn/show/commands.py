"""Commands that are printed, to be copied."""

from typing import NamedTuple


class Command(NamedTuple):
    """What a command that draws a neuron needs beside its number.

    signal: what is drawn when none is named. options: that name the model and the text.
    """

    signal: str = "c"
    options: str = ""

    def draws(self, number: int, signal: str, raw: bool = False) -> str:
        """Return the command that draws a neuron by a signal. raw: c itself, not tanh(c)."""
        named = f" --signal {signal}" * (signal != self.signal)
        return f"charrnn inspect neuron {number}{self.options}{named}{' --raw' * raw}"
