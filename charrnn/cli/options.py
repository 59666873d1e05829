"""Options that are written once: made from the settings' dataclasses, or shared by all views."""

import dataclasses
import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from charrnn.cli import completion
from charrnn.cli.reading import Given
from charrnn.settings.setting import types

ALIASES = {  # of settings' flags: short forms, and names that other tools have
    "learning_rate": ("--lr",),
    "temp": ("--temperature",),
    "length": ("-n",),
    "output": ("-o",),
    "force": ("-f",),
}
VALUES = {"output": "FILE", "prompt_file": "FILE", "init_from": "MODEL", "validate_on": "FILE"}

DEFAULT_MODEL = "the most recent run, else demo"
DEFAULT_TEXT = "the model's held-out text"

ForceOption = Annotated[bool, typer.Option("-f", "--force", help="Overwrite an existing file.")]
QuietOption = Annotated[bool, typer.Option("-q", "--quiet", help="Print only results and errors.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ModelOption = Annotated[
    Path | None,
    typer.Option(
        "-m",
        "--model",
        "--checkpoint",
        help="A checkpoint, a run folder, demo or demo:prose.",
        metavar="MODEL",
        show_default=DEFAULT_MODEL,
        autocompletion=completion.models,
    ),
]
ModelArgument = Annotated[
    Path | None,
    typer.Argument(
        help="A checkpoint, a run folder, demo or demo:prose.",
        metavar="MODEL",
        show_default=DEFAULT_MODEL,
        autocompletion=completion.models,
    ),
]
FileArgument = Annotated[
    Path | None,
    typer.Argument(
        help="The text to read; '-' is standard input.", metavar="FILE", show_default=DEFAULT_TEXT
    ),
]
ConceptOption = Annotated[
    str,
    typer.Option(
        help="A concept, such as brackets.", metavar="CONCEPT", autocompletion=completion.concepts
    ),
]
OffsetOption = Annotated[int, typer.Option(help="Where in the text to begin.", min=0)]
SignalOption = Annotated[
    str | None,
    typer.Option(
        help="h, the cell state c, or a gate: i f g o (LSTM), r z n (GRU).",
        metavar="TEXT",
        show_default="c, or h where there is none",
    ),
]

OF_READING = {  # of every view that reads a text
    "model": ModelOption,
    "text": Annotated[
        list[Path] | None,
        typer.Option(
            "-t",
            "--text",
            help="Read this file; '-' is standard input.",
            metavar="FILE",
            show_default=DEFAULT_TEXT,
        ),
    ],
    "label": Annotated[
        str,
        typer.Option(
            help="Read for this label, or for several by weight, A:0.5,B:0.5, with a model that "
            "writes texts for labels.",
            metavar="TEXT",
            show_default="each text's own",
        ),
    ],
    "prompt": Annotated[str | None, typer.Option(help="Read this text instead of a file.")],
    "encoding": Annotated[str, typer.Option(help="Encoding of the file.")],
    "unknown": Annotated[
        Literal["error", "skip", "nearest"],
        typer.Option(
            help="What to do with characters outside the model's alphabet: error, skip (drop "
            "them) or nearest (replace each by the most similar known character)."
        ),
    ],
}
OF_UNITS = OF_READING | {  # of a view of neurons
    "stack": Annotated[
        Literal["", "encoder", "decoder"],
        typer.Option(
            help="Of a seq2seq model: encoder or decoder.",
            metavar="TEXT",
            show_default="encoder",
        ),
    ],
}
OF_TWO = OF_READING | {  # of a view that reads with one model, or with two
    "model": Annotated[
        list[Path] | None,
        typer.Option(
            "-m",
            "--model",
            "--checkpoint",
            help="A checkpoint, a run folder, demo or demo:prose; a second -m is compared with it.",
            metavar="MODEL",
            show_default=DEFAULT_MODEL,
            autocompletion=completion.models,
        ),
    ],
}
OF_VIEWS = {  # of every view
    "output": Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help="Write a .txt, .json, .csv, .svg or .html file.", metavar="FILE"
        ),
    ],
    "json": JsonOption,
    "force": ForceOption,
    "quiet": QuietOption,
}

