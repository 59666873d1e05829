"""The file in which learning and running meet: one model, whole, in safetensors.

Its tensors are the weights under torch.nn's names and `heldout`, validation text as ids.
Its one metadata entry, `charrnn`, is JSON: format, architecture, alphabet, provenance.
"""

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from charrnn.architecture import Architecture
from charrnn.cells import BACKBONES, RESET_GATES
from charrnn.errors import CheckpointError, UsageError
from charrnn.network import Network
from charrnn.text.vocabulary import Ids, Vocabulary

FORMAT = 1
HELDOUT = "heldout"
HELDOUT_CHARACTERS = 65_536

Weights = Mapping[str, npt.NDArray[np.generic]]


@dataclass(frozen=True)
class Checkpoint:
    """A model and where it came from.

    heldout (C,): ids of validation text, C ≤ 65,536; empty when left out.
    provenance: corpus and its sha256, seed, steps, losses, charrnn's version, command.
    record_end: the character that begins and ends each text that the model has learned; empty
    where it has learned one long text.
    """

    architecture: Architecture
    vocabulary: Vocabulary
    weights: Weights
    provenance: dict[str, Any] = field(default_factory=dict)
    heldout: Ids = field(default_factory=lambda: np.zeros(0, np.uint8))
    record_end: str = ""

    def network(self, dtype: npt.DTypeLike = np.float32, int8: bool = False) -> Network:
        """Return the network, ready to run. int8: see `Network`."""
        return Network(self.architecture, self.weights, self.vocabulary, dtype, int8)


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint whole or not at all: to a temporary file, synced, then renamed."""
    from safetensors.numpy import save_file

    header = {
        "format": FORMAT,
        "architecture": asdict(checkpoint.architecture),
        "alphabet": asdict(checkpoint.vocabulary),
        "record_end": checkpoint.record_end,
        "provenance": checkpoint.provenance,
    }
    tensors = {name: np.ascontiguousarray(value) for name, value in checkpoint.weights.items()}
    if len(checkpoint.heldout):
        tensors[HELDOUT] = checkpoint.heldout[:HELDOUT_CHARACTERS].copy()
    with replacing(path) as temporary:
        save_file(tensors, temporary, {"charrnn": json.dumps(header)})


def write_whole(path: Path, data: bytes) -> None:
    """Replace a file by new bytes such that a crash leaves the old file or the new one."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


@contextlib.contextmanager
def making(path: Path) -> Iterator[Path]:
    """Give a file to write that appears at a path once it is whole, where there is no file yet.

    A device or a pipe, which is no file that anybody could lose, is written directly. Raises
    UsageError for a path that is taken, before anything is written.
    """
    if path.is_file() or path.is_dir():
        what = "a folder" if path.is_dir() else "there already"
        raise UsageError(f"{path} is {what}", "name another file, or remove it first")
    if path.exists():
        yield path
    else:
        with replacing(path.resolve()) as temporary:
            yield temporary


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give another file to write, which takes the place of this one once it is whole and synced."""
    from safetensors import SafetensorError

    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except (OSError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or error
        hint = "the file that was there before is still whole" if path.exists() else ""
        raise CheckpointError(f"{path} cannot be written: {reason}", hint) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def load(path: Path) -> Checkpoint:
    """Read and check a checkpoint file. Raises CheckpointError, which says what is wrong."""
    metadata, tensors = _open(path)
    if "charrnn" not in metadata:
        raise CheckpointError(f"{path} is a safetensors file, but no charrnn checkpoint")
    try:
        header = json.loads(metadata["charrnn"])
        version = header["format"]
        if version > FORMAT:
            raise CheckpointError(
                f"{path} has format {version}, newer than the {FORMAT} that this charrnn reads",
                "upgrade charrnn",
            )
        if header["architecture"]["backbone"] not in BACKBONES:
            raise CheckpointError(
                f"{path} has the backbone {header['architecture']['backbone']!r}, "
                f"which this charrnn does not know"
            )
        architecture = Architecture(**header["architecture"])
        vocabulary = Vocabulary(**header["alphabet"])
        provenance = dict(header["provenance"])
        record_end = str(header.get("record_end", ""))
        if record_end and record_end not in vocabulary.characters:
            raise ValueError(f"records end in {record_end!r}, which the alphabet lacks")
        _check_header(architecture, vocabulary)
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{path} has a header that does not hold together: {error}"
        ) from error
    heldout = tensors.pop(HELDOUT, np.zeros(0, np.uint8))
    _check(path, architecture, vocabulary, tensors, heldout)
    return Checkpoint(architecture, vocabulary, tensors, provenance, heldout, record_end)


def _open(path: Path) -> tuple[dict[str, str], dict[str, npt.NDArray[Any]]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            names = file.keys()
            return file.metadata() or {}, {name: file.get_tensor(name) for name in names}
    except FileNotFoundError:
        raise CheckpointError(f"{path}: there is no such file") from None
    except OSError as error:
        raise CheckpointError(f"{path}: {error.strerror or error}") from error
    except SafetensorError as error:
        with path.open("rb") as opened:
            start = opened.read(9)
        # Eight bytes of length, then JSON: what begins so but cannot be read has lost its end.
        short = len(start) < 9 or start[8:] == b"{"
        what = "was cut short or damaged" if short else "is no checkpoint"
        raise CheckpointError(f"{path} {what} ({error})") from error


def _check_header(architecture: Architecture, vocabulary: Vocabulary) -> None:
    """Raise ValueError for what no training could have written."""
    if architecture.reset_gate not in RESET_GATES:
        raise ValueError(f"reset_gate is {architecture.reset_gate!r}")
    for name in ("tied", "residual", "all_layers", "learned_start"):
        if type(getattr(architecture, name)) is not bool:
            raise ValueError(f"{name} is {getattr(architecture, name)!r}")
    for name in ("layers", "hidden", "vocabulary", "embedding"):
        size = getattr(architecture, name)
        if type(size) is not int or size < (name != "embedding"):
            raise ValueError(f"{name} is {size!r}")
    if architecture.tied and architecture.embedding != architecture.outputs:
        raise ValueError("tied, but the embedding and the softmax differ in size")
    if "".join(sorted(set(vocabulary.characters))) != vocabulary.characters:
        raise ValueError("the alphabet is not in the order of its code points")


def _check(
    path: Path,
    architecture: Architecture,
    vocabulary: Vocabulary,
    tensors: Weights,
    heldout: Ids,
) -> None:
    """Compare the tensors with what the architecture declares."""
    if architecture.vocabulary != len(vocabulary):
        raise CheckpointError(
            f"{path}: the model has {architecture.vocabulary} characters, "
            f"its alphabet {len(vocabulary)}"
        )
    for name, shape in architecture.shapes().items():
        if name not in tensors:
            raise CheckpointError(f"{path}: tensor {name} is missing")
        if tensors[name].shape != shape:
            raise CheckpointError(
                f"{path}: tensor {name} has shape {tensors[name].shape} instead of {shape}"
            )
        if tensors[name].dtype.kind != "f" or not np.isfinite(tensors[name]).all():
            raise CheckpointError(f"{path}: tensor {name} holds something that is no number")
    if heldout.ndim != 1 or heldout.dtype.kind != "u":
        raise CheckpointError(f"{path}: the held-out text is not a row of ids")
    if len(heldout) and heldout.max() >= len(vocabulary):
        raise CheckpointError(f"{path}: the held-out text has ids outside the alphabet")
