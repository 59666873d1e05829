"""`charrnn sample --interactive`: writing by turns, the state kept between them."""

import contextlib
import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from charrnn.checkpoint import Checkpoint
from charrnn.cli.prompts import decoded, network_of
from charrnn.errors import CharrnnError, UsageError
from charrnn.sampling.settings import SampleConfig
from charrnn.sampling.write import Task, temperature
from charrnn.show import writing

HELP = """\
Type some text: the model goes on from it, and from all that was written before.
A line that ends in a backslash goes on from the text with a line end after it; an empty line just
goes on.
  /temp X     draw at another temperature
  /length N   write N characters in a turn
  /undo       forget the last turn
  /reset      forget everything
  /save FILE  write the text so far to a new file
  /load FILE  go on from a text
  /help       this list
  /quit       or Ctrl-D"""


@dataclasses.dataclass
class Talk:
    """A conversation: the text after each turn, the last one last."""

    path: Path
    loaded: Checkpoint
    config: SampleConfig
    texts: list[str]

    def __post_init__(self) -> None:
        self.network = network_of(self.loaded, self.config)
        self.random = np.random.default_rng(self.config.seed)

    def turn(self, given: str) -> Iterator[str]:
        """Yield what the model writes after the text so far and what is given."""
        text = self.texts[-1] + given
        prompt = self.network.vocabulary.encode(text, self.config.unknown)
        task = Task.of(self.path, self.loaded, self.network, prompt, self.config)
        drawn = next(task.texts(self.random))
        self.texts.append(text)
        for piece in self.network.vocabulary.stream(one.id for one in drawn):
            self.texts[-1] += piece
            yield piece

    def command(self, name: str, argument: str) -> str:
        """Do what a line with a slash says; return what to tell the user."""
        if name == "temp":
            changed = dataclasses.replace(self.config, temp=argument)
            temperature(changed)
            self.config = changed
            return f"temperature {argument}"
        if name == "length":
            if not (argument.isascii() and argument.isdigit()):
                raise UsageError("the length must be a whole number, such as /length 200")
            self.config = dataclasses.replace(self.config, length=int(argument))
            return f"{argument} characters a turn"
        if name in ("save", "load") and not argument:
            raise UsageError(f"which file? /{name} FILE")
        if name == "undo":
            if len(self.texts) > 1:
                self.texts.pop()
            return f"back to: …{self.texts[-1][-60:]}" if self.texts[-1] else "back to the start"
        if name == "reset":
            self.texts = [""]
            return "everything is forgotten"
        if name == "save":
            with Path(argument).open("xb") as file:
                file.write(self.texts[-1].encode("utf-8", "surrogateescape"))
            return f"{len(self.texts[-1]):,} characters are in {argument}"
        if name == "load":
            text = decoded(Path(argument).read_bytes())
            self.network.vocabulary.encode(text, self.config.unknown)  # raises for what is unknown
            self.texts.append(text)
            return f"{len(self.texts[-1]):,} characters read"
        if name == "help":
            return HELP
        raise UsageError(f"there is no /{name}; /help lists what there is")


def converse(path: Path, loaded: Checkpoint, config: SampleConfig, start: str) -> None:
    """Talk with a user until the end of the input. start: what has been written already."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401  # input() then has a history and can be edited
    talk = Talk(path, loaded, config, [start])
    writing.talk("/help says what can be typed; Ctrl-D ends")
    while True:
        try:
            line = input("> " if sys.stdin.isatty() else "")
        except EOFError:
            if sys.stdin.isatty():
                writing.talk("")  # the prompt's line has no end
            return
        except KeyboardInterrupt:
            writing.talk("\nCtrl-D ends; /save FILE keeps the text")
            continue
        try:
            if line.startswith("/"):
                name, _, argument = line[1:].partition(" ")
                if name == "quit":
                    return
                writing.talk("".join(writing.visible([talk.command(name, argument.strip())], True)))
                continue
            given = line[:-1] + "\n" if line.endswith("\\") else line
            writing.write(talk.turn(given), sys.stdout, visibly=sys.stdout.isatty())
            sys.stdout.write("" if sys.stdout.isatty() else "\n")
            sys.stdout.flush()
        except CharrnnError as error:
            writing.talk(error.message)
        except OSError as error:
            writing.talk(f"{error.filename}: {error.strerror}")
        except KeyboardInterrupt:
            writing.talk("\nstopped; Ctrl-D ends")