Command = Callable[..., None]
Decorator = Callable[[Command], Command]


def view(function: Command) -> Command:
    """Give a view that reads a text the options of all such views, as its argument `given`."""
    return _with_common(function, OF_READING, OF_VIEWS)


def view_of_units(function: Command) -> Command:
    """Give a view of neurons the options of all such views."""
    return _with_common(function, OF_UNITS, OF_VIEWS)


def view_of_models(function: Command) -> Command:
    """Give a view that reads a text with one or two models the options of all such views."""
    return _with_common(function, OF_TWO, OF_VIEWS)


def view_of_run(function: Command) -> Command:
    """Give a view that reads no text the options of all views, as its argument `given`."""
    return _with_common(function, {}, OF_VIEWS)


def _with_common(
    function: Command, before: dict[str, Any], after: dict[str, Any]
) -> Callable[..., None]:
    defaults = {item.name: item.default for item in dataclasses.fields(Given)}

    @functools.wraps(function)
    def command(**values: Any) -> None:
        taken = {name: values.pop(name) for name in (*before, *after)}
        if isinstance(models := taken.get("model"), list):
            taken |= {"model": models[0] if models else None, "models": tuple(models)}
        given = Given(**taken)
        given.prepare()
        function(given=given, **values)

    def made(options: dict[str, Any]) -> list[inspect.Parameter]:
        kind = inspect.Parameter.KEYWORD_ONLY
        return [
            inspect.Parameter(name, kind, default=defaults[name], annotation=option)
            for name, option in options.items()
        ]

    own = [one for one in _parameters(function) if one.name != "given"]
    own = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own]
    return _declare(command, [*made(before), *own, *made(after)])


def with_settings(settings: type[Any], leave_out: str = "", no: bool = True) -> Decorator:
    """Return a decorator that gives a command one flag a setting, through its `**settings`.

    A flag that is not given is None, so that files and the environment can have their say.
    leave_out: a setting that is no flag. no: whether a switch can be turned off by --no-….
    """
    kinds = types(settings)
    made = [
        _flag(item, kinds[item.name], no)
        for item in dataclasses.fields(settings)
        if item.name != leave_out
    ]

    def decorate(command: Command) -> Command:
        own = [one for one in _parameters(command) if one.kind is not one.VAR_KEYWORD]
        return _declare(command, [*own, *made])

    return decorate


def _parameters(function: Command) -> list[inspect.Parameter]:
    return list(inspect.signature(function, eval_str=True).parameters.values())


def _declare(command: Command, parameters: list[inspect.Parameter]) -> Command:
    """Say what a command's parameters are, for typer to read."""
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in parameters}
    return command


def _flag(item: dataclasses.Field[Any], kind: Any, no: bool) -> inspect.Parameter:
    name = item.name.replace("_", "-")
    short = [one for one in ALIASES.get(item.name, ()) if not one.startswith("--")]
    long = [one for one in ALIASES.get(item.name, ()) if one.startswith("--")]
    option = typer.Option(
        *short,
        f"--{name}/--no-{name}" if kind is bool and no else f"--{name}",
        *long,
        help=item.metadata["help"],
        rich_help_panel=item.metadata["heading"],
        metavar=VALUES.get(item.name),
        show_default="" if kind is bool else item.metadata["shown"] or _shown(item.default),
        autocompletion=completion.models if item.name == "init_from" else None,
    )
    repeated = kind == tuple[str, ...]
    return inspect.Parameter(
        item.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[list[str] | None if repeated else kind | None, option],
    )


def _shown(default: Any) -> str:
    """Return a default as a user would write it; nothing where there is none."""
    if isinstance(default, float):
        return f"{default:g}"
    return "" if default in ("", ()) else str(default)
