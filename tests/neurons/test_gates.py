import numpy as np
import pytest

from charrnn.neurons.activations import COLD
from charrnn.neurons.gates import gates


def text_ids(network, length=3000):
    return np.random.default_rng(0).integers(len(network.vocabulary), size=length, dtype=np.uint8)


@pytest.mark.parametrize(
    ("backbone", "state", "squashed"),
    [("lstm", "c", np.tanh), ("gru", "h", np.copy), ("vanilla", "h", np.copy)],
)
def test_a_units_deviation_is_that_of_its_state_as_it_is_drawn(
    make_checkpoint, backbone, state, squashed
):
    network = make_checkpoint(backbone).network()
    ids = text_ids(network)
    values = squashed(network.run(ids[:, None], record=[state]).signals[state][COLD:, 0])
    found = gates(network, ids)
    assert found.deviations.ravel() == pytest.approx(values.std(axis=0), abs=1e-4)
    assert (found.dead.ravel() == (values.std(axis=0) < 0.05)).all()


def test_a_unit_that_does_not_vary_is_dead(make_checkpoint):
    checkpoint = make_checkpoint("vanilla", layers=1, hidden=5)
    checkpoint.weights["rnn.bias_ih_l0"][2] = 100.0
    network = checkpoint.network()
    assert np.argwhere(gates(network, text_ids(network)).dead).tolist() == [[0, 2]]
