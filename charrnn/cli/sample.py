"""`charrnn sample`: write new text."""

import dataclasses
import io
import itertools
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO, cast

import typer

from charrnn import threads
from charrnn.cli import special_views
from charrnn.cli.help import helped
from charrnn.cli.options import ModelArgument, ModelOption, QuietOption, with_settings
from charrnn.cli.prompts import decoded, network_of
from charrnn.errors import UsageError
from charrnn.sampling.settings import SampleConfig, alone, check
from charrnn.show import writing
from charrnn.show.glyphs import safe
from charrnn.show.stdio import be_quiet, end_with_the_reader, raw_stdout

if TYPE_CHECKING:
    from charrnn.checkpoint import Checkpoint
    from charrnn.sampling.generate import Drawn
    from charrnn.sampling.labels import Part
    from charrnn.sampling.write import Task

AT_ONCE = 1 << 18  # bytes of lines that are read at once, at most
LISTED = 20  # labels that were drawn, at most
LONG = 100_000  # characters of a prompt that take seconds to read

USUAL = (
    "model",
    "prompt",
    "label",
    "temp",
    "top_p",
    "length",
    "lines",
    "samples",
    "seed",
    "match",
    "clamp",
    "color",
    "json",
    "output",
    "interactive",
    "quiet",
)


@helped(
    "charrnn sample --temp 0.8",
    "charrnn sample demo:prose --prompt 'The ' -n 300 --seed 1",
    "charrnn sample checkpoints/names-lstm --match '[A-Z][a-z]+' --samples 10",
    usual=USUAL,
)
@with_settings(SampleConfig, no=False)
def sample(
    checkpoint: ModelArgument = None,
    model: ModelOption = None,
    interactive: Annotated[
        bool, typer.Option("--interactive", help="Write by turns with the model.")
    ] = False,
    replay: Annotated[
        Path | None,
        typer.Option(help="Write with each kept checkpoint of a run in turn.", metavar="FOLDER"),
    ] = None,
    quiet: QuietOption = False,
    **settings: Any,
) -> None:
    """Write new text with a trained network, streamed character by character.

    Text piped in comes before the prompt. In a terminal, control characters are shown as glyphs; a
    pipe gets the raw text.
    """
    if model and checkpoint:
        raise UsageError("two models were given; one of them is enough")
    checkpoint = checkpoint or model
    if quiet:
        be_quiet()
    from charrnn import config as configuration

    flags = {name: value for name, value in settings.items() if value is not None}
    given = configuration.of_environment(SampleConfig, os.environ) | flags
    given |= {name: tuple(value) for name, value in given.items() if isinstance(value, list)}
    asked = config = SampleConfig(**given)
    for name, wanted in (("interactive", interactive), ("replay", replay)):
        alone(name, [*given, *["interactive"] * interactive] if wanted else [])
    for name in threads.COUNTS if config.threads else ():
        os.environ[name] = str(config.threads)
    if "seed" not in given:
        import secrets

        config = dataclasses.replace(config, seed=secrets.randbits(32))
    end_with_the_reader()
    if replay:
        check(asked)
        _replay(replay, config)
        return
    path, loaded = _that_writes() if checkpoint is None else _named(checkpoint)
    threads.suit(loaded.architecture.shapes().values(), max(config.samples, config.best_of))
    if own := special_views.of(loaded):
        _answer(own, path, loaded, config, [*given, *["interactive"] * interactive])
        return
    check(asked)
    config = _numbered(config, path, loaded)
    if interactive:
        from charrnn.cli.interactive import converse

        (part,) = _parts(loaded, config)
        converse(path, part.model, config, _read(config.prompt_file) + config.prompt)
        return
    prompt = _piped(config) + _read(config.prompt_file) + config.prompt
    with _output(config) as stream:
        _write(path, loaded, prompt, config, stream)


def _named(checkpoint: Path) -> tuple[Path, "Checkpoint"]:
    from charrnn import checkpoint as checkpoints
    from charrnn import runs

    path = runs.find(checkpoint)
    return path, checkpoints.load(path)


