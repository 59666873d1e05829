"""Write what the program prints into the pages that show it.

    python -m tests.documents [PAGE...]

A block marked `console` whose first line is `$ charrnn …` holds a command and its stdout. Each
is run in an empty folder, 80 columns wide, and its output replaced; help.md gets the help of every
command. A comment above a block changes that: `<!-- slow: why -->` is written but left out of the
tests, `<!-- by hand: why -->` is left alone.
"""

import contextlib
import functools
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import typer

from charrnn.cli.app import app
from tests import processes

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
HELP = ROOT / "charrnn" / "docs" / "help.md"
PAGES = [README, *sorted(HELP.parent.glob("*.md")), ROOT / ".github" / "CONTRIBUTING.md"]
BLOCK = re.compile(
    r"^(?:<!-- (slow|by hand): [^\n]+ -->\n)?```console\n\$ (charrnn[^\n]*)\n(.*?)^```$",
    re.M | re.S,
)
UNSET = ("CHARRNN_", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "COLORFGBG", "TERM")


@dataclass(frozen=True)
class Block:
    """A command on a page, and what the page says that it prints. mark: "", slow or by hand."""

    mark: str
    command: str
    shown: str


def blocks(page: str) -> list[Block]:
    """Return the blocks of a page's text."""
    return [Block(*found) for found in BLOCK.findall(page)]


@functools.cache
def printed(command: str) -> str:
    """Run a command as a newcomer would, and return its stdout, trimmed at line ends."""
    with tempfile.TemporaryDirectory() as folder:
        plain = {name: value for name, value in os.environ.items() if not name.startswith(UNSET)}
        _, *arguments = shlex.split(command)
        done = processes.run(*arguments, cwd=folder, env=plain | {"XDG_STATE_HOME": folder})
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stderr.strip()}")
    return "\n".join(line.rstrip() for line in done.stdout.split("\n")).strip("\n") + "\n"


def updated(page: str, failures: list[str]) -> str:
    """Return a page's text with the program's own output in its blocks.

    A block whose command fails stays as it is, and the reason is appended to failures.
    """

    def filled(found: re.Match[str]) -> str:
        mark, command, shown = found.groups()
        if mark == "by hand":
            return found[0]
        try:
            return found[0].removesuffix(f"{shown}```") + f"{printed(command)}```"
        except RuntimeError as error:
            failures.append(str(error))
            return found[0]

    return BLOCK.sub(filled, page)


def helps() -> Iterator[str]:
    """Yield the commands that show a help text: --help, and --help-all where that shows more."""
    waiting = [("charrnn", typer.main.get_command(app))]
    while waiting:
        name, command = waiting.pop(0)
        yield f"{name} --help"
        with contextlib.suppress(RuntimeError):
            if printed(f"{name} --help-all") != printed(f"{name} --help"):
                yield f"{name} --help-all"
        below = getattr(command, "commands", {})
        waiting = [*((f"{name} {word}", one) for word, one in below.items()), *waiting]


def help_page(page: str) -> str:
    """Return help.md: its introduction, then a block for each help text, still empty."""
    introduction = page.partition("\n## charrnn --help\n")[0]
    parts = [f"\n## {command}\n\n```console\n$ {command}\n```\n" for command in helps()]
    return introduction + "".join(parts)


def main() -> None:
    """Bring the named pages, or all, up to date."""
    failures: list[str] = []
    for path in map(Path, sys.argv[1:] or PAGES):
        page = path.read_text(encoding="utf-8")
        page = help_page(page) if path.name == HELP.name else page
        path.write_text(updated(page, failures), encoding="utf-8")
    sys.exit("\n".join(failures) or 0)


if __name__ == "__main__":
    main()
