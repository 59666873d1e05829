"""Settings as the arguments of Python functions: their names, their help, errors that name them."""

import contextlib
import dataclasses
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
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
        error.message, error.hint = _named(error.message), _named(error.hint)
        error.args = (error.message,)
        raise


def documented(settings: type[Any], without: Sequence[str]) -> Callable[[Function], Function]:
    """Return a decorator that gives a function's `**settings` their names, defaults and help.

    without: settings that the function does not take. Where the help names a default in words,
    such as one that suits the text, it is None.
    """

    def decorate(function: Function) -> Function:
        signature = inspect.signature(function)
        own = [one for one in signature.parameters.values() if one.kind is not one.VAR_KEYWORD]
        names = {*without, *(one.name for one in own)}
        items = [one for one in dataclasses.fields(settings) if one.name not in names]
        made = [
            inspect.Parameter(one.name, inspect.Parameter.KEYWORD_ONLY, default=_default(one))
            for one in items
        ]
        lines = [_described(one) for one in items]
        function.__signature__ = signature.replace(parameters=[*own, *made])  # type: ignore[attr-defined]
        function.__doc__ = "\n".join([f"{inspect.getdoc(function)}\n\nSettings:", *lines])
        return function

    return decorate


def _default(item: dataclasses.Field[Any]) -> Any:
    return None if item.metadata["shown"] else item.default


def _described(item: dataclasses.Field[Any]) -> str:
    default = item.metadata["shown"] or repr(item.default)
    line = f"{item.name}: {_named(item.metadata['help'])} [{default}]"
    return textwrap.fill(line, 92, initial_indent="    ", subsequent_indent="        ")


def _named(text: str) -> str:
    """Return a text with arguments in place of flags."""
    return FLAG.sub(lambda flag: flag[1].replace("-", "_"), text)


def expect_known(given: Sequence[str], settings: type[Any], without: Sequence[str]) -> None:
    """Raise UsageError for a name that is not one of the settings, or that is left out."""
    known = [one.name for one in dataclasses.fields(settings) if one.name not in without]
    for name in given:
        if name not in known:
            raise UsageError(f"there is no setting {name!r} here", near(name, known, "settings"))


def expect_alone(name: str, others: Mapping[str, Any]) -> None:
    """Raise UsageError where something else is given beside an argument that must be alone."""
    for other, value in others.items():
        if value is not None:
            raise UsageError(f"{name} and {other} cannot be given together")


def names_of(files: str | Path | Iterable[str | Path] | None) -> tuple[str, ...]:
    """Return the names of files, of which one alone may be given."""
    names = [files] if isinstance(files, str | Path) else files or ()
    return tuple(map(str, names))
