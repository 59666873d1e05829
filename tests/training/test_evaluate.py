import numpy as np
import pytest
import torch

from charrnn.architecture import Architecture
from charrnn.cells import CELLS
from charrnn.initialisation import first_weights
from charrnn.network import Network
from charrnn.text import records
from charrnn.text.records import Records
from charrnn.text.vocabulary import Vocabulary
from charrnn.training.evaluate import carried, of_records
from charrnn.training.model import CharacterModel

LETTERS = list(" \n.,()=abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
TEXT = "".join(np.random.default_rng(0).choice(LETTERS, 5001))
VOCABULARY = Vocabulary.of(TEXT)
IDS = VOCABULARY.encode(TEXT)


def model_of(backbone):
    model = CharacterModel(Architecture(backbone, 2, 16, len(VOCABULARY)))
    model.begin_with(first_weights(model.architecture, np.random.default_rng(5)))
    return model


@pytest.mark.parametrize("backbone", CELLS)
def test_one_stream_is_the_loss_that_the_numpy_network_gives(backbone):
    model = model_of(backbone)
    network = Network(model.architecture, model.to_numpy(), VOCABULARY, np.float64)
    assert carried(model, IDS, streams=1).nats == pytest.approx(network.score(TEXT), abs=1e-5)


@pytest.mark.parametrize("backbone", CELLS)
@pytest.mark.parametrize("streams", [2, 3, 7])
def test_several_warmed_up_streams_give_the_same_loss(backbone, streams):
    model = model_of(backbone)
    exact = carried(model, IDS, streams=1).nats
    assert carried(model, IDS, streams=streams).nats == pytest.approx(exact, abs=1e-4)


def test_two_characters_are_enough():
    model = model_of("gru")
    network = Network(model.architecture, model.to_numpy(), VOCABULARY)
    assert carried(model, IDS[:2]).nats == pytest.approx(network.score(TEXT[:2]), abs=1e-5)


def test_validating_leaves_the_model_and_the_random_numbers_untouched():
    model = model_of("lstm")
    before, random = model.to_numpy(), torch.get_rng_state()
    carried(model, IDS)
    after = model.to_numpy()
    assert all((before[name] == after[name]).all() for name in before)
    assert (torch.get_rng_state() == random).all()


def test_records_are_each_read_from_the_first_state():
    texts = ["she", "sells sea", "shells", "by the sea shore", "a"]
    vocabulary = Vocabulary.of(records.join(texts, "\n"))
    model = CharacterModel(Architecture("gru", 2, 8, len(vocabulary), learned_start=True))
    model.begin_with(first_weights(model.architecture, np.random.default_rng(0)))
    torch.nn.init.normal_(model.initial["h"])
    network = Network(model.architecture, model.to_numpy(), vocabulary)
    costs = [network.losses(vocabulary.encode(f"\n{text}\n")) for text in texts]
    made = Records(vocabulary.encode(records.join(texts, "\n")), batch=2, sequence=4)
    assert of_records(model, made).nats == pytest.approx(np.concatenate(costs).mean(), abs=1e-6)
    reader = Network(model.architecture, model.to_numpy(), vocabulary, record_end="\n")
    assert reader.losses(made.ids).mean() == pytest.approx(np.concatenate(costs).mean(), abs=1e-6)


@pytest.mark.parametrize("backbone", ["lstm", "gru", "vanilla"])
def test_units_that_do_not_vary_are_counted_as_dead(backbone):
    model = model_of(backbone)
    assert carried(model, IDS).dead_units == 0
    gates = {"lstm": (0, 1, 2, 3), "gru": (1,), "vanilla": (0,)}[backbone]
    with torch.no_grad():  # a unit that always takes in +1, or that keeps what it began with
        model.rnn.weight_hh_l1.mul_(0.3)  # and hardly moves the others
        for gate in gates:
            for unit in (3, 11):
                model.rnn.bias_ih_l1[16 * gate + unit] = 100.0
    assert carried(model, IDS).dead_units == 2
    assert carried(model, IDS, streams=1).dead_units == 2


def test_dead_units_are_counted_in_records():
    vocabulary = Vocabulary.of("\nabc")
    model = CharacterModel(Architecture("vanilla", 1, 8, len(vocabulary)))
    model.begin_with(first_weights(model.architecture, np.random.default_rng(0)))
    text = "\n" + "ab\nabc\nca\nbbca\ncc\n" * 4
    made = Records(vocabulary.encode(text), batch=2, sequence=4)
    assert of_records(model, made).dead_units == 0
    with torch.no_grad():
        model.rnn.bias_ih_l0[5] = 100.0
    assert of_records(model, made).dead_units == 1


def test_in_a_single_batch_of_records_units_are_not_taken_for_dead():
    texts = [one + other for one in "abcde" for other in "abcde"]
    joined = records.join(texts, "\n")
    vocabulary = Vocabulary.of(joined)
    model = CharacterModel(Architecture("lstm", 1, 8, len(vocabulary)))
    model.begin_with(first_weights(model.architecture, np.random.default_rng(0)))
    with torch.no_grad():
        model.rnn.weight_ih_l0.mul_(9)
    made = Records(vocabulary.encode(joined), batch=25, sequence=64)
    assert made.epoch_steps == 1
    assert of_records(model, made).dead_units == 0
