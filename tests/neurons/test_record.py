import numpy as np
import pytest

from charrnn.errors import UsageError
from charrnn.neurons.address import parse
from charrnn.neurons.record import WARMUP, record


def text_ids(network, length=3000):
    return np.random.default_rng(0).integers(len(network.vocabulary), size=length, dtype=np.uint8)


@pytest.fixture
def network(make_checkpoint):
    return make_checkpoint().network()


def test_a_value_is_the_signal_once_its_character_has_been_read(network):
    ids = text_ids(network)
    neuron = parse("2:3", network.architecture)
    seen = record(network, ids, neuron, signal="o", offset=100, length=50)
    signals = network.run(ids[:150, None], record=["o"]).signals["o"]
    assert seen.values == pytest.approx(signals[100:150, 0, 8], abs=1e-6)
    assert seen.ids.tolist() == ids[100:150].tolist()


def test_an_lstm_is_shown_by_its_squashed_cell_state(network):
    ids, neuron = text_ids(network), parse("4", network.architecture)
    squashed = record(network, ids, neuron)
    raw = record(network, ids, neuron, raw=True)
    assert (squashed.label, squashed.low, squashed.high) == ("tanh(c), cell state", -1, 1)
    cells = network.run(ids[:, None], record=["c"]).signals["c"][:, 0, 4]
    assert squashed.values == pytest.approx(np.tanh(cells), abs=1e-6)
    assert raw.label == "c, cell state"
    assert raw.high == -raw.low == pytest.approx(np.quantile(np.abs(cells), 0.99))
    assert raw.values == pytest.approx(cells, abs=1e-6)


def test_other_cells_are_shown_by_their_output(make_checkpoint):
    network = make_checkpoint("gru").network()
    seen = record(network, text_ids(network), parse("0", network.architecture))
    assert (seen.label, seen.low, seen.high) == ("h, output", -1, 1)
    assert seen.time_constant is None


def test_the_loss_is_that_of_the_characters_shown(network):
    ids, neuron = text_ids(network), parse("0", network.architecture)
    costs = network.losses(ids)  # of characters 1, 2, …
    assert record(network, ids, neuron, offset=100, length=50).loss_nats == pytest.approx(
        costs[99:149].mean()
    )
    assert record(network, ids, neuron, length=50).loss_nats == pytest.approx(costs[:49].mean())
    assert np.isnan(record(network, ids[:1], neuron).loss_nats)


def test_the_time_constant_is_that_of_the_mean_log_forget_gate(make_checkpoint):
    checkpoint = make_checkpoint(layers=1, hidden=2)
    for name, value in checkpoint.weights.items():
        if not name.startswith("head"):
            value[...] = 0  # f = σ(bias) at each step
    checkpoint.weights["rnn.bias_ih_l0"][2] = np.log(9)  # f = 0.9 in unit 0, 0.5 in unit 1
    network = checkpoint.network()
    ids = text_ids(network, 50)
    for address, forget in [("0", 0.9), ("1", 0.5)]:
        seen = record(network, ids, parse(address, network.architecture))
        assert seen.time_constant == pytest.approx(-1 / np.log(forget), rel=1e-5)


def test_far_into_a_text_the_state_comes_from_the_last_ten_thousand_characters(network):
    ids, neuron = text_ids(network, WARMUP + 700), parse("0", network.architecture)
    whole = record(network, ids, neuron)
    late = record(network, ids, neuron, offset=WARMUP + 500, length=100)
    assert late.values == pytest.approx(whole.values[-200:-100], abs=1e-6)


def test_only_the_cell_state_can_be_raw(network):
    neuron = parse("0", network.architecture)
    with pytest.raises(UsageError, match="only the cell state c can be raw"):
        record(network, text_ids(network), neuron, signal="h", raw=True)


def test_an_offset_past_the_end_is_refused(network):
    with pytest.raises(UsageError, match="has 20 characters, so none at offset 20"):
        record(network, text_ids(network, 20), parse("0", network.architecture), offset=20)
