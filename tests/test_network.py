import copy
import dataclasses
import itertools
import math
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from charrnn.cells import CELLS
from charrnn.errors import UsageError, VocabularyError
from charrnn.losses import log_softmax
from charrnn.network import Network
from charrnn.text import stdlib
from charrnn.text.vocabulary import Vocabulary
from charrnn.training.model import CharacterModel

TEXT = stdlib.sources()[:2000]
backbones = pytest.mark.parametrize("backbone", CELLS)


def torch_twin(checkpoint, dtype):
    """Return torch.nn's network with the same weights: the independent oracle."""
    model = CharacterModel(checkpoint.architecture).to(dtype)
    model.load_state_dict({name: torch.tensor(value) for name, value in checkpoint.weights.items()})
    return model


@backbones
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("embedding", [0, 7])
@pytest.mark.parametrize(
    ("dtype", "torch_dtype", "tolerance"),
    [(np.float32, torch.float32, 1e-4), (np.float64, torch.float64, 1e-10)],
)
def test_logits_are_those_of_torch(
    make_checkpoint, backbone, layers, embedding, dtype, torch_dtype, tolerance
):
    checkpoint = make_checkpoint(
        backbone, layers=layers, hidden=33, embedding=embedding, alphabet=TEXT
    )
    ids = checkpoint.vocabulary.encode(TEXT)[:, None]
    result = checkpoint.network(dtype).run(ids)
    with torch.no_grad():
        logits, _ = torch_twin(checkpoint, torch_dtype)(torch.from_numpy(ids.astype(np.int64)))
    assert result.logits.dtype == dtype
    assert np.abs(result.logits - logits.numpy()).max() < tolerance


SHAPES = [
    {"tied": True, "embedding": 5},
    {"residual": True},
    {"all_layers": True},
    {"learned_start": True},
    {"residual": True, "all_layers": True, "learned_start": True, "embedding": 3},
]
shapes = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: " ".join(shape))


@backbones
@shapes
def test_other_shapes_give_the_logits_of_torch(make_checkpoint, backbone, shape):
    checkpoint = make_checkpoint(backbone, layers=3, alphabet=TEXT, **shape)
    ids = checkpoint.vocabulary.encode(TEXT)[:, None]
    result = checkpoint.network(np.float64).run(ids)
    with torch.no_grad():
        logits, _ = torch_twin(checkpoint, torch.float64)(torch.from_numpy(ids.astype(np.int64)))
    assert np.abs(result.logits - logits.numpy()).max() < 1e-10


def test_a_residual_network_that_shows_all_layers_by_torchs_own_layers(make_checkpoint):
    checkpoint = make_checkpoint("gru", residual=True, all_layers=True)
    weights = {name: torch.tensor(value).double() for name, value in checkpoint.weights.items()}
    ids = checkpoint.vocabulary.encode("hello, you")
    below = torch.nn.functional.one_hot(torch.from_numpy(ids.astype(np.int64)), 31).double()
    said = []
    for layer in range(2):
        gru = torch.nn.GRU(below.shape[-1], 5).double()
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        gru.load_state_dict({name: weights[f"rnn.{name[:-1]}{layer}"] for name in names})
        outputs = gru(below[:, None])[0][:, 0]
        said.append(outputs + said[-1] if said else outputs)
        below = said[-1]
    expected = torch.cat(said, dim=1) @ weights["head.weight"].T + weights["head.bias"]
    result = checkpoint.network(np.float64).run(ids[:, None])
    assert result.logits[:, 0] == pytest.approx(expected.detach().numpy(), abs=1e-10)


@shapes
def test_stepping_equals_running_in_other_shapes(make_checkpoint, shape):
    network = make_checkpoint("lstm", **shape).network(np.float64)
    ids = np.random.default_rng(1).integers(len(network.vocabulary), size=(20, 3))
    whole, state = network.run(ids), network.start(3)
    for time in range(20):
        logits, state = network.step(ids[time], state)
        assert logits == pytest.approx(whole.logits[time], abs=1e-12)


@backbones
def test_stepping_equals_running(make_checkpoint, backbone):
    network = make_checkpoint(backbone, embedding=3).network(np.float64)
    ids = np.random.default_rng(1).integers(len(network.vocabulary), size=(20, 3))
    whole = network.run(ids)
    state = network.start(3)
    for time in range(20):
        logits, state = network.step(ids[time], state)
        assert logits == pytest.approx(whole.logits[time], abs=1e-12)
    assert np.concatenate(state[-1]) == pytest.approx(np.concatenate(whole.state[-1]), abs=1e-12)


@backbones
@pytest.mark.parametrize("streams", [1, 3])
def test_a_step_leaves_the_old_state_and_earlier_results_as_they_were(
    make_checkpoint, backbone, streams
):
    network = make_checkpoint(backbone).network(np.float64)
    ids = np.arange(3 * streams).reshape(3, streams)
    results = [network.step(ids[0], network.start(streams))]
    kept = copy.deepcopy(results[0])
    for row in ids[1:]:
        results.append(network.step(row, results[-1][1]))
    assert (results[0][0] == kept[0]).all()
    assert np.concatenate(results[0][1]) == pytest.approx(np.concatenate(kept[1]), abs=0)
    again = network.step(ids[1], kept[1])
    assert (again[0] == results[1][0]).all()


