from dataclasses import replace

import numpy as np
import pytest

from charrnn.architecture import Architecture
from charrnn.errors import TrainingError
from charrnn.initialisation import first_weights
from charrnn.text.vocabulary import Vocabulary
from charrnn.training.model import CharacterModel
from charrnn.training.transfer import carry_over


def model_for(alphabet: str, embedding: int = 0, hidden: int = 5) -> CharacterModel:
    model = CharacterModel(Architecture("lstm", 2, hidden, len(alphabet), embedding))
    model.begin_with(first_weights(model.architecture, np.random.default_rng(9)))
    return model


@pytest.mark.parametrize("embedding", [0, 4])
def test_rows_are_carried_over_by_character(make_checkpoint, embedding):
    old = make_checkpoint(alphabet="abcd", embedding=embedding)
    new = model_for("bdxy", embedding)
    drawn = {name: value.clone() for name, value in new.state_dict().items()}
    assert carry_over(new, Vocabulary("bdxy"), old) == 2
    made = {name: value.numpy() for name, value in new.state_dict().items()}
    assert (made["head.bias"][[0, 1]] == old.weights["head.bias"][[1, 3]]).all()
    assert (made["head.bias"][[2, 3]] == drawn["head.bias"][[2, 3]].numpy()).all()
    assert (made["head.weight"][1] == old.weights["head.weight"][3]).all()
    name = "embedding.weight" if embedding else "rnn.weight_ih_l0"
    carried, source = made[name], old.weights[name]
    if not embedding:
        carried, source = carried.T, source.T
    assert (carried[[0, 1]] == source[[1, 3]]).all()
    assert (made["rnn.weight_hh_l1"] == old.weights["rnn.weight_hh_l1"]).all()


def test_the_same_alphabet_gives_the_same_network(make_checkpoint):
    old = make_checkpoint(alphabet="abcd")
    new = model_for("abcd")
    assert carry_over(new, old.vocabulary, old) == 4
    for name, value in new.state_dict().items():
        assert np.array_equal(value.numpy(), old.weights[name])


def test_another_shape_is_refused(make_checkpoint):
    with pytest.raises(TrainingError, match="has hidden 5, the new network 6"):
        carry_over(model_for("abcd", hidden=6), Vocabulary("abcd"), make_checkpoint())


@pytest.mark.parametrize("embedding", [0, 3])
def test_labels_are_new_where_the_old_model_has_none(make_checkpoint, embedding):
    """What it reads of a label is left as it was drawn; all else is the old model's."""
    old = make_checkpoint(layers=1, embedding=embedding)
    shape = replace(old.architecture, labels=2, label_size=4)
    model = CharacterModel(shape)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    carry_over(model, old.vocabulary, old)
    after = model.state_dict()
    read = old.architecture.inputs
    first = "rnn.weight_ih_l0"
    assert (after[first][:, :read].numpy() == old.weights[first]).all()
    assert (after[first][:, read:] == before[first][:, read:]).all()
    assert (after["labels.weight"] == before["labels.weight"]).all()
    same = set(old.weights) - {first}
    assert all((after[name].numpy() == old.weights[name]).all() for name in same)
