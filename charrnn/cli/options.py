"""Flags made from the settings' dataclasses, so that each setting is written once."""

import dataclasses
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import typer

METAVARS = {int: "N", float: "X", str: "TEXT", bool: "", tuple[str, ...]: "TEXT"}

# Options that several commands have.
CheckpointOption = Annotated[
    Path | None,
    typer.Option(
        help="A checkpoint or a run folder.",
        metavar="PATH",
        show_default="the newest run under checkpoints/, else the demonstration model",
    ),
]
TextOption = Annotated[
    Path | None,
    typer.Option(
        help="Read this file.", metavar="FILE", show_default="the validation text in the checkpoint"
    ),
]
EncodingOption = Annotated[str, typer.Option(help="How the file is decoded.")]
UnknownOption = Annotated[
    Literal["error", "skip", "nearest"],
    typer.Option(help="Characters of the text that the model has never seen."),
]
OutputOption = Annotated[
    Path | None,
    typer.Option(help="Write a .html, .svg, .txt, .json or .csv file.", metavar="FILE"),
]
ForceOption = Annotated[
    bool, typer.Option("--force", metavar="", help="Write over a file that is there.")
]
JsonOption = Annotated[bool, typer.Option("--json", metavar="", help="Print JSON.")]
SignalOption = Annotated[
    str | None,
    typer.Option(
        help="h, the cell state c, or a gate: i f g o (LSTM), r z n (GRU).",
        metavar="NAME",
        show_default="c, or h where there is none",
    ),
]

Command = Callable[..., None]
Decorator = Callable[[Command], Command]


def with_settings(settings: type[Any], leave_out: str = "", no: bool = True) -> Decorator:
    """Return a decorator that gives a command one flag a setting, through its `**settings`.

    A flag that is not given is None, so that files and the environment can have their say.
    leave_out: a setting that is no flag. no: whether a switch can be turned off by --no-….
    """
    types = get_type_hints(settings)
    made = [
        _flag(item, types[item.name], no)
        for item in dataclasses.fields(settings)
        if item.name != leave_out
    ]

    def decorate(command: Command) -> Command:
        signature = inspect.signature(command, eval_str=True)
        own = [one for one in signature.parameters.values() if one.kind is not one.VAR_KEYWORD]
        parameters = [*own, *made]
        command.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=parameters
        )
        command.__annotations__ = {one.name: one.annotation for one in parameters}
        return command

    return decorate


def _flag(item: dataclasses.Field[Any], kind: Any, no: bool) -> inspect.Parameter:
    name = item.name.replace("_", "-")
    default = (
        "" if kind is bool and not no else f" ({item.metadata['shown'] or _shown(item.default)})"
    )
    option = typer.Option(
        f"--{name}/--no-{name}" if kind is bool and no else f"--{name}",
        help=f"{item.metadata['help']}{default}.",
        rich_help_panel=item.metadata["heading"],
        metavar=METAVARS.get(kind),
    )
    repeated = kind == tuple[str, ...]
    return inspect.Parameter(
        item.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[list[str] | None if repeated else kind | None, option],
    )


def _shown(default: Any) -> str:
    """Return a default as a user would write it."""
    if isinstance(default, bool):
        return "yes" if default else "no"
    if isinstance(default, float):
        return f"{default:g}"
    return "none" if default in ("", ()) else str(default)
