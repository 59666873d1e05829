"""The two consoles of rich: stdout is data, stderr is talk."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Literal

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from charrnn.show.glyphs import running, safe
from charrnn.show.stdio import is_quiet, is_unicode


class PlainConsole(Console):
    """A console that prints what it is given and leaves a closed pipe to its caller."""

    def __init__(
        self,
        *,
        stderr: bool = False,
        file: IO[str] | None = None,
        width: int | None = None,
        picture: bool | None = None,
        light: bool | None = None,
    ) -> None:
        """picture: record what is printed, with every colour or, if False, without any.

        light: the ground of the picture; None asks the terminal.
        """
        system: Literal["auto", "truecolor"] = "truecolor" if picture else "auto"
        super().__init__(
            stderr=stderr,
            file=file,
            width=width,
            record=picture is not None,
            force_terminal=picture,
            force_jupyter=False,  # there rich shows everything by itself, too
            color_system=system,
            no_color=False if picture else None,
            highlight=False,
            markup=False,
            emoji=False,
        )
        self.light = light
        if width is None and self.is_terminal and self.is_dumb_terminal:  # for rich 80 × 25
            self.width, self.height = shutil.get_terminal_size()

    @property
    def recorded(self) -> list[Segment]:
        """What has been printed on a picture."""
        return list(self._record_buffer)

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


def say_names(console: Console, *names: str) -> None:
    """Print the names of a model, a text and the like; on a picture without their folders."""
    if is_picture(console):
        names = tuple(map(without_folders, names))
    say(console, safe(" · ".join(names)))


def without_folders(name: str) -> str:
    """Return a short name: "poem, step 9" for "checkpoints/poem/best.safetensors, step 9"."""
    first, comma, rest = name.rpartition(", ") if ", " in name else (name, "", "")
    path = Path(first)
    if path.suffix == ".safetensors":
        kept = path.stem in ("best", "last") or path.stem.startswith("step-")
        first = path.parent.name if kept and path.parent.name else path.stem
    else:
        first = path.name
    return first + comma + rest


def is_picture(console: Console) -> bool:
    """Return whether a view is drawn as a picture or page, where its chart stands if it has one."""
    return _ground(console) is not None


def is_light(console: Console | None = None) -> bool:
    """Return whether the background is light: that of a picture, or as COLORFGBG has it."""
    ground = _ground(console)
    if ground is not None:
        return ground
    return os.environ.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")


def _ground(console: Console | None) -> bool | None:
    return console.light if isinstance(console, PlainConsole) else None
