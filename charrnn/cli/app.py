"""The command `charrnn`: its three subcommands, and what happens when one fails."""

import signal
import sys
from typing import Annotated, NoReturn

import typer

import charrnn
from charrnn.cli.help import SETTINGS, Command, Group, helped
from charrnn.cli.inspect import inspect
from charrnn.cli.mistyped import said_better
from charrnn.cli.sample import sample
from charrnn.cli.train import train
from charrnn.errors import CharrnnError
from charrnn.show import stdio
from charrnn.show.glyphs import safe
from charrnn.torchrun import rank

INTERRUPTED = 128 + signal.SIGINT

app = typer.Typer(cls=Group, context_settings=SETTINGS, pretty_exceptions_enable=False)
for each in (train, sample):
    app.command(cls=Command, context_settings=SETTINGS)(each)
app.add_typer(inspect, name="inspect")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"charrnn {charrnn.__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
@helped(
    "charrnn train book.txt",
    "charrnn sample --temp 0.8",
    "charrnn inspect neuron 42 -m demo",
)
def options(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("-V", "--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show a traceback when something fails.")
    ] = False,
) -> None:
    """Train a character-level recurrent network, write with it, see what its neurons do."""
    if context.invoked_subcommand is None:
        print(context.get_help())


def main() -> NoReturn:
    """Run the command line; one line says what went wrong, and the exit code says how."""
    stdio.prepare()
    try:
        code = app(prog_name="charrnn", standalone_mode=False)
        sys.stdout.flush()
    except KeyboardInterrupt:
        if sys.stderr.isatty():
            print(file=sys.stderr)  # after the terminal's ^C
        code = INTERRUPTED
    except Exception as error:
        if "--debug" in sys.argv[1:2]:
            raise
        code = _explain(error)
    sys.exit(code)


def _explain(error: Exception) -> int:
    """Print an error as one line and, indented, what to do next; return the exit code."""
    command = _command(sys.argv[1:])
    code, hint = 1, ""
    if isinstance(error, CharrnnError):
        message, hint, code = error.message, error.hint, error.exit_code
    elif isinstance(error, typer.TyperException):
        message, hint = said_better(error, command)
        code = error.exit_code
    elif isinstance(error, OSError) and error.strerror:
        message = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    elif isinstance(error, MemoryError):
        message = f"this needs more memory than there is: {error}"
    else:
        message = f"internal error: {type(error).__name__}: {error}"
        hint = "charrnn --debug … shows where; please report it"
    if isinstance(error, CharrnnError) and _is_not_first():
        return code
    if not message:  # `charrnn` alone has shown its help and has nothing to add
        return code
    print(f"{command}: {safe(' '.join(message.split()))}", file=sys.stderr)
    if hint:
        print(f"  {safe(hint)}", file=sys.stderr)
    return code


def _is_not_first() -> bool:
    """Return whether this is one of torchrun's processes whose errors the first one says, too."""
    try:
        return rank() > 0
    except CharrnnError:
        return False


def _command(arguments: list[str]) -> str:
    """Return the words that name the command: charrnn inspect neuron."""
    words = ["charrnn"]
    commands = getattr(typer.main.get_command(app), "commands", {})
    for argument in arguments:
        if argument not in commands:
            break
        words.append(argument)
        commands = getattr(commands[argument], "commands", {})
    return " ".join(words)
