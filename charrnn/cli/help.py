"""How help looks: a sentence, examples, and the options that most people need.

`--help` keeps to 40 lines of 80 columns; `--help-all` shows every option under its heading.
"""

import re
import shutil
import textwrap
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

import typer
from typer.core import TyperCommand, TyperGroup

from charrnn.errors import UsageError

WIDTH = 80  # columns at most
NAMES = 25  # columns of an option's names, the two before them included
WORDS = {int: "N", float: "X", str: "TEXT", bool: ""}  # for a value of a type
RARE = ("encoding", "unknown", "seed")  # which --help leaves out, where it shows all others
HEADING = "Options"
Function = TypeVar("Function", bound=Callable[..., Any])
SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"]}


def helped(*examples: str, usual: Iterable[str] = ()) -> Callable[[Function], Function]:
    """Return a decorator that gives a command's help its examples.

    usual: the parameters that `--help` shows; all but the RARE ones, if none are named.
    """

    def decorate(function: Function) -> Function:
        function.__dict__["examples"] = examples
        function.__dict__["usual"] = tuple(usual)
        return function

    return decorate


class Command(TyperCommand):
    """A command with our help."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write what `--help` prints."""
        formatter.write(text_of(self, ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Answer `--help-all`; leave the rest to typer."""
        _answer(self, ctx, args)
        return super().parse_args(ctx, args)


class Group(TyperGroup):
    """A command with commands under it, and our help."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write what `--help` prints."""
        formatter.write(text_of(self, ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Answer `--help-all`; leave the rest to typer."""
        if args[:1] == ["--help-all"]:
            _answer(self, ctx, args)
        return super().parse_args(ctx, args)


def _answer(command: Any, ctx: Any, args: list[str]) -> None:
    before = args[: args.index("--")] if "--" in args else args
    _refuse_empty(command, before)
    if "--help-all" in before:
        typer.echo(text_of(command, ctx, everything=True).rstrip("\n"))
        raise typer.Exit


def _refuse_empty(command: Any, args: list[str]) -> None:
    """Raise UsageError for an empty argument, such as "$UNSET", that would be this folder.

    An option that takes a text may be given an empty one.
    """
    texts = {
        name
        for param in command.params
        for name in param.opts
        if name.startswith("-") and not (param.is_flag or _is_path(param))
    }
    for before, argument in zip(["", *args], args, strict=False):
        if not argument and before not in texts:
            raise UsageError("an argument is empty", "leave it out, or check the variable's name")


def _is_path(param: Any) -> bool:
    kind = param.type_descriptor
    return kind.is_path or Path in get_args(kind.annotation)


def text_of(command: Any, ctx: Any, everything: bool = False) -> str:
    """Return the help of a command, its usual options or `everything`."""
    width = min(WIDTH, shutil.get_terminal_size().columns)
    said = command.callback.__dict__ if command.callback else {}
    params = [one for one in command.get_params(ctx) if not one.hidden]
    arguments = [one for one in params if one.param_type_name == "argument"]
    options = [
        one
        for one in params
        if one not in arguments and (everything or _is_usual(one, said.get("usual", ())))
    ]
    paragraphs = (command.help or "").split("\n\n")
    parts = [_usage(command, ctx, arguments)]
    paragraphs = paragraphs if everything else paragraphs[:1]
    parts += [textwrap.fill(" ".join(one.split()), width) for one in paragraphs]
    if examples := said.get("examples"):
        parts.append("\n".join(["Examples:", *(f"  {one}" for one in examples)]))
    if commands := getattr(command, "commands", None):
        rows = [(name, _short(one.help, width - NAMES)) for name, one in commands.items()]
        parts.append(_section("Commands", rows, width))
    parts.append(_section("Arguments", map(_row, arguments), width))
    headings = dict.fromkeys(_heading(one) for one in options) if everything else [""]
    for heading in headings:
        rows = [_row(one) for one in options if heading in ("", _heading(one))]
        parts.append(_section(heading or HEADING, rows, width))
    return "\n\n".join(part for part in parts if part) + "\n"


def _short(text: str, width: int) -> str:
    """Return the first sentence of a help text, or as much of it as fits a line."""
    sentence = text.split("\n")[0].rstrip(".")
    return sentence if len(sentence) <= width else re.split(r"[:;,] ", sentence)[0]


def _is_usual(param: Any, usual: Iterable[str]) -> bool:
    return param.name in (*usual, "help") if usual else param.name not in RARE


def _heading(param: Any) -> str:
    return str(getattr(param, "rich_help_panel", None) or HEADING)


def _usage(command: Any, ctx: Any, arguments: list[Any]) -> str:
    words = [_argument(one) for one in arguments]
    words += ["COMMAND"] if hasattr(command, "commands") else []
    return " ".join([f"Usage: {ctx.command_path}", *words, "[OPTIONS]"])


def _argument(param: Any) -> str:
    name = str(param.metavar or param.name.upper()).strip("[].")
    shown = name if param.required else f"[{name}]"
    return shown + "..." * bool(param.nargs != 1)


def _section(title: str, rows: Iterable[tuple[str, str]], width: int) -> str:
    lines = [line for names, what in rows for line in _lines(names, what, width)]
    return "\n".join([f"{title}:", *lines]) if lines else ""


def _lines(names: str, what: str, width: int) -> Iterator[str]:
    """Yield an option's names and, beside or below them, what it does."""
    wrapped = textwrap.wrap(what, width - NAMES, break_on_hyphens=False)
    if len(names) > NAMES - 4:
        yield f"  {names}"
        names = ""
    for line in wrapped:
        yield f"  {names:<{NAMES - 2}}{line}"
        names = ""


def _row(param: Any) -> tuple[str, str]:
    if param.param_type_name == "argument":
        return _argument(param), _what(param)
    short = [name for name in param.opts if not name.startswith("--")]
    long = [name for name in param.opts if name.startswith("--")]
    if param.default is True and param.secondary_opts:
        long = param.secondary_opts
    names = ", ".join([*short[:1], *long[:1]])
    value = _value(param)
    return (f"{names} {value}" if value else names), _what(param)


def _value(param: Any) -> str:
    """Return the word for an option's value: N, X, TEXT, FILE, FOLDER, MODEL; none for a switch."""
    if param.name == "help" or param.is_flag:
        return ""
    annotation = param.type_descriptor.annotation
    kind = annotation.__args__[0] if get_origin(annotation) is list else annotation
    return str(param.metavar) if param.metavar else WORDS.get(kind, "TEXT")


def _what(param: Any) -> str:
    """Return what a parameter does, its choices and its default."""
    if param.name == "help":
        return "Show this help; --help-all shows every option"
    what = (param.help or "").strip().removesuffix(".")
    choices = [str(one) for one in param.type_descriptor.choices or ()]
    if choices and not all(one in what for one in choices):
        what += f": {', '.join(choices[:-1])} or {choices[-1]}"
    default = param.show_default if isinstance(param.show_default, str) else ""
    if param.show_default is True and param.default not in (None, False, True, "", ()):
        default = str(param.default)
    return what + f" ({default})" * bool(default)
