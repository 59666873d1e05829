"""What the header of a checkpoint may hold: checks of all that no training could have written."""

from collections.abc import Mapping
from typing import Any, get_args

import numpy as np

from charrnn.architecture import ATTENTION, Architecture, Decoder
from charrnn.cells import RESET_GATES, backbones
from charrnn.settings.labels import PoolSettings
from charrnn.settings.setting import types
from charrnn.text.targets import Targets
from charrnn.text.vocabulary import Vocabulary

POOLS = get_args(types(PoolSettings)["pool"])
PROVENANCE: dict[str, Any] = {  # and what is written of each
    "corpus": str, "sha256": str, "characters": int, "seed": int, "steps": int,
    "initialisation": str, "forget_bias": (int, float), "spectral_radius": (int, float),
    "training_nats": (int, float), "validation_nats": (int, float), "dead_units": int,
    "charrnn": str, "command": str,
}  # fmt: skip


def check_header(
    architecture: Architecture, vocabulary: Vocabulary, provenance: Mapping[str, Any]
) -> None:
    """Raise ValueError for what no training could have written."""
    for name, kind in PROVENANCE.items():
        value = provenance.get(name)
        wrong = isinstance(value, bool) or not isinstance(value, kind)
        if value is not None and (wrong or (kind is not str and not np.isfinite(value))):
            raise ValueError(f"{name} is {value!r}")
    _check_vocabulary(vocabulary)
    _check_shape(architecture)
    if architecture.tied and architecture.embedding != architecture.outputs:
        raise ValueError("tied, but the embedding and the softmax differ in size")


def _check_vocabulary(vocabulary: Vocabulary) -> None:
    """Raise ValueError for an alphabet that no training could have written."""
    if type(vocabulary.unknown) is not bool or vocabulary.kind not in ("characters", "bytes"):
        raise ValueError(f"the alphabet has unknown {vocabulary.unknown!r}, {vocabulary.kind!r}")
    if vocabulary.kind == "bytes" and max(vocabulary.characters, default="") > "\xff":
        raise ValueError("the alphabet has a byte beyond 255")
    if any("\ud800" <= one <= "\udfff" for one in vocabulary.characters):
        raise ValueError("the alphabet has half a character")
    if "".join(sorted(set(vocabulary.characters))) != vocabulary.characters:
        raise ValueError("the alphabet is not in the order of its code points")


def _check_shape(architecture: Architecture) -> None:
    """Raise ValueError for a network that no training could have made."""
    if architecture.pool not in ("", *POOLS):
        raise ValueError(f"pool is {architecture.pool!r}")
    if architecture.reset_gate not in RESET_GATES:
        raise ValueError(f"reset_gate is {architecture.reset_gate!r}")
    for name in ("tied", "residual", "all_layers", "learned_start", "bidirectional", "apart"):
        if type(getattr(architecture, name)) is not bool:
            raise ValueError(f"{name} is {getattr(architecture, name)!r}")
    for name in (
        "layers",
        "hidden",
        "vocabulary",
        "embedding",
        "labels",
        "label_size",
        "head_hidden",
    ):
        size = getattr(architecture, name)
        if type(size) is not int or size < (name in ("layers", "hidden", "vocabulary")):
            raise ValueError(f"{name} is {size!r}")
    if not isinstance(architecture, Decoder) and (
        bool(architecture.labels) != bool(architecture.label_size)
    ):
        raise ValueError(f"{architecture.labels} labels of size {architecture.label_size}")
    if architecture.labels and (architecture.classes or architecture.bidirectional):
        raise ValueError("texts are written for labels, but nothing is predicted")
    if architecture.apart and (architecture.classes or not architecture.bidirectional):
        raise ValueError("directions are apart, but there are not two, or labels are predicted")


def check_decoder(
    encoder: Architecture, decoder: Decoder, targets: Targets | None, mark: str
) -> None:
    """Raise ValueError for a decoder that does not go with its encoder or its alphabet."""
    _check_shape(decoder)
    if decoder.backbone not in backbones() or decoder.attention not in ATTENTION:
        raise ValueError(f"a decoder of {decoder.backbone!r}, attention {decoder.attention!r}")
    read = decoder.memory if decoder.attention != "dot" else 0
    if decoder.memory != encoder.outputs or decoder.label_size != read:
        raise ValueError(f"a decoder that reads {decoder.memory} of {encoder.outputs} outputs")
    if decoder.bidirectional or decoder.decoder or decoder.all_layers or decoder.tied:
        raise ValueError("a decoder of a shape that none has")
    if targets is None or decoder.vocabulary != len(targets.vocabulary):
        raise ValueError("a decoder without its alphabet")
    _check_vocabulary(targets.vocabulary)
    if not mark or mark not in targets.vocabulary.characters:
        raise ValueError(f"targets end in {mark!r}, which their alphabet lacks")
    if len(targets.stored) and targets.stored.max() >= len(targets.vocabulary):
        raise ValueError("held-out targets with ids outside their alphabet")
