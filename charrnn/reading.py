"""What is inspected: a model, as it was found, and the text that it reads."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from charrnn import checkpoint, runs
from charrnn.checkpoint import Checkpoint
from charrnn.errors import CharrnnError, CorpusError, UsageError
from charrnn.text import corpus, labelled, pairs, readers, tagged
from charrnn.text.corpus import Corpus
from charrnn.text.symbols import Symbols
from charrnn.text.tagged import Row
from charrnn.text.vocabulary import Ids, Unknown

STDIN = Path("-")
GIVES_ONE = "-t FILE or --prompt TEXT gives one"


class Opened(NamedTuple):
    """A model as it was found: its file, the checkpoint, and its name with the step.

    default: whether nobody named it.
    """

    path: Path
    checkpoint: Checkpoint
    name: str
    default: bool = False

    @property
    def as_json(self) -> dict[str, Any]:
        """What identifies the model in JSON."""
        made = self.checkpoint.provenance
        return {
            "path": str(self.path),
            "step": made.get("steps", 0),
            "validation_nats": made.get("validation_nats"),
        }


class Text(NamedTuple):
    """The text that is read: ids of the model's alphabet, the characters, and what to call it.

    labels (R,): of the texts in it, one after another, where a model has labels and they are known;
    as places among the model's. Where it labels characters, (C,): theirs. Where it writes texts for
    labels and was not given one, ids are those of characters and labels, see
    `charrnn.network.Network`.
    """

    ids: Ids
    characters: str
    name: str
    labels: Ids = np.zeros(0, np.uint16)

    @property
    def described(self) -> str:
        """Its name and length."""
        return f"{self.name}, {len(self.ids):,} characters"


def opened(model: Path | None) -> Opened:
    """Return a model, by default the most recent run's. Raises CheckpointError."""
    path = runs.find(model)
    loaded = checkpoint.load(path)
    name = f"{runs.describe(path)}, step {loaded.provenance.get('steps', 0):,}"
    return Opened(path, loaded, name, default=model is None)


def held_out(loaded: Checkpoint, hint: str = GIVES_ONE) -> Text:
    """Return the model's held-out text. Raises UsageError where its file holds none."""
    if not len(loaded.heldout):
        raise UsageError("this checkpoint holds no validation text", hint)
    return _with_labels(
        loaded, _text(loaded, loaded.heldout, "held-out text"), loaded.heldout_labels
    )


def of_prompt(loaded: Checkpoint, prompt: str, unknown: Unknown = "error") -> Text:
    """Return a prompt, the beginning of one text. Raises UsageError for an empty one."""
    if not prompt:
        raise UsageError("the prompt is empty; there is nothing to read")
    _expect_label(loaded)
    if loaded.targets:
        return _texts(loaded, [prompt], "prompt", unknown)
    if loaded.architecture.aligned:
        rows = tagged.of_lines([prompt], loaded.tag)
        return _tagged(loaded, [row._replace(tags=()) for row in rows], "prompt")
    ids = loaded.vocabulary.encode(loaded.record_end + prompt, unknown)
    return _text(loaded, ids, "prompt")


def of_string(loaded: Checkpoint, text: str, unknown: Unknown = "error") -> Text:
    """Return a text as if it stood in a file. Raises CorpusError for an empty one."""
    if not text:
        raise CorpusError("the text is empty; there is nothing to read")
    if loaded.vocabulary.kind == "bytes":
        text = text.encode("utf-8", "surrogateescape").decode("latin-1")
    _expect_label(loaded)
    if loaded.architecture.aligned:
        return _tagged(loaded, tagged.of_lines(text.splitlines(), loaded.tag), "text")
    if loaded.labels or loaded.targets:
        return _texts(loaded, text.splitlines(), "text", unknown)
    whole = loaded.as_learned(Corpus("text", text, ""))
    return _text(loaded, loaded.vocabulary.encode_characters(whole, unknown), "text")


