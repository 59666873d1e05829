"""Settings as the arguments of Python functions: their names, their help, errors that name them."""

import contextlib
import dataclasses
import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from charrnn.errors import CharrnnError, UsageError, near

FLAG = re.compile(r"(?<![\w-])--([a-z][a-z-]*)")

Function = TypeVar("Function", bound=Callable[..., Any])


@contextlib.contextmanager
def in_python() -> Iterator[None]:
    """Let errors name arguments, `top_p`, where they name flags, `--top-p`."""
    try:
        yield
    except CharrnnError as error:
        error.message, error.hint = (
            FLAG.sub(lambda flag: flag[1].replace("-", "_"), part)
            for part in (error.message, error.hint)
        )
        error.args = (error.message,)
        raise


def documented(
    settings: type[Any], without: Sequence[str], changed: Mapping[str, Any] | None = None
) -> Callable[[Function], Function]:
    """Return a decorator that gives a function's `**settings` their names, defaults and help.

    without: settings that the function does not take. changed: defaults that are other ones.
    """

    def decorate(function: Function) -> Function:
        signature = inspect.signature(function)
        own = [one for one in signature.parameters.values() if one.kind is not one.VAR_KEYWORD]
        names = {one.name for one in own}
        items = [one for one in dataclasses.fields(settings) if one.name not in without]
        made = [
            inspect.Parameter(one.name, inspect.Parameter.KEYWORD_ONLY, default=one.default)
            for one in items
            if one.name not in names
        ]
        lines = [
            f"    {one.name} ({(changed or {}).get(one.name, one.default)!r}): "
            f"{one.metadata['help']}"
            for one in items
        ]
        function.__signature__ = signature.replace(parameters=[*own, *made])  # type: ignore[attr-defined]
        function.__doc__ = (
            f"{inspect.getdoc(function)}\n\nSettings, and their defaults:\n" + "\n".join(lines)
        )
        return function

    return decorate


def expect_known(given: Sequence[str], settings: type[Any], without: Sequence[str]) -> None:
    """Raise UsageError for a name that is not one of the settings, or that is left out."""
    known = [one.name for one in dataclasses.fields(settings) if one.name not in without]
    for name in given:
        if name not in known:
            raise UsageError(f"there is no setting {name!r} here", near(name, known, "settings"))
