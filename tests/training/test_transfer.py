from dataclasses import replace

import numpy as np
import pytest

from charrnn.architecture import Architecture
from charrnn.checkpoint import save
from charrnn.errors import TrainingError
from charrnn.initialisation import first_weights
from charrnn.settled import settle
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


@pytest.mark.parametrize("tied", [False, True])
def test_a_labeller_both_ways_takes_the_layers_that_read_forwards(make_checkpoint, tied):
    """Its head, what reads backwards and what is read of that are left as they were drawn."""
    old = make_checkpoint(embedding=5, tied=tied, learned_start=True)
    both = {"bidirectional": True, "classes": 3, "pool": "mean", "tied": False}
    model = CharacterModel(replace(old.architecture, **both))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    assert carry_over(model, old.vocabulary, old) == len(old.vocabulary)
    after = {name: value.numpy() for name, value in model.state_dict().items()}
    read_above, start = after.pop("rnn.weight_ih_l1"), after.pop("initial.h")
    assert (read_above[:, :5] == old.weights["rnn.weight_ih_l1"]).all()
    assert (read_above[:, 5:] == before["rnn.weight_ih_l1"][:, 5:].numpy()).all()
    assert (start[::2] == old.weights["initial.h"]).all()
    assert (start[1::2] == before["initial.h"][1::2].numpy()).all()
    del after["initial.c"]
    for name, value in after.items():
        begun = name.endswith("_reverse") or name.startswith("head")
        assert (value == (before[name].numpy() if begun else old.weights[name])).all()


def test_a_labeller_takes_the_shape_but_neither_the_way_nor_the_tied_head(
    make_checkpoint, tmp_path
):
    old = make_checkpoint("gru", layers=3, embedding=5, tied=True)
    save(tmp_path / "best.safetensors", old)
    (tmp_path / "names.tsv").write_text("Rossi\tIT\nMeier\tDE\n" * 3)
    given = {
        "task": "classify",
        "corpus": (str(tmp_path / "names.tsv"),),
        "init_from": str(tmp_path),
    }
    config, _ = settle(given, None, {})
    assert (config.backbone, config.layers, config.embedding) == ("gru", 3, 5)
    assert not config.tied
    assert "bidirectional" not in given
