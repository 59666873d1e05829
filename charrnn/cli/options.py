"""Flags made from the settings' dataclass, so that each setting is written once."""

import dataclasses
import inspect
from collections.abc import Callable
from typing import Annotated, Any, get_type_hints

import typer

from charrnn.settings import TrainConfig

METAVARS = {int: "N", float: "X", str: "TEXT", bool: ""}


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command one flag a setting, `corpus` left out, through its `**settings`.

    A flag that is not given is None, so that files and the environment can have their say.
    """
    signature = inspect.signature(command, eval_str=True)
    own = [one for one in signature.parameters.values() if one.kind is not one.VAR_KEYWORD]
    types = get_type_hints(TrainConfig)
    made = [
        _flag(item, types[item.name])
        for item in dataclasses.fields(TrainConfig)
        if item.name != "corpus"
    ]
    parameters = [*own, *made]
    command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in parameters}
    return command


def _flag(item: dataclasses.Field[Any], kind: Any) -> inspect.Parameter:
    name = item.name.replace("_", "-")
    option = typer.Option(
        f"--{name}/--no-{name}" if kind is bool else f"--{name}",
        help=f"{item.metadata['help']} ({_shown(item.default)}).",
        rich_help_panel=item.metadata["heading"],
        metavar=METAVARS.get(kind),
    )
    return inspect.Parameter(
        item.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[kind | None, option],
    )


def _shown(default: Any) -> str:
    """Return a default as a user would write it."""
    if isinstance(default, bool):
        return "yes" if default else "no"
    if isinstance(default, float):
        return f"{default:g}"
    return str(default) or "none"
