"""What every view is given: the model, the text that it reads, and where the result goes."""

import io
import os
import select
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, NamedTuple

from charrnn.errors import UsageError

if TYPE_CHECKING:
    from charrnn.checkpoint import Checkpoint
    from charrnn.show.report import Report
    from charrnn.text.vocabulary import Ids, Unknown

STDIN = Path("-")


class Opened(NamedTuple):
    """A model as it was found: its file, the checkpoint, and its name with the step.

    default: whether nobody named it.
    """

    path: Path
    checkpoint: "Checkpoint"
    name: str
    default: bool = False

    @property
    def as_json(self) -> dict[str, Any]:
        """What identifies the model in JSON."""
        made = self.checkpoint.provenance
        return {
            "path": str(self.path),
            "step": made.get("steps", 0),
            "validation_nats": made.get("validation_nats"),
        }


class Text(NamedTuple):
    """The text that is read: ids of the model's alphabet, the characters, and what to call it."""

    ids: "Ids"
    characters: str
    name: str


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

    def prepare(self) -> None:
        """Check where the result goes, before any work is done. Raises UsageError or FileError."""
        from charrnn.show.report import check_output
        from charrnn.show.streams import be_quiet, end_with_the_reader

        # Products of one step are small: threads that wait for each other take longer than one.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        end_with_the_reader()
        check_output(self.output, self.force)
        if self.quiet:
            be_quiet()

    def opened(self, model: Path | None = None) -> Opened:
        """Return the model that is asked for, by default the most recent run's."""
        return opened(model or self.model)

    def read(self, loaded: "Checkpoint", file: Path | None = None) -> Text:
        """Return the text to read. file: given as an argument. Raises UsageError for two texts."""
        files = [*([file] if file else []), *(self.text or [])]
        if len(files) > 1:
            raise UsageError(f"one text is read, and {len(files)} were given")
        if files and self.prompt is not None:
            raise UsageError("a file and --prompt were given; one of them is enough")
        return text_of(loaded, files[0] if files else None, self)

    def deliver(self, report: "Report", *models: Opened) -> None:
        """Print the view, or write it where it was asked for. models: what it is of.

        stderr says which model it is, where none was named.
        """
        import dataclasses

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
        if self.text:
            options += f" -t {quote(str(self.text[0]))}"
            options += f" --unknown {self.unknown}" * (self.unknown != "error")
            options += f" --encoding {quote(self.encoding)}" * (self.encoding != "utf-8")
        return options


def opened(model: Path | None) -> Opened:
    """Return a model, by default the most recent run's. Raises CheckpointError."""
    from charrnn import checkpoint, runs

    path = runs.find(model)
    loaded = checkpoint.load(path)
    name = f"{runs.describe(path)}, step {loaded.provenance.get('steps', 0):,}"
    return Opened(path, loaded, name, default=model is None)


def text_of(loaded: "Checkpoint", file: Path | None, given: Given) -> Text:
    """Return a file's text, the prompt's or, where neither is given, the model's held-out text.

    Raises UsageError for a model in place of a text, and where there is nothing to read.
    """
    vocabulary, prompt = loaded.vocabulary, given.prompt
    if file is None and prompt is None:
        _mention_stdin()
        return held_out(loaded)
    if prompt is not None:
        if not prompt:
            raise UsageError("the prompt is empty; there is nothing to read")
        return _text(loaded, vocabulary.encode(loaded.record_end + prompt, given.unknown), "prompt")
    assert file is not None
    if file.suffix == ".safetensors" or (file / "best.safetensors").exists():
        raise UsageError(f"{file} is a model, not a text", f"-m {file} reads with it")
    from charrnn.errors import CharrnnError, CorpusError
    from charrnn.text import corpus

    called = "stdin" if file == STDIN else str(file)
    named = "-" if file == STDIN else str(file.absolute())
    read = corpus.read([named], encoding=given.encoding, as_bytes=vocabulary.kind == "bytes")
    if not read.text:
        raise CorpusError(f"{called} is empty; there is nothing to read")
    try:
        ids = vocabulary.encode_characters(loaded.as_learned(read), given.unknown)
    except CharrnnError as error:
        raise type(error)(f"{called}: {error.message}", error.hint) from error
    return _text(loaded, ids, called)


def held_out(loaded: "Checkpoint") -> Text:
    """Return the model's held-out text. Raises UsageError where its file holds none."""
    if not len(loaded.heldout):
        raise UsageError(
            "this checkpoint holds no validation text", "-t FILE or --prompt TEXT gives one"
        )
    return _text(loaded, loaded.heldout, "held-out text")


def predictable(text: Text) -> Text:
    """Return a text of which something is predicted. Raises UsageError for a shorter one."""
    if len(text.ids) < 2:
        raise UsageError(f"{text.name} is too short: the first character is not predicted")
    return text


def _text(loaded: "Checkpoint", ids: "Ids", name: str) -> Text:
    return Text(ids, loaded.vocabulary.characters_of(ids), name)


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
