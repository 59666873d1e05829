"""What a run is made of, from what was asked: its settings, and the text that it learns."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from charrnn import checkpoint, config, runs, tasks
from charrnn.errors import CorpusError, UsageError
from charrnn.settings import TrainConfig
from charrnn.settings.pairs import PairSettings
from charrnn.settings.tasks import TASKS
from charrnn.text import corpus as corpora
from charrnn.torchrun import size


def settle(
    given: dict[str, Any], file: Path | None, environment: Mapping[str, str]
) -> tuple[TrainConfig, Any]:
    """Read the text, on which a preset may depend, and settings that mean the same anywhere.

    given: settings by name, `preset` among them, None where they are not given; to them is added
    the shape of the network that init_from names. file: of YAML. Raises UsageError for settings
    that cannot be, CorpusError for a text that cannot be read.
    """
    resolved = config.resolve(given, file, environment)
    config.refuse_others([name for name, one in given.items() if one is not None], resolved.task)
    if resolved.init_from:
        given |= _shape_of(resolved.init_from, resolved.task, given)
    if size() > 1 and "-" in resolved.corpus:
        raise UsageError(
            "the corpus is stdin, which several processes cannot share",
            "write the text to a file and name that",
        )
    if resolved.validate_on and corpora.absolute([resolved.validate_on]) == ("-",):
        raise UsageError(
            "validate_on is standard input or a pipe, which can be read but once",
            "write the text to a file and name that",
        )
    text = tasks.of(resolved.task).read(resolved)
    resolved = config.resolve(given, file, environment)
    absolute = dataclasses.replace(
        resolved,
        corpus=corpora.absolute(resolved.corpus),
        validate_on=resolved.validate_on and corpora.absolute([resolved.validate_on])[0],
        validation=0.0 if text.validation else resolved.validation,
        init_from=resolved.init_from and runs.absolute(resolved.init_from),
    )
    return absolute, text


def resumed(
    given: Path | None, moved: Sequence[str] = (), validate_on: str = ""
) -> tuple[Path, TrainConfig, Any]:
    """Return the folder, the settings and the text of a run that was stopped.

    given: its folder, by default that of the most recent one. moved, validate_on: where its text,
    and that on which it validates, are now, if not where they were; hashes are compared later.
    Raises CheckpointError where there is no such run, UsageError and CorpusError for a text that
    cannot be read again.
    """
    folder = runs.resumable(given)
    settings = config.resolve({}, folder / runs.CONFIG, {})
    settings = dataclasses.replace(settings, init_from="")  # its own weights have moved on
    if moved:
        settings = dataclasses.replace(settings, corpus=corpora.absolute(moved))
    if validate_on:
        named = corpora.absolute([validate_on])[0]
        settings = dataclasses.replace(settings, validate_on=named)
    if "-" in settings.corpus:
        raise UsageError(
            f"{folder} learned a text from stdin or a pipe, which cannot be read again",
            "--corpus FILE names the same text in a file",
        )
    try:
        return folder, settings, tasks.of(settings.task).read(settings)
    except CorpusError as error:
        hint = "where it has moved, --corpus FILE says so"
        if settings.validate_on:
            hint += ", or --validate-on FILE"
        raise CorpusError(error.message, hint) from error


def _shape_of(init_from: str, task: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of an old network's shape. Raises UsageError for one given otherwise.

    task: that of the new one, which may read backwards too, and has a head of its own.
    """
    old = checkpoint.load(runs.find(Path(init_from)))
    shape = dataclasses.asdict(old.architecture)
    for name in ("vocabulary", "classes", "labels", "label_size", "head_hidden"):
        del shape[name]
    decoder = shape.pop("decoder")
    if decoder and PairSettings in TASKS[task].settings:
        shape["attention"] = decoder["attention"]
    if not old.architecture.pool:
        del shape["pool"]
    if not old.architecture.bidirectional or shape["apart"]:
        del shape["bidirectional"]
    del shape["apart"]
    if not TASKS[task].causal:
        del shape["tied"]
    shape["initial_state"] = "learned" if shape.pop("learned_start") else "zero"
    shape["bytes"] = old.vocabulary.kind == "bytes"
    for name, value in shape.items():
        if given.get(name) not in (None, value):
            flag = "--" + name.replace("_", "-")
            raise UsageError(
                f"{flag} is {given[name]}, but {init_from} has {value}",
                f"leave {flag} out; --init-from takes it from the checkpoint",
            )
    return shape
