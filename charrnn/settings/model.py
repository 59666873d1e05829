"""Which network."""

from dataclasses import dataclass
from typing import Literal

from charrnn.cells import backbones
from charrnn.settings.setting import SUITED, setting


@dataclass(frozen=True)
class ModelSettings:
    """What the network is made of."""

    backbone: str = setting("lstm", "Model", "Recurrent cell", among=backbones)
    reset_gate: Literal["after", "before"] = setting(
        "after",
        "Model",
        "GRU: apply the reset gate after the recurrent product, as torch.nn does, or before",
    )
    layers: int = setting(1, "Model", "Stacked recurrent layers", low=1, high=1000, shown=SUITED)
    hidden: int = setting(
        256, "Model", "Units in each layer", low=1, high=1_000_000_000, shown=SUITED
    )
    embedding: int = setting(
        64,
        "Model",
        "Size of the input embedding; 0 for one-hot input",
        low=0,
        high=1_000_000,
        shown=SUITED,
    )
    tied: bool = setting(
        False,
        "Model",
        "Share one matrix between embedding and softmax; embedding must equal hidden",
    )
    residual: bool = setting(
        False,
        "Model",
        "Residual connections: layers above the first add their input to their output",
        shown="with several layers",
    )
    all_layers: bool = setting(
        False, "Model", "The softmax reads the outputs of all layers, not only the last"
    )
    initial_state: Literal["zero", "learned", "noise"] = setting(
        "zero", "Model", "State before the first character; noise applies to training only"
    )
