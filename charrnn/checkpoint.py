"""The file in which learning and running meet: one model, whole, in safetensors.

Its tensors are the weights under torch.nn's names and `heldout`, validation text as ids.
Its one metadata entry, `charrnn`, is JSON: format, architecture, alphabet, provenance.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from charrnn.architecture import Architecture
from charrnn.cells import backbones
from charrnn.errors import CheckpointError, UsageError
from charrnn.files import replacing
from charrnn.header import check_decoder, check_header
from charrnn.mixtures import mixture
from charrnn.network import Network
from charrnn.seq2seq import Seq2Seq
from charrnn.settings.tags import MADE
from charrnn.settings.tasks import DEFAULT, TASKS
from charrnn.text import records
from charrnn.text.batches import NO_TAG
from charrnn.text.corpus import Corpus
from charrnn.text.targets import Targets
from charrnn.text.vocabulary import Ids, Vocabulary

FORMAT = max(one.format for one in TASKS.values())  # the newest that is read
HELDOUT = "heldout"
HELDOUT_LABELS = "heldout_labels"
HELDOUT_TARGETS = "heldout_targets"
NO_NETWORK = "this view is not made for a model that writes a text for a text"
DTYPES = ("F32", "F16", "F64", "BF16", "U8", "U16", "U32")  # of weights, and of ids
LARGEST = 1e10  # a weight; beyond it products overflow

Weights = Mapping[str, npt.NDArray[np.generic]]


@dataclass(frozen=True)
class Checkpoint:
    """A model and where it came from.

    heldout (C,): ids of validation text, from several places; empty when left out.
    provenance: corpus and its sha256, seed, steps, losses, charrnn's version, command.
    records: how the texts that the model has learned are cut apart, see `charrnn.text.records`;
    empty where it has learned one long text. record_end: the character that begins and ends each.
    task: what it has learned. labels: in the order of its logits, where it labels texts or
    characters, or of their vectors, where it writes texts for them; heldout_labels: of the held-out
    ones, as places among them. label_counts: how many of the texts it learned have each. mixture:
    the weights of the labels for which it is to read and write, see `given`; none in the file. tag:
    how the tags of characters are made of a text, see `charrnn.text.tags`. targets: of the texts
    that it writes for others.
    """

    architecture: Architecture
    vocabulary: Vocabulary
    weights: Weights
    provenance: dict[str, Any] = field(default_factory=dict)
    heldout: Ids = field(default_factory=lambda: np.zeros(0, np.uint8))
    records: str = ""
    record_end: str = ""
    task: str = DEFAULT
    labels: tuple[str, ...] = ()
    heldout_labels: Ids = field(default_factory=lambda: np.zeros(0, np.uint16))
    label_counts: tuple[int, ...] = ()
    mixture: tuple[float, ...] = ()
    tag: str = ""
    targets: Targets | None = None

    @property
    def format(self) -> int:
        """The version of its file's format."""
        return TASKS[self.task].format

    def as_learned(self, corpus: Corpus) -> str:
        """Return a text as the model has learned its own: with the marks of records' ends."""
        if not self.record_end:
            return corpus.text
        return records.join(corpus.records(self.records), self.record_end)

    def network(self, dtype: npt.DTypeLike = np.float32, int8: bool = False) -> Network:
        """Return the network, ready to run. int8: see `Network`.

        Raises UsageError for a model with a decoder, whose network `seq2seq` returns.
        """
        if self.architecture.decoder:
            raise UsageError(NO_NETWORK, "charrnn sample, inspect score or inspect attention")
        shape, end = self.architecture, self.record_end
        made = Network(shape, self.weights, self.vocabulary, dtype, int8, end)
        return made.mixed(self.mixture) if self.mixture else made

    def seq2seq(self, dtype: npt.DTypeLike = np.float32) -> Seq2Seq:
        """Return the network that writes a text for a text. Raises UsageError where it is none."""
        if not self.targets:
            raise UsageError(
                "this model writes no text for a text",
                "charrnn train pairs.tsv --task seq2seq makes one that does",
            )
        end = int(self.targets.vocabulary.encode(self.record_end)[0])
        return Seq2Seq(self.architecture, self.weights, end, dtype)

    @property
    def learned(self) -> Architecture:
        """The shape of all weights."""
        return self.architecture

    @property
    def stack(self) -> str:
        """Which part of a model it is, see `charrnn.stacks`; empty for a model."""
        return ""

    @property
    def needs_label(self) -> bool:
        """Whether it writes texts for labels, and was not given one."""
        return bool(self.architecture.labels) and not self.mixture

    @property
    def label_shares(self) -> npt.NDArray[np.float64]:
        """The share of the texts it learned that has each label (K,)."""
        counts = np.array(self.label_counts or [1] * len(self.labels), np.float64)
        shares: npt.NDArray[np.float64] = counts / counts.sum()
        return shares

    def given(self, label: str) -> Self:
        """Return the model for a label, or for several by weight, as in A:0.5,B:0.5.

        Raises UsageError for a label that is not there, and a model that has none to write for.
        """
        if not self.architecture.labels:
            raise UsageError(
                "--label is for models that write texts for labels",
                "charrnn train names.tsv --task conditional makes one",
            )
        return replace(self, mixture=mixture(label, self.labels))


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint whole or not at all: to a temporary file, synced, then renamed."""
    from safetensors.numpy import save_file

    try:
        check_header(checkpoint.architecture, checkpoint.vocabulary, checkpoint.provenance)
    except ValueError as error:
        raise CheckpointError(
            f"{path} is not written, since it could not be read again: {error}"
        ) from error
    header = {
        "format": checkpoint.format,
        "architecture": _declared(checkpoint.architecture),
        "alphabet": asdict(checkpoint.vocabulary),
        "records": checkpoint.records,
        "record_end": checkpoint.record_end,
        "provenance": checkpoint.provenance,
    }
    if checkpoint.task != DEFAULT:
        header |= {"task": checkpoint.task, "labels": checkpoint.labels}
    if checkpoint.tag:
        header["tag"] = checkpoint.tag
    if checkpoint.targets:
        header["targets"] = checkpoint.targets.described
    if checkpoint.label_counts:
        header |= {"label_counts": checkpoint.label_counts}
    tensors = {name: np.ascontiguousarray(value) for name, value in checkpoint.weights.items()}
    if len(checkpoint.heldout):
        tensors[HELDOUT] = np.array(checkpoint.heldout)
    if len(checkpoint.heldout_labels):
        tensors[HELDOUT_LABELS] = checkpoint.heldout_labels.astype(np.uint16)
    if checkpoint.targets and len(checkpoint.heldout):
        tensors[HELDOUT_TARGETS] = np.array(checkpoint.targets.stored)
    with replacing(path) as temporary:
        save_file(tensors, temporary, {"charrnn": json.dumps(header)})


def _declared(architecture: Architecture) -> dict[str, Any]:
    """Return the fields of an architecture, but what an earlier version neither has nor needs."""
    plain = {"bidirectional": False, "classes": 0, "pool": "", "labels": 0, "label_size": 0}
    plain |= {"decoder": None, "apart": False, "head_hidden": 0}
    fields = asdict(architecture)
    return {name: value for name, value in fields.items() if plain.get(name, ...) != value}


def load(path: Path) -> Checkpoint:
    """Read and check a checkpoint file. Raises CheckpointError, which says what is wrong."""
    metadata, tensors = _open(path)
    if "charrnn" not in metadata:
        raise CheckpointError(f"{path} is a safetensors file, but not a charrnn checkpoint")
    try:
        header = json.loads(metadata["charrnn"])
        version = header["format"]
        if version > FORMAT:
            raise CheckpointError(
                f"{path} has format {version}, newer than the {FORMAT} that this charrnn reads",
                "upgrade charrnn",
            )
        if header["architecture"]["backbone"] not in backbones():
            raise CheckpointError(
                f"{path} has the backbone {header['architecture']['backbone']!r}, "
                f"which this charrnn does not know"
            )
        architecture = Architecture.of(header["architecture"])
        vocabulary = Vocabulary(**header["alphabet"])
        provenance = dict(header["provenance"])
        record_end = str(header.get("record_end", ""))
        task, labels = str(header.get("task", DEFAULT)), tuple(header.get("labels", ()))
        if task not in TASKS or len(labels) != architecture.classes + architecture.labels:
            raise ValueError(f"task {task!r} with {len(labels)} labels")
        tag = str(header.get("tag", ""))
        if tag not in ("", *MADE):
            raise ValueError(f"tags made of {tag!r}")
        label_counts = tuple(map(int, header.get("label_counts", ())))
        if label_counts and (len(label_counts) != len(labels) or min(label_counts) < 0):
            raise ValueError(f"{len(label_counts)} counts of {len(labels)} labels")
        if label_counts and not any(label_counts):
            raise ValueError("no text has a label")
        cut = str(header.get("records", records.usual_cut(record_end)))
        if record_end and record_end not in vocabulary.characters:
            raise ValueError(f"records end in {record_end!r}, which the alphabet lacks")
        check_header(architecture, vocabulary, provenance)
        stored = tensors.pop(HELDOUT_TARGETS, np.zeros(0, np.uint8))
        targets = Targets.of(header["targets"], stored) if "targets" in header else None
        if architecture.decoder:
            check_decoder(architecture, architecture.decoder, targets, record_end)
        if architecture.layers > len(tensors):  # of which the shapes would be a long list
            raise ValueError(f"{architecture.layers:,} layers, but {len(tensors)} tensors")
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise CheckpointError(
            f"{path} has a header that does not hold together: {error}"
        ) from error
    heldout = tensors.pop(HELDOUT, np.zeros(0, np.uint8))
    heldout_labels = tensors.pop(HELDOUT_LABELS, np.zeros(0, np.uint16))
    _check(path, architecture, vocabulary, tensors, heldout)
    known = heldout_labels[heldout_labels < NO_TAG] if architecture.aligned else heldout_labels
    if len(known) and known.max() >= len(labels):
        raise CheckpointError(f"{path}: a held-out text has a label that is not there")
    if architecture.aligned and len(heldout_labels) not in (0, len(heldout)):
        raise CheckpointError(f"{path}: {len(heldout)} held-out ids, {len(heldout_labels)} tags")
    return Checkpoint(
        architecture,
        vocabulary,
        tensors,
        provenance,
        heldout,
        cut,
        record_end,
        task,
        labels,
        heldout_labels,
        label_counts,
        tag=tag,
        targets=targets,
    )


def _open(path: Path) -> tuple[dict[str, str], dict[str, npt.NDArray[Any]]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            metadata, names = file.metadata() or {}, list(file.keys())
            kinds = {name: file.get_slice(name).get_dtype() for name in names}
            strange = [name for name, kind in kinds.items() if kind not in DTYPES]
            if strange:
                raise CheckpointError(
                    f"{path}: tensor {strange[0]} is of type {kinds[strange[0]]}, which charrnn "
                    "does not read"
                )
            halves = {name for name, kind in kinds.items() if kind == "BF16"}
            whole = {name: file.get_tensor(name) for name in names if name not in halves}
        return metadata, whole | _bfloat16(path, halves)
    except FileNotFoundError:
        raise CheckpointError(f"{path}: there is no such file") from None
    except OSError as error:
        raise CheckpointError(f"{path}: {error.strerror or error}") from error
    except SafetensorError as error:
        with path.open("rb") as opened:
            start = opened.read(9)
        # Eight bytes of length, then JSON: what begins so but cannot be read has lost its end.
        short = len(start) < 9 or start[8:] == b"{"
        what = "was cut short or damaged" if short else "is not a checkpoint"
        raise CheckpointError(f"{path} {what} ({error})") from error


def _bfloat16(path: Path, names: set[str]) -> dict[str, npt.NDArray[Any]]:
    """Return tensors in bfloat16, which NumPy does not know, as float32: its upper half."""
    if not names:
        return {}
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    found = {}
    for name in names:
        first, last = header[name]["data_offsets"]
        upper = np.frombuffer(data[start + first : start + last], "<u2").astype(np.uint32)
        found[name] = (upper << 16).view(np.float32).reshape(header[name]["shape"])
    return found


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
        numbers = tensors[name].dtype.kind == "f"
        if not numbers or not float(np.abs(tensors[name]).max(initial=0)) <= LARGEST:
            raise CheckpointError(f"{path}: tensor {name} has a value that is not a valid weight")
    if heldout.ndim != 1 or heldout.dtype.kind != "u":
        raise CheckpointError(f"{path}: the held-out text is not a one-dimensional array of ids")
    if len(heldout) and heldout.max() >= len(vocabulary):
        raise CheckpointError(f"{path}: the held-out text has ids outside the alphabet")
