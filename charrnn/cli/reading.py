"""The model and the text that a view is of."""

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from charrnn.errors import UsageError

if TYPE_CHECKING:
    from charrnn.checkpoint import Checkpoint
    from charrnn.text.vocabulary import Ids, Unknown


def opened(checkpoint: Path | None) -> tuple["Checkpoint", str]:
    """Return a checkpoint and its name, with the step that it is of."""
    from charrnn import checkpoint as checkpoints
    from charrnn import runs

    path = runs.find(checkpoint)
    loaded = checkpoints.load(path)
    return loaded, f"{runs.describe(path)}, step {loaded.provenance.get('steps', 0):,}"


def naming(checkpoint: Path | None) -> str:
    """Return the option by which a printed command finds the same model; none for the usual one."""
    return f" --checkpoint {quote(str(checkpoint))}" if checkpoint else ""


def text_of(
    loaded: "Checkpoint",
    file: Path | None,
    encoding: str,
    prompt: str | None,
    unknown: "Unknown",
) -> tuple["Ids", str]:
    """Return the ids to read and what to call them."""
    if file is not None and prompt is not None:
        raise UsageError("--text and --prompt were given; one of them is enough")
    if prompt is not None:
        if not prompt:
            raise UsageError("the prompt is empty; there is nothing to read")
        return loaded.vocabulary.encode(loaded.record_end + prompt, unknown), "prompt"
    if file is not None and (file.suffix == ".safetensors" or (file / "best.safetensors").exists()):
        raise UsageError(f"{file} is a model, not a text", f"--checkpoint {file} reads with it")
    if file is not None:
        from charrnn.text import corpus

        as_bytes = loaded.vocabulary.kind == "bytes"
        read = corpus.read([str(file.absolute())], encoding=encoding, as_bytes=as_bytes)
        return loaded.vocabulary.encode_characters(loaded.as_learned(read), unknown), str(file)
    if not len(loaded.heldout):
        raise UsageError(
            "this checkpoint holds no validation text", "--text FILE or --prompt TEXT gives one"
        )
    return loaded.heldout, "held-out text"
