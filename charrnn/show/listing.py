"""The list of runs."""

import dataclasses
import textwrap
import time
from collections.abc import Sequence

from rich.console import Console

from charrnn.cells import CELLS
from charrnn.listing import Run
from charrnn.show.console import say
from charrnn.show.glyphs import safe
from charrnn.show.report import Report
from charrnn.show.units import count

INDENT = "    "  # of what is said of a run


def report(runs: Sequence[Run], folder: str) -> Report:
    """Return the view of the runs in a folder."""

    def show(console: Console) -> None:
        for run in runs:
            say(console, safe(f"{'*' if run.default else ' '} {run.folder}"))
            facts = safe(_in_words(run))
            width = console.width - len(INDENT) if console.is_terminal else len(facts) + 1
            for line in textwrap.wrap(facts, width):
                say(console, INDENT + line)
        if any(run.default for run in runs):
            say(console, "* the default where no model is named")
        if not runs:
            say(console, safe(f"no runs under {folder}/; charrnn train makes one"))

    rows = [dataclasses.asdict(run) for run in runs]
    if all(run.scored == "character" for run in runs):
        for row in rows:
            del row["scored"]
    return Report(show, {}, rows)


def _in_words(run: Run) -> str:
    if run.problem:
        return run.problem
    nats = "no validation"
    if run.validation_nats is not None:
        per = f" per {run.scored}" * (run.scored != "character")
        nats = f"{run.validation_nats:.3f} nats{per}"
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(run.written))
    size = f"{CELLS[run.cell].NAME} {run.layers}×{run.hidden}"
    parts = [size, run.corpus, nats, count(run.step, "step"), when]
    return " · ".join([*parts, *["can be resumed"] * run.stopped])
