from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from charrnn import labelling
from charrnn.settings import TrainConfig
from charrnn.text.texts import Batch
from charrnn.training.model import CharacterModel
from charrnn.training.tasks import classify


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("kind", ["last", "mean", "max", "attention"])
@given(
    lengths=st.lists(st.integers(1, 12), min_size=1, max_size=6),
    padding=st.integers(0, 3),
    units=st.integers(1, 4),
    seed=st.integers(0, 99),
)
def test_texts_are_pooled_alike_with_and_without_torch(
    kind, bidirectional, lengths, padding, units, seed
):
    size = max(lengths) + padding, len(lengths), units * (1 + bidirectional)
    random = np.random.default_rng(seed)
    outputs = random.normal(size=size)
    vector = random.normal(size=size[2]) if kind == "attention" else None
    found = labelling.pooled(outputs, np.array(lengths), kind, bidirectional, vector)
    wanted = classify.pooled(
        torch.from_numpy(outputs),
        torch.tensor(lengths),
        kind,
        bidirectional,
        None if vector is None else torch.from_numpy(vector[None]),
    ).numpy()
    assert found.shape == (len(lengths), size[2])
    assert found == pytest.approx(wanted, abs=1e-14)


def test_what_is_pooled_by_hand():
    outputs = np.array([[[1.0, -2.0]], [[3.0, -4.0]], [[90.0, 90.0]]])  # (T, N, 2), of 2 characters
    lengths = np.array([2])
    wanted = {"mean": [2.0, -3.0], "max": [3.0, -2.0], "last": [3.0, -2.0]}  # back: at the first
    for kind, values in wanted.items():
        assert labelling.pooled(outputs, lengths, kind, bidirectional=True).tolist() == [values]
    assert labelling.pooled(outputs, lengths, "last", bidirectional=False).tolist() == [[3.0, -4.0]]


def test_attention_is_a_softmax_over_each_text_of_scores_of_tanh_by_hand():
    half, third = np.arctanh(0.5), np.arctanh(-0.25)
    outputs = np.array([[[half], [half]], [[third], [9.0]]])  # the second text has one character
    scored = np.exp([4 * 0.5, 4 * -0.25])
    weights = labelling.attended(outputs, np.array([2, 1]), np.array([4.0]))
    assert weights[:, 0] == pytest.approx(scored / scored.sum(), abs=1e-15)
    assert weights[:, 1].tolist() == [1.0, 0.0]
    pooled = labelling.pooled(outputs, np.array([2, 1]), "attention", False, np.array([4.0]))
    assert pooled[:, 0] == pytest.approx([weights[:, 0] @ [half, third], half], abs=1e-15)


@pytest.mark.parametrize("pool", ["mean", "attention"])
def test_a_network_labels_as_the_model_in_torch_does(make_labeller, pool):
    made = make_labeller(pool, count=5)
    network = made.network(np.float64)
    texts = labelling.texts_in(network, made.heldout, made.heldout_labels)
    model = CharacterModel(made.architecture).double()
    model.begin_with(made.weights)
    with torch.no_grad():
        logits = classify._logits(model, texts.read(np.arange(5)))
    wanted = logits.log_softmax(dim=1).numpy()
    np.testing.assert_allclose(labelling.log_probabilities(network, texts), wanted, atol=1e-10)


def test_characters_are_read_as_unknown_at_random_but_never_the_mark(make_labeller):
    model = CharacterModel(make_labeller("mean", count=5).architecture)
    inputs = np.full((400, 3), 2)
    inputs[0] = 0
    batch = Batch(inputs, np.array([400, 400, 7]), np.zeros(3, np.int64))
    unknown = model.architecture.vocabulary - 1
    torch.manual_seed(0)
    settings = replace(TrainConfig(), task="classify", character_dropout=0.25)
    read = classify.Objective(model, settings)._blanked(batch)
    assert (read.inputs[0] == 0).all()
    assert np.isin(read.inputs[1:], [2, unknown]).all()
    assert (read.inputs[1:] == unknown).mean() == pytest.approx(0.25, abs=0.05)
    assert (inputs[1:] == 2).all()
    assert classify.Objective(model, TrainConfig())._blanked(batch) is batch


def test_rare_labels_count_more_by_their_share():
    """Shares 0.9 and 0.1 to the power of -1/2, over their mean 0.9 · 1.0541 + 0.1 · 3.1623."""
    found = classify.weights(torch.tensor([900.0, 100.0]), 0.5)
    assert found.numpy() == pytest.approx([0.8333, 2.5], abs=1e-4)
    assert classify.weights(torch.tensor([900.0, 100.0]), 0.0).tolist() == [1, 1]
    alike = classify.weights(torch.tensor([900.0, 100.0]), 1.0) * torch.tensor([0.9, 0.1])
    assert alike[0] == pytest.approx(alike[1])


def test_the_loss_to_minimise_is_that_of_weighted_labels(make_labeller):
    shape = replace(make_labeller("mean", count=5).architecture, classes=2)
    model = CharacterModel(shape)
    model.target_counts.copy_(torch.tensor([3, 1]))
    settings = replace(TrainConfig(), task="classify", balance=1.0)
    batch = Batch(np.array([[0, 0], [3, 5]]), np.array([2, 2]), np.array([0, 1]))
    objective = classify.Objective(model, settings)
    loss, loss_nats, _ = objective(batch, None)
    first, second = (Batch(*(part[..., [n]] for part in batch)) for n in range(2))
    one, other = float(objective(first, None)[1]), float(objective(second, None)[1])
    assert loss.item() == pytest.approx((one / 3 + other) / (1 / 3 + 1), rel=1e-5)
    assert loss_nats.item() == pytest.approx((one + other) / 2, rel=1e-5)