def written(network) -> list[list[float]]:
    """Return the logits of some steps, taken one by one."""
    state, seen = network.start(), []
    for id in range(200):
        logits, state = network.step([id % 30], state)
        seen.append(logits[0].tolist())
    return seen


@pytest.mark.parametrize("int8", [False, True])
def test_steps_in_several_threads_do_not_touch_each_other(make_checkpoint, int8):
    network = make_checkpoint("lstm", hidden=64).network(int8=int8)
    alone = written(network)
    with ThreadPoolExecutor(4) as pool:
        for seen in pool.map(written, [network] * 8):
            assert np.array(seen) == pytest.approx(np.array(alone), abs=1e-5)


@pytest.mark.parametrize("int8", [False, True])
def test_a_copy_of_a_network_that_was_used_is_another_network(make_checkpoint, int8):
    network = make_checkpoint("lstm").network(int8=int8)
    alone = written(network)
    for other in (copy.deepcopy(network), pickle.loads(pickle.dumps(network))):
        assert np.array(written(other)) == pytest.approx(np.array(alone), abs=1e-5)


@backbones
def test_parts_with_carried_state_equal_the_whole(make_checkpoint, backbone):
    network = make_checkpoint(backbone).network(np.float64)
    ids = np.random.default_rng(1).integers(len(network.vocabulary), size=(3000, 2))
    whole = network.run(ids, record=["h"])
    first = network.run(ids[:1717], record=["h"])
    second = network.run(ids[1717:], first.state, record=["h"])
    joined = np.concatenate([first.signals["h"], second.signals["h"]])
    assert joined == pytest.approx(whole.signals["h"], abs=1e-12)


@backbones
def test_streams_do_not_touch_each_other(make_checkpoint, backbone):
    network = make_checkpoint(backbone).network(np.float64)
    ids = np.random.default_rng(1).integers(len(network.vocabulary), size=(50, 4))
    together = network.run(ids).logits
    for stream in range(4):
        alone = network.run(ids[:, [stream]]).logits
        assert alone[:, 0] == pytest.approx(together[:, stream], abs=1e-12)


@backbones
def test_recorded_signals_are_the_states_and_gates_of_each_step(make_checkpoint, backbone):
    network = make_checkpoint(backbone, layers=2, hidden=4).network(np.float64)
    cell = network.architecture.cell
    ids = np.arange(30)[:, None] % len(network.vocabulary)
    result = network.run(ids, record=list(cell.SIGNALS))
    state = network.start()
    for time in range(30):
        _, state = network.step(ids[time], state)
        for place, name in enumerate(cell.STATES):
            both = np.concatenate([layer[place][0] for layer in state])
            assert result.signals[name][time, 0] == pytest.approx(both, abs=1e-12)
    for name, signal in cell.SIGNALS.items():
        if name != "c":
            assert signal.low <= result.signals[name].min()
            assert result.signals[name].max() <= signal.high


def test_an_unknown_signal_is_refused_with_those_there_are(make_checkpoint):
    network = make_checkpoint("gru").network()
    with pytest.raises(UsageError) as caught:
        network.run([[0]], record=["c"])
    assert caught.value.message == "gru has no signal 'c'"
    assert caught.value.hint == "its signals are: h, r, z, n"


def test_a_network_that_knows_nothing_scores_the_log_of_its_alphabet(make_checkpoint):
    checkpoint = make_checkpoint()
    for value in checkpoint.weights.values():
        value[...] = 0
    assert checkpoint.network().score("hello") == pytest.approx(math.log(31))


def test_a_score_is_the_mean_of_minus_log_probabilities(make_checkpoint):
    network = make_checkpoint().network(np.float64)
    text = "the quick brown fox " * 100  # longer than a chunk
    ids = network.vocabulary.encode(text)
    state, costs = network.start(), []
    for now, after in itertools.pairwise(ids):
        logits, state = network.step([now], state)
        costs.append(-math.log(np.exp(logits[0, after]) / np.exp(logits[0]).sum()))
    assert network.score(text) == pytest.approx(np.mean(costs), abs=1e-10)


def test_a_score_needs_two_known_characters(make_checkpoint):
    network = make_checkpoint().network()
    with pytest.raises(UsageError, match="at least two characters"):
        network.score("a")
    with pytest.raises(VocabularyError):
        network.score("aÄ")


def test_log_softmax_neither_overflows_nor_loses_mass():
    logits = np.array([[1000.0, 1000.0, -1000.0]])
    assert np.exp(log_softmax(logits)) == pytest.approx(np.array([[0.5, 0.5, 0.0]]))


