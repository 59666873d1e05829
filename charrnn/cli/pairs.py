"""What `sample` and views of `inspect` do with a model that writes a text for a text."""

import json
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from charrnn.checkpoint import NO_NETWORK
from charrnn.cli.labels import USED
from charrnn.errors import UsageError
from charrnn.show.glyphs import safe

if TYPE_CHECKING:
    from charrnn.checkpoint import Checkpoint
    from charrnn.cli.reading import Given
    from charrnn.reading import Opened, Text
    from charrnn.sampling.answering import Answering, Found
    from charrnn.sampling.settings import SampleConfig
    from charrnn.show.report import Report

WRITES = {"beam", "temp", "greedy", "seed", "length"}


def refuse_writing(given: Collection[str], path: Path) -> None:
    """Raise UsageError for a setting that a model which writes a text for a text does not read."""
    for name in given:
        if name not in USED | WRITES:
            raise UsageError(
                f"--{name.replace('_', '-')} is for models that go on with a text; {path} writes "
                "a text for a text",
                "--prompt TEXT, or a text a line on standard input, gets its answer",
            )
    for one, other in (("beam", "temp"), ("top", "temp"), ("greedy", "temp"), ("greedy", "beam")):
        if {one, other} <= set(given):
            raise UsageError(f"--{one} and --{other} cannot be given together")


def answer(
    loaded: "Checkpoint", parts: Iterable[list[str]], config: "SampleConfig", stream: TextIO
) -> None:
    """Write the answer to each text, the best of several with tabs between them; or as JSON."""
    from charrnn.sampling.answering import Answering, How

    how = How(
        beam=config.beam or 1,
        top=config.top or 1,
        temp=_temp(config),
        seed=config.seed,
        length=config.length,
        unknown=config.unknown,
    )
    answering, said = Answering(loaded, how), False
    visibly = stream.isatty() or config.safe
    for part in parts:
        said = said or _say_long(answering, part)
        for text, found in zip(part, answering.answers(part), strict=True):
            stream.write(_line(text, found, config.json, visibly) + "\n")
        stream.flush()


def _temp(config: "SampleConfig") -> float:
    """Return the temperature, 0 where none was given. Raises UsageError for a range."""
    from charrnn.sampling.write import temperature

    if ".." in config.temp:
        raise UsageError(f"--temp {config.temp}: one temperature is for all symbols of an answer")
    return temperature(config)(0)


def _say_long(answering: "Answering", texts: Iterable[str]) -> bool:
    """Say where a text is longer than any that was learned; return whether one is."""
    from charrnn.show.console import note

    longest = answering.targets.longest[0]
    for text in texts:
        if answering.too_long(text):
            symbols = len(answering.read.symbols.spelled(text))
            note(f"a text of {symbols:,} symbols is longer than any in training ({longest:,})")
            return True
    return False


def _line(text: str, found: "list[Found]", as_json: bool, visibly: bool) -> str:
    if as_json:
        answers = [
            {"text": one.text, "mean_log_probability": one.score, "ended": one.ended}
            for one in found
        ]
        return json.dumps({"version": 1, "source": text, "text": found[0].text, "answers": answers})
    cells = [one.text for one in found]
    return "\t".join(map(safe, cells) if visibly else cells)


def score(opened: "Opened", files: list[Path], columns: str, skip_bad: bool, form: str) -> "Report":
    """Return the view of how good answers are: of held-out texts, or those of a table."""
    from charrnn.sampling.answering import measured
    from charrnn.show import pairs as show
    from charrnn.show.console import note

    names = [str(file) for file in files]
    found = measured(opened, names, columns, skip_bad, form)
    for line in found.notes:
        note(line)
    return show.report(found)


def text(
    opened: "Opened", read: "Text", offset: int, length: int, top: int, given: "Given"
) -> "Report":
    """Raise UsageError: a text is shaded by what is predicted of it."""
    raise UsageError(NO_NETWORK, "charrnn inspect attention shows what each symbol was read for")


def attention(opened: "Opened", read: "Text", offset: int, length: int, given: "Given") -> "Report":
    """Return the view of what each symbol of an answer was read from. length: 0 is one text."""
    from charrnn.sampling.answering import alignments
    from charrnn.show import attention as show

    return show.report(alignments(opened, read, offset=offset, length=length))


def errors(opened: "Opened", read: "Text") -> "Report":
    """Raise UsageError: `inspect score` lists mistakes."""
    raise UsageError(NO_NETWORK, "charrnn inspect score lists the worst answers")
