"""Units that live: what networks that begin as ours do have once they have read real text."""

import pytest

from charrnn import checkpoint, config, runs
from charrnn.neurons.gates import gates
from charrnn.text import stdlib
from charrnn.text.corpus import Corpus
from charrnn.training.events import Validation
from charrnn.training.trainer import train

SOURCES = Corpus("sources", stdlib.sources()[:3_000_000], "")


@pytest.mark.parametrize("backbone", ["lstm", "gru", "vanilla"])
def test_fewer_than_three_in_a_hundred_units_die(tmp_path, backbone):
    flags = {"backbone": backbone, "layers": 1, "hidden": 128, "steps": 200, "threads": 1}
    flags |= {"validation_chars": 10_000, "validate_every": 100}
    settings = config.resolve(flags, None, {})
    effort = config.effort(flags, None, {})
    events = list(train(settings, SOURCES, tmp_path, effort=effort))
    counted = [event.dead_units for event in events if isinstance(event, Validation)]
    assert counted[-1] < 0.03 * 128
    model = checkpoint.load(tmp_path / runs.LAST)
    assert model.provenance["dead_units"] == counted[-1]
    assert gates(model.network(), model.heldout[:5_000]).dead.sum() < 0.03 * 128


def test_most_units_of_an_lstm_die_whose_output_must_learn_the_frequencies(tmp_path):
    flags = {"backbone": "lstm", "layers": 1, "hidden": 128, "embedding": 0, "steps": 200}
    flags |= {"initialisation": "uniform", "learning_rate": 0.01, "threads": 1}
    settings = config.resolve(flags | {"validation_chars": 10_000, "validate_every": 100}, None, {})
    events = list(train(settings, SOURCES, tmp_path))
    counted = [event.dead_units for event in events if isinstance(event, Validation)]
    assert counted[-1] > 0.3 * 128
