"""A network in words, and everything that stands in its file."""

import math
import re
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from charrnn import runs
from charrnn.architecture import Architecture
from charrnn.checkpoint import Checkpoint
from charrnn.show.glyphs import marked, safe
from charrnn.show.report import Report
from charrnn.show.stdio import is_unicode
from charrnn.show.units import count, loss_of
from charrnn.text.symbols import Symbols
from charrnn.text.vocabulary import Vocabulary

FIRST_COLUMN = 12  # columns


def in_words(architecture: Architecture) -> str:
    """Describe a network: LSTM, 2 layers of 128, one-hot · 240,321 parameters."""
    name = architecture.cell.NAME
    ways = " both ways" if architecture.bidirectional else ""
    decoder = architecture.decoder
    written = f", and a decoder, attention {decoder.attention}" if decoder else ""
    ways += ", apart" * architecture.apart
    inputs = f"embedding of {architecture.embedding}" if architecture.embedding else "one-hot"
    return (
        f"{name}, {count(architecture.layers, 'layer')} of {architecture.hidden}{ways}, "
        f"{inputs}{written} · {architecture.parameters:,} parameters"
    )


def report(path: Path, checkpoint: Checkpoint) -> Report:
    """Return the view of what is in a checkpoint file; a written table has a row per tensor."""
    shape = checkpoint.architecture
    rows = [
        {"tensor": name, "shape": list(size), "parameters": math.prod(size)}
        for name, size in shape.shapes().items()
    ]
    data = {
        "format": checkpoint.format,
        "architecture": asdict(shape),
        "parameters": shape.parameters,
        "alphabet": list(checkpoint.vocabulary.characters),
        "heldout_characters": len(checkpoint.heldout),
        "provenance": checkpoint.provenance,
    }
    return Report(lambda console: show_checkpoint(console, path, checkpoint), data, rows)


def show_checkpoint(console: Console, path: Path, checkpoint: Checkpoint) -> None:
    """Print what is in a checkpoint file."""
    provenance = checkpoint.provenance
    size = path.stat().st_size
    for name, value in [
        ("checkpoint", f"{runs.describe(path)} · format {checkpoint.format} · {size:,} bytes"),
        ("model", in_words(checkpoint.architecture)),
        *_alphabets(checkpoint, is_unicode(console.encoding)),
        ("held-out", f"{len(checkpoint.heldout):,} characters of validation text"),
        ("losses", _losses(provenance, checkpoint.architecture.scored)),
        ("units", _units(provenance, checkpoint.architecture.neurons)),
        ("corpus", _corpus(provenance)),
        ("run", _run(provenance)),
        ("command", provenance.get("command") or "not recorded"),
    ]:
        show_field(console, name, value)
    console.print()
    console.print(_parts(checkpoint.architecture))


def show_field(console: Console, name: str, value: str) -> None:
    """Print a name in the first column and its value, wrapped on a terminal, in the second."""
    value = safe(value)
    if not console.is_terminal:
        console.print(f"{name:<{FIRST_COLUMN}}{value}", soft_wrap=True)
        return
    for line in Text(value).wrap(console, console.width - FIRST_COLUMN, overflow="fold"):
        console.print(Text.assemble((f"{name:<{FIRST_COLUMN}}", "bold"), line))
        name = ""


def _alphabets(checkpoint: Checkpoint, unicode: bool) -> list[tuple[str, str]]:
    """Return the alphabet of what is read and, where there is one, of the targets, with names."""
    targets = checkpoint.targets
    read = targets.source_symbols if targets else Symbols()
    found = [("alphabet", _alphabet(checkpoint.vocabulary, read, unicode))]
    if targets:
        found.append(("targets", _alphabet(targets.vocabulary, targets.symbols, unicode)))
    return found


def _alphabet(vocabulary: Vocabulary, symbols: Symbols, unicode: bool) -> str:
    noun = "byte" if vocabulary.kind == "bytes" else "symbol" if symbols.names else "character"
    characters = vocabulary.characters_of(range(len(vocabulary.characters)))
    shown = " ".join(
        "".join(marked(one, unicode) for one in name) for name in symbols.listed(characters)
    )
    unknown = ", and one id for all others" if vocabulary.unknown else ""
    return f"{count(len(vocabulary.characters), noun)}{unknown}: {shown}"


def _losses(provenance: dict[str, Any], scored: str) -> str:
    shown = [
        f"{part} {loss_of(provenance[f'{part}_nats'], scored)}"
        for part in ("validation", "training")
        if isinstance(provenance.get(f"{part}_nats"), float)
        and math.isfinite(provenance[f"{part}_nats"])
    ]
    return " · ".join(shown) or "not recorded"


def _units(provenance: dict[str, Any], neurons: int) -> str:
    """Say how many units are dead, where the checkpoint records it."""
    dead = provenance.get("dead_units")
    counted = f"{dead:,} of them dead" if isinstance(dead, int) else "dead ones not recorded"
    return f"{neurons:,}, {counted}"


def _corpus(provenance: dict[str, Any]) -> str:
    known = provenance.get
    return f"{known('corpus')} · {known('characters', 0):,} characters · sha256 {known('sha256')}"


def _run(provenance: dict[str, Any]) -> str:
    known = provenance.get
    return f"step {known('steps', 0):,} · seed {known('seed')} · charrnn {known('charrnn')}"


def _parts(architecture: Architecture) -> Table:
    """Return a row per part of the network, with the shapes of its tensors."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("part")
    table.add_column("shapes")
    table.add_column("parameters", justify="right")
    for name, tensors in groupby(architecture.shapes().items(), key=lambda one: _part(one[0])):
        shapes = [shape for _, shape in tensors]
        numbers = sum(map(math.prod, shapes))
        table.add_row(name, ", ".join(map(_shape, shapes)), f"{numbers:,}")
    table.add_row("total", "", f"{architecture.parameters:,}")
    return table


def _part(tensor: str) -> str:
    """Return the part of a network that a tensor belongs to."""
    if layer := re.fullmatch(r"rnn\..*_l(\d+)(_reverse)?", tensor):
        return f"layer {int(layer[1]) + 1}" + ", backwards" * bool(layer[2])
    return tensor.partition(".")[0]


def _shape(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))