def _that_writes() -> tuple[Path, "Checkpoint"]:
    """Return the newest run's model that writes text, else the demonstration model."""
    from charrnn import checkpoint as checkpoints
    from charrnn import runs
    from charrnn.settings.tasks import TASKS

    for path in [*runs.newest_first(), runs.demo()]:
        loaded = checkpoints.load(path)
        if TASKS[loaded.task].writes:
            break
        does = TASKS[loaded.task].does
        writing.talk(f"{safe(str(path.parent))} {does}; it is passed over")
    return path, loaded


def _answer(
    own: special_views.Views,
    path: Path,
    loaded: "Checkpoint",
    config: SampleConfig,
    given: list[str],
) -> None:
    """Write what the model makes of the prompt, or of each line of standard input."""
    own.refuse_writing(given, path)
    if "top" in given and config.top < 1:
        raise UsageError(f"--top is {config.top}, but must be at least 1")
    if "temp" not in given:  # what answers a text is drawn only where that is asked for
        config = dataclasses.replace(config, temp="0")
    named = {"prompt", "prompt_file"} & set(given)
    prompt = [_read(config.prompt_file) + config.prompt]
    parts: Iterable[list[str]] = [prompt] if named else _lines()
    with _output(config) as stream:
        own.answer(loaded, parts, config, stream)


def _lines() -> Iterator[list[str]]:
    """Yield the lines of standard input, without their ends, as many at a time as are there."""
    if sys.stdin.isatty():
        raise UsageError("there is no text to read", "--prompt TEXT, or a text a line on stdin")
    number, rest, stdin = 0, b"", cast(io.BufferedReader, sys.stdin.buffer)
    while data := stdin.read1(AT_ONCE):
        *lines, rest = (rest + data).split(b"\n")
        if lines:
            yield [_decoded(line, number + place) for place, line in enumerate(lines, start=1)]
        number += len(lines)
    if rest:
        yield [_decoded(rest, number + 1)]


def _decoded(line: bytes, number: int) -> str:
    try:
        return line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise UsageError(f"stdin, line {number:,}: it is not utf-8") from error


def _numbered(config: SampleConfig, path: Path, loaded: "Checkpoint") -> SampleConfig:
    """Return the settings with a neuron's number for each concept that stands for one."""
    kind, _, shaded = config.color.partition(":")
    if not (config.clamp or shaded):
        return config
    from charrnn.cli.units import with_numbers
    from charrnn.reading import Opened

    opened = Opened(path, loaded, str(path))
    color = ":".join([kind, *with_numbers([shaded] if shaded else [], opened)])
    return dataclasses.replace(config, clamp=with_numbers(config.clamp, opened), color=color)


def _replay(folder: Path, config: SampleConfig) -> None:
    """Write with the same prompt and seed through each checkpoint that a run has kept."""
    from charrnn import checkpoint as checkpoints
    from charrnn import runs

    if not folder.is_dir():
        raise UsageError(f"--replay: {folder} is no folder of a run")
    prompt = _piped(config) + _read(config.prompt_file) + config.prompt
    by_step: dict[int, tuple[Path, Checkpoint]] = {}
    for path in runs.kept(folder):
        loaded = checkpoints.load(path)
        by_step.setdefault(int(loaded.provenance.get("steps", 0)), (path, loaded))
    with _output(config) as stream:
        for step, (path, loaded) in sorted(by_step.items()):
            nats = loaded.provenance.get("validation_nats")
            loss = f" · validation {nats:.3f} nats" if nats is not None else ""
            stream.flush()
            writing.talk(f"\nstep {step:,}{loss}")
            _write(path, loaded, prompt, config, stream)
            stream.write("" if stream.isatty() or config.json else "\n")
    if len(by_step) <= 2:
        writing.talk(
            f"\n{safe(str(folder))} kept {len(by_step)}; charrnn train --keep 10 keeps more"
        )


def _how(config: SampleConfig) -> str:
    """Name the settings of the drawing that differ from their defaults, the seed last."""
    words = [f"label {config.label}"] if config.label else []
    words += [] if config.greedy or config.beam else [f"temp {config.temp}"]
    for item in dataclasses.fields(config):
        value = getattr(config, item.name)
        if item.metadata["heading"] == "Sampling" and value != item.default:
            name = item.name.replace("_", "-")
            words += [name if value is True else f"{name} {value}"] * (name != "temp")
    words += [] if config.seed else ["seed 0"]
    return safe(" · ".join(words))


