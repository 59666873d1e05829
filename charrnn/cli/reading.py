"""What every view is given: the model, the text that it reads, and where the result goes."""

import dataclasses
import io
import os
import select
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from charrnn import threads
from charrnn.errors import UsageError

if TYPE_CHECKING:
    from charrnn.checkpoint import Checkpoint
    from charrnn.reading import Opened, Text
    from charrnn.show.report import Report
    from charrnn.text.vocabulary import Unknown


@dataclass(frozen=True)
class Given:
    """The options that all views share."""

    model: Path | None = None
    text: list[Path] | None = None
    prompt: str | None = None
    encoding: str = "utf-8"
    unknown: "Unknown" = "error"
    output: Path | None = None
    json: bool = False
    force: bool = False
    quiet: bool = False
    label: str = ""
    stack: str = ""
    models: tuple[Path, ...] = ()  # all that were given, where a view takes two

    def prepare(self) -> None:
        """Check where the result goes, before any work is done. Raises UsageError or FileError."""
        from charrnn.show.report import check_output
        from charrnn.show.stdio import be_quiet, end_with_the_reader

        end_with_the_reader()
        check_output(self.output, self.force)
        if self.quiet:
            be_quiet()

    def opened(self, model: Path | None = None) -> "Opened":
        """Return the model that is asked for, by default the most recent run's, for the label."""
        from charrnn.reading import opened

        found = opened(model or self.model)
        threads.suit(found.checkpoint.architecture.shapes().values())
        if not self.label:
            return found
        return found._replace(checkpoint=found.checkpoint.given(self.label))

    def read(self, loaded: "Checkpoint", file: Path | None = None) -> "Text":
        """Return the text to read. file: given as an argument. Raises UsageError for two texts."""
        files = [*([file] if file else []), *(self.text or [])]
        if len(files) > 1:
            raise UsageError(f"one text is read, and {len(files)} were given")
        if files and self.prompt is not None:
            raise UsageError("a file and --prompt were given; one of them is enough")
        return text_of(loaded, files[0] if files else None, self)

    def units(self, words: Sequence[str] = (), drawn: bool = True) -> "tuple[Given, Opened, Text]":
        """Return the model whose units are looked at, and the text that they read.

        words: as they were typed to name units. Of a model that writes a text for a text it is the
        encoder or the decoder, for which the options returned ask, too. drawn: whether characters
        of the text are looked at, and not numbers alone. Raises UsageError.
        """
        opened = self.opened()
        if not opened.checkpoint.targets:
            if self.stack:
                raise UsageError(
                    "--stack is for models that write a text for a text", "leave it out"
                )
            return self, opened, self.read(opened.checkpoint)
        from charrnn.neurons import stack_texts

        given = dataclasses.replace(self, stack=stack_texts.named(words, self.stack))
        if drawn:
            stack_texts.expect_characters(opened.checkpoint, given.stack)
        return given, *given._of_stack(opened)

    def _of_stack(self, opened: "Opened") -> "tuple[Opened, Text]":
        """Return the part that is asked for, and the text that it reads."""
        from charrnn.neurons import stack_texts

        files = self.text or []
        if len(files) + (self.prompt is not None) > 1:
            raise UsageError("this model reads one text or table; several were given")
        if self.prompt is not None:
            prompt = [self.prompt]
            return stack_texts.of_texts(opened, self.stack, prompt, "prompt", self.unknown)
        if files:
            how = self.encoding, self.unknown
            return stack_texts.of_file(opened, self.stack, files[0], *how)
        _mention_stdin()
        return stack_texts.of_held_out(opened, self.stack)

    def deliver(self, report: "Report", *models: "Opened") -> None:
        """Print the view, or write it where it was asked for. models: what it is of.

        stderr says which model it is, where none was named.
        """
        from charrnn.show.console import note
        from charrnn.show.report import deliver

        said = [one.as_json for one in models]
        about = {"model": said[0]} if len(said) == 1 else {"models": said} if said else {}
        report = dataclasses.replace(report, data=report.data | about)
        if any(one.default for one in models):
            note(f"model: {models[0].name} (-m MODEL names another)")
        deliver(report, self.output, self.json, self.force)

    @property
    def options(self) -> str:
        """Return the options by which a printed command finds the same model and text."""
        options = f" -m {quote(str(self.model))}" if self.model else ""
        options += f" --label {quote(self.label)}" * bool(self.label)
        options += f" --stack {self.stack}" * bool(self.stack)
        if self.text:
            options += f" -t {quote(str(self.text[0]))}"
            options += f" --unknown {self.unknown}" * (self.unknown != "error")
            options += f" --encoding {quote(self.encoding)}" * (self.encoding != "utf-8")
        return options


def text_of(loaded: "Checkpoint", file: Path | None, given: Given) -> "Text":
    """Return a file's text, the prompt's or, where neither is given, the model's held-out text.

    Raises UsageError for a model in place of a text, and where there is nothing to read.
    """
    from charrnn import reading

    if file is None and given.prompt is None:
        _mention_stdin()
        return reading.held_out(loaded)
    if given.prompt is not None:
        return reading.of_prompt(loaded, given.prompt, given.unknown)
    assert file is not None
    if file.suffix == ".safetensors" or (file / "best.safetensors").exists():
        raise UsageError(f"{file} is a model, not a text", f"-m {file} reads with it")
    return reading.of_file(loaded, file, given.encoding, given.unknown)


def _mention_stdin() -> None:
    """Say on stderr that a pipe is not read, if it holds something; never wait for it."""
    from charrnn.show.console import note

    buffer = sys.stdin.buffer
    if not isinstance(buffer, io.BufferedReader):
        return
    try:
        piped = stat.S_ISFIFO(os.fstat(buffer.fileno()).st_mode)
        if piped and select.select([buffer], [], [], 0)[0] and buffer.peek(1):
            note("standard input is not read; '-' as the text would read it")
    except (OSError, ValueError):  # there is no such stream, or it cannot be asked
        return
