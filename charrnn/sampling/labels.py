"""For which labels texts are written: the one that is asked for, or some drawn by frequency."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from charrnn.checkpoint import Checkpoint
from charrnn.errors import UsageError
from charrnn.network import Network
from charrnn.sampling.settings import SampleConfig


class Part(NamedTuple):
    """Texts for one label: the model for it, the settings, the label; "" where there are none."""

    model: Checkpoint
    config: SampleConfig
    label: str = ""

    def of(self, network: Network) -> Network:
        """Return the network for the label, where there is one.

        Raises UsageError for a network that is for another one already.
        """
        return network.mixed(self.model.mixture) if self.label else network


def parts(loaded: Checkpoint, config: SampleConfig) -> list[Part]:
    """Return what is to be written for which label, in the order of the labels.

    Without a label, one is drawn for each text by its frequency in training. Raises UsageError for
    a label that is not there, or a model that writes for none.
    """
    if config.label:
        return [Part(loaded.given(config.label), config, config.label)]
    if not loaded.needs_label:
        return [Part(loaded, config)]
    if config.fill:
        raise UsageError("--fill: the model writes texts for labels", "add --label LABEL")
    random = np.random.default_rng((config.seed, 1))  # not what draws the characters
    counts = random.multinomial(config.samples, loaded.label_shares)
    return [
        Part(loaded.given(label), replace(config, samples=count), label)
        for label, count in zip(loaded.labels, counts.tolist(), strict=True)
        if count
    ]