def _piped(config: SampleConfig) -> str:
    """Return the text that is piped in, or typed where the prompt's file is '-'."""
    if sys.stdin.isatty() and config.prompt_file != "-":
        return ""
    return decoded(sys.stdin.buffer.read())


def _read(file: str) -> str:
    if file in ("", "-"):  # standard input is read already
        return ""
    try:
        return decoded(Path(file).read_bytes())
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}") from error


@contextmanager
def _output(config: SampleConfig) -> Iterator[TextIO]:
    """Give the stream to write to: stdout, or a new file, which appears once it is whole."""
    if config.output in ("", "-"):
        if not sys.stdout.isatty() and not config.safe:
            raw_stdout()
        yield sys.stdout
        return
    from charrnn.files import making

    with (
        making(Path(config.output), config.force) as temporary,
        temporary.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file,
    ):
        yield file


def _write(
    path: Path, loaded: "Checkpoint", prompt: str, config: SampleConfig, stream: TextIO
) -> None:
    """Write what is asked for."""
    import numpy as np

    from charrnn import runs
    from charrnn.sampling.statistics import Statistics
    from charrnn.sampling.write import Task, may_come

    parts = _parts(loaded, config)
    whole = network_of(loaded, config)
    network = parts[0].of(whole)
    if config.fill:
        from charrnn.cli.special import fill

        fill(network, prompt, config, stream)
        return
    ids = network.vocabulary.encode(prompt, config.unknown)
    lost = int((ids == len(network.vocabulary.characters)).sum())
    if lost:
        writing.talk(f"{lost:,} of the prompt's characters are unknown to the model")
    for stop in config.stop:
        if not may_come(stop, network.vocabulary):
            writing.talk(f"--stop {safe(stop)!r} cannot come: the model has never seen its letters")
    tasks = [Task.of(path, part.model, part.of(whole), ids, part.config) for part in parts]
    task = tasks[0]
    writing.talk(f"{safe(runs.describe(path))} · {_how(config)}")
    if len(ids) > LONG:
        writing.talk(f"reading a prompt of {len(ids):,} characters ...")
    random = np.random.default_rng(config.seed)
    first = task.texts(random)  # which reads the prompt
    read = itertools.chain(first, (text for one in tasks[1:] for text in one.texts(random)))
    statistics = Statistics()
    texts = (statistics.watch(text) for text in read)
    if config.beside or config.show_copies or config.json or config.color or config.top:
        from charrnn.cli import special

        labels = [part.label for part in parts for _ in range(part.config.samples)]
        special.show(task, texts, stream, labels)
    else:
        _plainly(task, texts, stream)
    if statistics.characters:
        writing.talk(f"{statistics.describe()} · seed {config.seed}")


def _parts(loaded: "Checkpoint", config: SampleConfig) -> "list[Part]":
    """Return what is to be written for which label; say so where labels were drawn."""
    from charrnn.sampling.labels import parts

    found = parts(loaded, config)
    if loaded.needs_label and not config.label:
        drawn = [
            one.label + f" {one.config.samples}" * (config.samples > 1)
            for one in sorted(found, key=lambda one: -one.config.samples)
        ]
        more = f" and {len(drawn) - LISTED:,} more" * (len(drawn) > LISTED)
        writing.talk(safe(f"labels drawn by their frequency: {', '.join(drawn[:LISTED])}{more}"))
    return found


def _plainly(task: "Task", texts: Iterable[Iterable["Drawn"]], stream: TextIO) -> None:
    """Write each text after its prompt, an empty line between two unless each is a line."""
    vocabulary = task.network.vocabulary
    visibly = stream.isatty() or task.config.safe
    end = "\n" if task.record_end or task.config.samples > 1 else ""
    for number, text in enumerate(texts):
        if number and not task.record_end:
            stream.write("\n")
        drawn = (one.id for one in text)
        ids = (one for part in (task.prompt.tolist(), drawn) for one in part)
        writing.write(vocabulary.stream(ids), stream, visibly)
        stream.write(end if not stream.isatty() or end == "" else "")
