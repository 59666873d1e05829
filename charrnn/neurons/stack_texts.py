"""The encoder or decoder of a model that writes a text for a text, with the texts that it reads."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from charrnn.checkpoint import Checkpoint
from charrnn.errors import CorpusError, UsageError
from charrnn.reading import Opened, Text, held_out
from charrnn.sampling.answering import Answering, How
from charrnn.sampling.beam import answers
from charrnn.stacks import STACKS, Pair, Stack
from charrnn.text import corpus, pairs, readers
from charrnn.text.vocabulary import Unknown


def named(words: Sequence[str], stack: str = "") -> str:
    """Return the part whose units are typed, as in `decoder:1:7`, or `stack`, or the encoder.

    Raises UsageError where these are several.
    """
    prefixes = [part.partition(":")[0] for word in words for part in word.split(",")]
    found = dict.fromkeys(one for one in prefixes if one in STACKS)
    if len(found) > 1:
        raise UsageError("units of the encoder and of the decoder read different texts")
    typed = next(iter(found), stack or STACKS[0])
    if stack not in ("", typed):
        raise UsageError(f"stack {stack}, but units of the {typed} were named")
    return typed


def of(
    opened: Opened, stack: str, text: str | Path | None, unknown: Unknown = "error"
) -> tuple[Opened, Text]:
    """Return a part of a model, and what it reads: of a string, a file, or the held-out pairs.

    Raises UsageError for a model that has no such part.
    """
    if stack not in STACKS or not opened.checkpoint.targets:
        raise UsageError(
            f"stack {stack!r}: it is for models that write a text for a text",
            "encoder and decoder are their parts",
        )
    if text is None:
        return of_held_out(opened, stack)
    if isinstance(text, str):
        return of_texts(opened, stack, text.splitlines(), "text", unknown)
    return of_file(opened, stack, text, unknown=unknown)


def expect_characters(model: Checkpoint, stack: str) -> None:
    """Raise UsageError where a part of a model reads symbols that are more than characters."""
    assert model.targets
    read = model.targets.source_symbols if stack == "encoder" else model.targets.symbols
    if read.names:
        raise UsageError(
            f"this {stack} reads symbols of several characters, and the view is of characters",
            "charrnn inspect gates and ablate look at its units",
        )


def of_held_out(opened: Opened, stack: str) -> tuple[Opened, Text]:
    """Return a part of a model, and what it reads of the held-out pairs. Raises UsageError."""
    made = _stack(opened.checkpoint, stack, _held_out(opened.checkpoint))
    return opened._replace(checkpoint=made), held_out(made)


def of_texts(
    opened: Opened, stack: str, texts: Sequence[str], name: str, unknown: Unknown = "error"
) -> tuple[Opened, Text]:
    """Return a part of a model, and what it reads of some sources and of its greedy answers."""
    model = opened.checkpoint
    answering = Answering(model, How(unknown=unknown))
    sources = [answering.encoded(text) for text in texts if text]
    if not sources:
        raise CorpusError(f"{name} is empty; there is nothing to read")
    lengths = [answering.longest(source) for source in sources]
    found = answers(answering.network, sources, 1, lengths, answering.never)
    end = answering.network.end
    read = [
        Pair(source, np.array([end, *best[0].ids, end]))
        for source, best in zip(sources, found, strict=True)
    ]
    return _read(opened, stack, read, name, written=True)


def of_file(
    opened: Opened,
    stack: str,
    file: Path,
    encoding: str = "utf-8",
    unknown: Unknown = "error",
) -> tuple[Opened, Text]:
    """Return a part of a model, and what it reads of a table of pairs, or of a source a line."""
    if not readers.by_name(str(file)):
        text = corpus.read([str(file)], encoding=encoding).text
        return of_texts(opened, stack, text.splitlines(), str(file), unknown)
    sources, targets, *_ = pairs.read([str(file)], encoding=encoding).columns
    answering, mark = (
        Answering(opened.checkpoint, How(unknown=unknown)),
        opened.checkpoint.record_end,
    )
    read = []
    for source, target in zip(sources, targets, strict=True):
        spelled = mark + answering.targets.symbols.spelled(target) + mark
        written = answering.written.vocabulary.encode(spelled, unknown)
        read.append(Pair(answering.encoded(source), written))
    return _read(opened, stack, read, str(file), written=False)


def _read(
    opened: Opened, stack: str, read: Sequence[Pair], name: str, written: bool
) -> tuple[Opened, Text]:
    """Return a part of a model, and what it reads of some pairs beside the held-out ones."""
    before = _held_out(opened.checkpoint)
    made = _stack(opened.checkpoint, stack, before)
    made = replace(made, pairs=(*before, *read), written=written)
    ids = made.read_ids(len(before), len(made.pairs))
    text = Text(ids, made.vocabulary.characters_of(ids), name)
    return opened._replace(checkpoint=made), text._replace(
        labels=np.arange(len(before), len(made.pairs), dtype=np.uint32)
    )


def _held_out(model: Checkpoint) -> list[Pair]:
    """Return the pairs that a model's file holds, as ids."""
    if not len(model.heldout):
        return []
    assert model.targets
    marks = np.flatnonzero(model.heldout == model.heldout[0])
    stored = model.targets.stored
    ends = np.flatnonzero(stored == stored[0])[1::2] + 1  # each target stands between two marks
    sources, targets = np.split(model.heldout, marks[1:]), np.split(stored, ends[:-1])
    return [Pair(*both) for both in zip(sources, targets, strict=True)]


def _stack(model: Checkpoint, stack: str, read: Sequence[Pair]) -> Stack:
    """Return a part of a model that holds some pairs."""
    shape, targets = model.architecture, model.targets
    assert shape.decoder
    assert targets
    is_encoder = stack == "encoder"
    made = Stack(
        **vars(model)
        | {
            "architecture": shape if is_encoder else shape.decoder,
            "vocabulary": model.vocabulary if is_encoder else targets.vocabulary,
            "heldout_labels": np.arange(len(read), dtype=np.uint32),
        },
        whole=shape,
        pairs=tuple(read),
    )
    return replace(made, heldout=made.read_ids(0, len(read))) if read else made
