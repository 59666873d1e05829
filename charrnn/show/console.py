"""The two consoles of rich: stdout is data, stderr is talk."""

import os
from collections.abc import Iterable
from typing import IO, Literal

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from charrnn.show.glyphs import running, safe
from charrnn.show.streams import is_quiet, is_unicode


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

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yield what is printed, in which nothing is left that a terminal would obey.

        All that anybody else has written goes through here: names, texts, patterns, errors.
        """
        for segment in super().render(renderable, options):
            text = segment.text
            if segment.control or text.replace("\n", "").isprintable():
                yield segment
            else:
                shown = "".join(running(one, is_unicode(self.encoding)) for one in text)
                yield Segment(shown, segment.style)

    def on_broken_pipe(self) -> None:
        """Raise the error that rich would end the process for."""
        raise BrokenPipeError


def data() -> Console:
    """Return a console on stdout."""
    return PlainConsole()


def talk() -> Console:
    """Return a console on stderr."""
    console = PlainConsole(stderr=True)
    console.quiet = is_quiet()
    return console


def note(line: str) -> None:
    """Say something on stderr that is no error."""
    say(talk(), safe(line))


def say(console: Console, line: str | Text) -> None:
    """Print a line, wrapped on a terminal and whole anywhere else."""
    console.print(line, soft_wrap=not console.is_terminal)


def is_light() -> bool:
    """Return whether the terminal says, through COLORFGBG, that its background is light."""
    return os.environ.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")
