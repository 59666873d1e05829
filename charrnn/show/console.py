"""The two consoles of rich: stdout is data, stderr is talk."""

import os
from typing import IO, Literal

from rich.console import Console
from rich.text import Text


class PlainConsole(Console):
    """A console that prints what it is given and leaves a closed pipe to its caller."""

    def __init__(
        self,
        *,
        stderr: bool = False,
        file: IO[str] | None = None,
        width: int | None = None,
        picture: bool | None = None,
    ) -> None:
        """picture: record what is printed, with every colour or, if False, without any."""
        system: Literal["auto", "truecolor"] = "truecolor" if picture else "auto"
        super().__init__(
            stderr=stderr,
            file=file,
            width=width,
            record=picture is not None,
            force_terminal=picture,
            color_system=system,
            no_color=False if picture else None,
            highlight=False,
            markup=False,
            emoji=False,
        )

    def on_broken_pipe(self) -> None:
        """Raise the error that rich would end the process for."""
        raise BrokenPipeError


def data() -> Console:
    """Return a console on stdout."""
    return PlainConsole()


def talk() -> Console:
    """Return a console on stderr."""
    return PlainConsole(stderr=True)


def say(console: Console, line: str | Text) -> None:
    """Print a line, wrapped on a terminal and whole anywhere else."""
    console.print(line, soft_wrap=not console.is_terminal)


def is_light() -> bool:
    """Return whether the terminal says, through COLORFGBG, that its background is light."""
    return os.environ.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")
