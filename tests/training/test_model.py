import numpy as np
import pytest
import torch

from charrnn.architecture import Architecture
from charrnn.cells import CELLS
from charrnn.initialisation import first_weights
from charrnn.training.learners import optimizers
from charrnn.training.learners.descent import descend
from charrnn.training.model import CharacterModel
from charrnn.training.tasks.language_model import loss_of

backbones = pytest.mark.parametrize("backbone", CELLS)


def model_of(backbone, fused=False, **sizes) -> CharacterModel:
    sizes = {"layers": 2, "hidden": 6, "vocabulary": 9} | sizes
    model = CharacterModel(Architecture(backbone, **sizes), fused)
    model.begin_with(first_weights(model.architecture, np.random.default_rng(1)))
    return model


@pytest.mark.parametrize(
    "shape",
    [
        {"tied": True, "embedding": 6},
        {"all_layers": True},
        {"learned_start": True},
        {"bidirectional": True, "all_layers": True, "learned_start": True},
    ],
)
def test_other_shapes_have_the_declared_tensors(shape):
    model = model_of("lstm", **shape)
    shapes = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    assert shapes == model.architecture.shapes()


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


def start_of(kind, backbone="lstm", **settings) -> CharacterModel:
    model = CharacterModel(Architecture(backbone, 1, 40, 9))
    model.begin_with(first_weights(model.architecture, np.random.default_rng(1), kind, **settings))
    return model


def test_char_rnns_first_weights_are_uniform_but_for_the_forget_gates_bias():
    # char-rnn draws all of them from ± 0.08, then fills the i2h bias of the forget gates with 1.
    model = start_of("uniform")
    for name, value in model.named_parameters():
        drawn = torch.cat([value[:40], value[80:]]) if name == "rnn.bias_ih_l0" else value
        assert drawn.abs().max() <= 0.08
        assert drawn.std().item() == pytest.approx(0.08 / 3**0.5, rel=0.35)
    assert model.rnn.bias_ih_l0[40:80].tolist() == [1.0] * 40


def test_xavier_bounds_each_gate_by_what_goes_in_and_out():
    model = start_of("xavier")
    bound = (6 / (9 + 40)) ** 0.5
    assert 0.98 * bound < model.rnn.weight_ih_l0.abs().max() <= bound
    bound = (6 / (40 + 40)) ** 0.5
    assert 0.98 * bound < model.rnn.weight_hh_l0.abs().max() <= bound


def test_identity_matrices_keep_the_hidden_state():
    assert torch.equal(start_of("identity", "vanilla").rnn.weight_hh_l0, torch.eye(40))


def test_sparse_matrices_have_few_connections_and_the_spectral_radius_asked_for():
    for gate in torch.split(start_of("sparse", spectral_radius=1.3).rnn.weight_hh_l0, 40):
        assert ((gate != 0).sum(dim=1) == 15).all()
        assert torch.linalg.eigvals(gate).abs().max().item() == pytest.approx(1.3, rel=1e-4)


def test_the_outputs_bias_starts_at_the_log_frequency_of_what_is_to_be_predicted():
    counts = np.array([5, 0, 11, 0, 0, 0, 0, 0, 0])
    model = start_of("orthogonal", target_counts=counts)
    # with one added to each of the nine: 6, 1, 12 and 1 six times are 25
    expected = np.log(np.array([6, 1, 12, 1, 1, 1, 1, 1, 1]) / 25)
    assert model.head.bias.detach().numpy() == pytest.approx(expected)


def test_char_rnns_first_weights_know_no_frequencies():
    counts = np.array([5, 0, 11, 0, 0, 0, 0, 0, 0])
    assert start_of("uniform", target_counts=counts).head.bias.abs().max() <= 0.08


def test_the_forget_gates_bias_can_be_chosen():
    assert start_of("orthogonal", forget_bias=-2.0).rnn.bias_ih_l0[40:80].tolist() == [-2.0] * 40


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
    optimizer = optimizers.make("adam", model, 0.05)
    for _ in range(200):
        loss, *_ = loss_of(model, ids[:-1].numpy(), ids[1:].numpy(), None)
        descend(model, optimizer, loss, clip_norm=1.0, clip_value=0.0)
    logits, _ = model(ids[:-1])
    chances = logits.softmax(-1)[torch.arange(4), 0, ids[1:, 0]]
    assert (chances > 0.99).all()


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize(
    "shape", [{}, {"embedding": 4}, {"residual": True, "all_layers": True, "learned_start": True}]
)
@backbones
def test_texts_of_unequal_length_are_read_both_ways_as_each_alone(backbone, shape, fused):
    model = model_of(backbone, fused, layers=3, bidirectional=True, **shape).double()
    for first in model.initial.values():
        torch.nn.init.normal_(first)
    ids, lengths = torch.arange(15).view(5, 3) % 9, torch.tensor([2, 5, 4])
    for text, length in enumerate(lengths):
        ids[length:, text] = -100
    logits, state = model(ids, None, lengths)
    outputs, _ = model.read(ids, None, lengths)
    for text, length in enumerate(lengths):
        alone, last = model(ids[:length, text : text + 1])
        assert torch.allclose(logits[:length, text], alone[:, 0], atol=1e-12, rtol=0)
        assert (outputs[length:, text] == 0).all()
        for one, other in zip(state, last, strict=True):
            for part, own in zip(one, other, strict=True):
                assert torch.allclose(part[text], own[0], atol=1e-12, rtol=0)


@pytest.mark.parametrize("fused", [True, False])
@backbones
def test_the_last_states_are_the_outputs_where_each_direction_ends(backbone, fused):
    model = model_of(backbone, fused, bidirectional=True)
    lengths, texts = torch.tensor([2, 5, 4]), torch.arange(3)
    outputs, state = model.read(torch.arange(15).view(5, 3) % 9, None, lengths)
    assert torch.equal(state[2][0], outputs[lengths - 1, texts, :6])
    assert torch.equal(state[3][0], outputs[0, :, 6:])