def test_the_alphabet_may_be_large(make_checkpoint):
    alphabet = "".join(map(chr, range(0x4E00, 0x4E00 + 3000)))
    network = make_checkpoint(alphabet=alphabet, hidden=3).network()
    assert isinstance(network.vocabulary, Vocabulary)
    assert network.run(network.vocabulary.encode("一丁")[:, None]).logits.shape == (2, 1, 3000)


def test_cold_losses_are_those_of_each_window_read_alone(make_checkpoint, monkeypatch):
    network = make_checkpoint("gru").network(np.float64)
    ids = np.random.default_rng(3).integers(len(network.vocabulary), size=50)
    alone = [network.losses(ids[start : start + 8]) for start in range(0, 49, 7)]
    assert network.cold_losses(ids, 7) == pytest.approx(np.concatenate(alone), abs=1e-12)
    monkeypatch.setattr("charrnn.network.LOGITS", 1)  # one window at a time
    assert network.cold_losses(ids, 7) == pytest.approx(np.concatenate(alone), abs=1e-12)
    assert network.cold_losses(ids, 49) == pytest.approx(network.losses(ids), abs=1e-12)
    assert len(network.cold_losses(ids, 48)) == 48  # a rest that fills no window is left out


def test_a_text_without_a_whole_window_is_refused(make_checkpoint):
    with pytest.raises(UsageError, match="a text of 5 characters holds no window of 5 and one"):
        make_checkpoint().network().cold_losses(np.zeros(5, int), 5)


@backbones
@pytest.mark.parametrize("shape", [{}, *SHAPES], ids=lambda shape: " ".join(shape))
def test_in_a_model_of_records_each_is_read_from_the_first_state(make_checkpoint, backbone, shape):
    checkpoint = make_checkpoint(backbone, layers=2, hidden=5, alphabet="\nabc", **shape)
    checkpoint = dataclasses.replace(checkpoint, records="line", record_end="\n")
    network, alone = (
        checkpoint.network(),
        Network(checkpoint.architecture, checkpoint.weights, checkpoint.vocabulary),
    )
    texts = ["\nab\n", "\ncabba\n", "\na\n"]
    ids = checkpoint.vocabulary.encode("\nab\ncabba\na\n")
    costs = [alone.losses(checkpoint.vocabulary.encode(text)) for text in texts]
    assert network.losses(ids) == pytest.approx(np.concatenate(costs), abs=1e-5)
    assert network.score("cabba") == pytest.approx(costs[1].mean(), abs=1e-5)
    # By steps, in streams that begin records at different places.
    both = np.stack([ids[:-1], np.roll(ids[:-1], 3)], axis=1)
    wanted, state = network.run(both), network.start(2)
    for time, row in enumerate(both):
        logits, state = network.step(row, state)
        assert logits == pytest.approx(wanted.logits[time], abs=1e-5)
    for layer, last in zip(state, wanted.state, strict=True):
        assert layer[0] == pytest.approx(last[0], abs=1e-5)
    stepper = network.stepper(1)
    one = [stepper.step([int(id)])[0] for id in ids[:-1]]
    assert np.array(one) == pytest.approx(network.run(ids[:-1, None]).logits[:, 0], abs=1e-5)


@backbones
@pytest.mark.parametrize("bidirectional", [False, True], ids=["forward", "both"])
@pytest.mark.parametrize(
    "shape",
    [{}, {"layers": 3, "embedding": 3}, {"layers": 2, "residual": True, "all_layers": True}],
    ids=str,
)
def test_whole_texts_are_read_as_torch_reads_them(make_checkpoint, backbone, bidirectional, shape):
    made = make_checkpoint(backbone, bidirectional=bidirectional, **shape)
    ids = np.random.default_rng(0).integers(2, 20, size=(11, 5))
    lengths = np.array([11, 3, 1, 7, 11])
    outputs = made.network(np.float64).read_texts(ids, lengths)
    inside = np.arange(11)[:, None] < lengths
    with torch.no_grad():
        wanted, _ = torch_twin(made, torch.float64).read(
            torch.from_numpy(ids), lengths=torch.from_numpy(lengths)
        )
    assert np.abs(outputs - wanted.numpy())[inside].max() < 1e-10


def test_in_one_text_after_another_each_is_read_backwards_from_its_own_end(make_checkpoint):
    made = make_checkpoint("gru", bidirectional=True, layers=2)
    network = Network(made.architecture, made.weights, made.vocabulary, np.float64, record_end="\n")
    texts = ["\nabc", "\nz", "\nhello there"]
    whole = network.run(network.vocabulary.encode("".join(texts))[:, None], record=["h"])
    start = 0
    for text in texts:
        alone = network.run(network.vocabulary.encode(text)[:, None], record=["h"])
        part = whole.signals["h"][start : start + len(text)]
        assert part == pytest.approx(alone.signals["h"], abs=1e-12)
        start += len(text)


def test_a_model_that_reads_both_ways_cannot_be_stepped(make_checkpoint):
    network = make_checkpoint("lstm", bidirectional=True).network()
    with pytest.raises(UsageError, match="reads both ways needs the whole text"):
        network.step([1], network.start(1))