def of_file(
    loaded: Checkpoint, file: Path, encoding: str = "utf-8", unknown: Unknown = "error"
) -> Text:
    """Return the text of a file, STDIN among them. Raises CorpusError, which names it.

    A model with labels reads a text a line, and a table or a folder with its labels; one
    that labels characters takes their tags from a table, or makes them of the text.
    """
    table = file.is_dir() or bool(readers.by_name(str(file)))
    called = "stdin" if file == STDIN else str(file)
    named = "-" if file == STDIN else str(file.absolute())
    if loaded.architecture.aligned and (loaded.tag or table):
        found = tagged.read([named], loaded.tag or tagged.COLUMNS, encoding=encoding)
        return _tagged(loaded, found.rows, called)
    if loaded.targets and table:
        return _texts(loaded, pairs.read([named], encoding=encoding).columns[0], called, unknown)
    if loaded.labels and table and not loaded.architecture.aligned:
        return _labelled(loaded, file, encoding, unknown)
    _expect_label(loaded)
    read = corpus.read([named], encoding=encoding, as_bytes=loaded.vocabulary.kind == "bytes")
    if not read.text:
        raise CorpusError(f"{called} is empty; there is nothing to read")
    if loaded.architecture.aligned:
        return _tagged(loaded, tagged.of_lines(read.text.splitlines(), ""), called)
    if loaded.labels or loaded.targets:
        return _texts(loaded, read.text.splitlines(), called, unknown)
    try:
        ids = loaded.vocabulary.encode_characters(loaded.as_learned(read), unknown)
    except CharrnnError as error:
        raise type(error)(f"{called}: {error.message}", error.hint) from error
    return _text(loaded, ids, called)


def predictable(text: Text) -> Text:
    """Return a text of which something is predicted. Raises UsageError for a shorter one."""
    if len(text.ids) < 2:
        raise UsageError(f"{text.name} is too short: the first character is not predicted")
    return text


def _labelled(loaded: Checkpoint, file: Path, encoding: str, unknown: Unknown) -> Text:
    """Return the texts of a table or a folder, with their labels. Raises CorpusError."""
    rows = labelled.read([str(file)], encoding=encoding, labels=loaded.labels)
    read = _texts(loaded, rows.texts, str(file), unknown)
    return _with_labels(loaded, read, rows.numbers.astype(np.uint16))


def _with_labels(loaded: Checkpoint, text: Text, labels: Ids) -> Text:
    """Return texts with the label of each (R,)."""
    return text._replace(labels=labels, ids=of_pairs(loaded, text.ids, labels))


def of_pairs(loaded: Checkpoint, ids: Ids, labels: Ids) -> Ids:
    """Return what a model reads for texts (C,) with labels (R,): ids, or those of pairs.

    See `charrnn.network.Network`: it reads pairs where it writes texts for labels, with none given.
    """
    if not loaded.needs_label or not len(labels):
        return ids
    end = loaded.vocabulary.encode(loaded.record_end)[0]
    begun = (
        np.cumsum(ids == end).astype(np.intp) - 1
    )  # texts before this one; the last mark ends it
    numbers = labels[np.clip(begun, 0, len(labels) - 1)].astype(np.uint32)
    return numbers * np.uint32(len(loaded.vocabulary)) + ids


def _expect_label(loaded: Checkpoint) -> None:
    """Raise UsageError where a text has no label, but the model reads it for one."""
    if loaded.needs_label:
        raise UsageError(
            "this model reads a text for a label, and this one has none",
            f"--label names it, such as --label {loaded.labels[0]}; a table has a label a text",
        )


def _texts(loaded: Checkpoint, texts: Sequence[str], name: str, unknown: Unknown) -> Text:
    """Return texts one after another, each after the mark of its beginning.

    A model that writes such texts reads their ends, too.
    """
    symbols = loaded.targets.source_symbols if loaded.targets else Symbols()
    texts = [symbols.spelled(text) for text in texts if text]
    whole = "".join(loaded.record_end + text for text in texts)
    whole += loaded.record_end * bool(loaded.architecture.labels)
    read = _text(loaded, loaded.vocabulary.encode(whole, unknown), name)
    return read._replace(characters=whole) if len(whole) == len(read.ids) else read


def _tagged(loaded: Checkpoint, rows: Sequence[Row], name: str) -> Text:
    """Return texts one after another, with the tags of their characters where they have some."""
    mark = loaded.record_end
    rows = [row for row in rows if row.text]
    if not rows:
        raise CorpusError(f"{name} is empty; there is nothing to read")
    texts = tagged.encoded(rows, loaded.vocabulary, loaded.labels, mark)
    known = any(row.tags for row in rows)
    labels = texts.stored_labels if known else np.zeros(0, np.uint16)
    return Text(texts.ids, "".join(mark + row.text for row in rows), name, labels)


def _text(loaded: Checkpoint, ids: Ids, name: str) -> Text:
    return Text(ids, loaded.vocabulary.characters_of(ids), name)
