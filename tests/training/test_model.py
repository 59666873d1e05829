import pytest
import torch

from charrnn.architecture import Architecture
from charrnn.cells import CELLS
from charrnn.training.model import CharacterModel
from charrnn.training.optimization import adam, descend, loss_of

backbones = pytest.mark.parametrize("backbone", CELLS)


def model_of(backbone, **sizes) -> CharacterModel:
    sizes = {"layers": 2, "hidden": 6, "vocabulary": 9} | sizes
    model = CharacterModel(Architecture(backbone, **sizes))
    model.initialise(torch.Generator().manual_seed(1))
    return model


@backbones
@pytest.mark.parametrize("embedding", [0, 4])
def test_tensors_have_the_declared_names_and_shapes(backbone, embedding):
    model = model_of(backbone, embedding=embedding)
    shapes = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    assert shapes == model.architecture.shapes()
    assert sum(value.numel() for value in model.parameters()) == model.architecture.parameters


def test_char_rnns_default_network_has_its_number_of_parameters():
    # 2 × 128 over 65 characters, 240,321: char-rnn prints this number.
    assert Architecture("lstm", 2, 128, 65).parameters == 240_321


@backbones
def test_recurrent_matrices_start_orthogonal(backbone):
    for name, value in model_of(backbone).named_parameters():
        if "weight_hh" in name:
            for gate in torch.split(value, 6):
                assert torch.allclose(gate @ gate.T, torch.eye(6), atol=1e-5)


def test_the_forget_gate_starts_open_and_other_biases_at_zero():
    model = model_of("lstm")
    total = model.rnn.bias_ih_l1 + model.rnn.bias_hh_l1
    assert total.tolist() == [0.0] * 6 + [1.0] * 6 + [0.0] * 12


@backbones
def test_the_same_seed_gives_the_same_weights(backbone):
    one, other = model_of(backbone).to_numpy(), model_of(backbone).to_numpy()
    assert all((one[name] == other[name]).all() for name in one)


@backbones
def test_hello_is_learned_to_certainty(backbone):
    """The lectures' own example: four letters, of which only memory tells the two l apart."""
    vocabulary = "ehlo"
    ids = torch.tensor([vocabulary.index(letter) for letter in "hello"])[:, None]
    model = model_of(backbone, layers=1, hidden=8, vocabulary=4)
    optimizer = adam(model, 0.05)
    for _ in range(200):
        loss, _ = loss_of(model, ids[:-1].numpy(), ids[1:].numpy(), None)
        descend(model, optimizer, loss, clip_norm=1.0, clip_value=0.0)
    logits, _ = model(ids[:-1])
    chances = logits.softmax(-1)[torch.arange(4), 0, ids[1:, 0]]
    assert (chances > 0.99).all()
