"""Numbers with their units, the same everywhere."""

import math


def loss(nats: float) -> str:
    """Show a loss both ways: 1.548 nats, 2.233 bits per character."""
    return f"{nats:.3f} nats, {nats / math.log(2):.3f} bits per character"


def loss_of(nats: float, scored: str) -> str:
    """Show a loss by what it is a mean over, see `Architecture.scored`."""
    return loss(nats) if scored == "character" else f"{nats:.3f} nats per {scored}"


def duration(seconds: float) -> str:
    """Show a duration: 4 s, 3 min 58 s, 2 h 05 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def signed(value: float, unicode: bool = True) -> str:
    """Show a value with its sign, to three digits: −0.123, 0, +1."""
    number = f"{value:+.3g}" if value else "0"
    return number.replace("-", "−") if unicode else number


def change(value: float, digits: int = 3, unicode: bool = True) -> str:
    """Show a difference with its sign, to some decimals: −0.014, +1.041."""
    number = f"{value:+.{digits}f}"
    return number.replace("-", "−") if unicode else number


def count(number: int, noun: str) -> str:
    """Show a number of things: 1 layer, 2 layers."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def about(number: int) -> str:
    """Show an estimate to two digits: about 1,900."""
    return f"about {float(f'{number:.2g}'):,.0f}"


def best(
    nats: float, step: int, steps: int, seconds: float, scored: str = "character"
) -> tuple[str, str]:
    """Say, in two parts, how good a run was at its best, and when; how long it took in all."""
    when = f"at step {step:,} of {steps:,} · {duration(seconds)} of training"
    return f"best validation {loss_of(nats, scored)}", when
