"""What all ways of writing need: a prompt's text, and the network with its weights."""

import codecs
from typing import TYPE_CHECKING

from charrnn.sampling.settings import SampleConfig
from charrnn.show import writing

if TYPE_CHECKING:
    from charrnn.checkpoint import Checkpoint
    from charrnn.network import Network


def decoded(data: bytes) -> str:
    """Return a text to go on from: UTF-8 without its mark, other bytes kept as surrogates."""
    return data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")


def network_of(loaded: "Checkpoint", config: SampleConfig) -> "Network":
    """Return the network with weights as the settings want them."""
    network = loaded.network(int8=config.weights == "int8")
    one = config.samples == config.best_of == 1 and not config.beam
    if network.int8 and one and not network.compiled_before():
        writing.talk("compiling for int8, for some seconds when it is first used ...")
    if network.int8 and config.threads:
        from charrnn.fast.int8.products import use_threads

        use_threads(config.threads)
    return network
