"""A network for labels in NumPy: against torch, against Bayes by hand, and its twins."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from charrnn import checkpoint as checkpoints
from charrnn import generative, reading
from charrnn.cells import CELLS
from charrnn.errors import CheckpointError, UsageError
from charrnn.mixtures import mixture
from charrnn.text.batches import PADDING
from charrnn.text.texts import Texts, Written
from charrnn.training.model import CharacterModel
from charrnn.training.tasks import conditional

END = "\x1e"
ALPHABET = END + "abcdefghij"


@pytest.fixture
def make(make_checkpoint):
    """Return what makes a model with random weights that writes texts for three labels."""

    def made(backbone="lstm", **shape):
        model = make_checkpoint(
            backbone, alphabet=ALPHABET, labels=3, label_size=4, **{"embedding": 6} | shape
        )
        random = np.random.default_rng(0)
        texts = ["".join(random.choice(list("abcdefghij"), n)) for n in random.integers(1, 9, 60)]
        return replace(
            model,
            heldout=model.vocabulary.encode(END + "".join(text + END for text in texts)),
            record_end=END,
            task="conditional",
            labels=("x", "y", "z"),
            heldout_labels=random.integers(0, 3, 60).astype(np.uint16),
            label_counts=(5, 3, 2),
        )

    return made


def in_torch(model):
    made = CharacterModel(model.architecture).eval()
    made.begin_with(model.weights)
    return made


def texts_of(model):
    network = model.network()
    return generative.cut(network, model.heldout, model.heldout_labels.astype(np.int64))


SHAPES = [
    *[(backbone, {}) for backbone in CELLS if backbone != "gru_before"],
    ("gru", {"reset_gate": "before"}),
    ("lstm", {"embedding": 0}),
    ("gru", {"residual": True, "all_layers": True}),
    ("lstm", {"learned_start": True}),
]


@pytest.mark.parametrize(("backbone", "shape"), SHAPES)
def test_losses_are_those_of_torch_under_every_label(make, backbone, shape):
    model = make(backbone, **shape)
    net, texts = in_torch(model), texts_of(model)
    logs = generative.log_likelihoods(model.network(), texts)
    for number in range(len(texts.labels)):
        batch = texts.read(np.array([number]))
        for label in range(3):
            ids = torch.from_numpy(batch.inputs)
            outputs, _ = net.read(ids[:-1], labels=torch.tensor([label]))
            costs = torch.nn.functional.cross_entropy(
                net.logits(outputs).flatten(0, 1), ids[1:].flatten(), reduction="sum"
            )
            assert logs[number, label] == pytest.approx(-float(costs.detach()), abs=1e-4)


@pytest.mark.parametrize(("backbone", "shape"), SHAPES)
def test_validation_in_training_is_the_score_and_counts_no_padding(make, backbone, shape):
    model = make(backbone, **shape)
    texts = texts_of(model)
    logs = generative.log_likelihoods(model.network(), texts)
    own = logs[np.arange(len(logs)), texts.labels].sum() / (texts.lengths - 1).sum()
    found = conditional.evaluate(in_torch(model), Written.of(texts))
    assert found.nats == pytest.approx(-own, abs=1e-5)
    opened = reading.Opened(None, model, "")
    assert generative.measured(opened).nats == pytest.approx(found.nats, abs=1e-5)


def test_targets_behind_a_text_are_padding_and_its_end_is_not(make):
    model = make()
    ids = model.vocabulary.encode(f"{END}abc{END}{END}a{END}")
    texts = Texts(ids, np.array([0, 5]), np.array([0, 2]), 2)
    inputs, targets, labels = conditional._tensors(in_torch(model), texts.read(np.array([0, 1])))
    assert inputs.shape == (4, 2)
    a, b, c = model.vocabulary.encode("abc").tolist()
    assert targets[:, 0].tolist() == [a, b, c, 0]
    assert targets[:, 1].tolist() == [a, 0, PADDING, PADDING]
    assert labels.tolist() == [0, 2]


def test_no_gradient_reaches_another_label(make):
    model = make()
    net, texts = in_torch(model), texts_of(model)
    chosen = np.flatnonzero(texts.labels == 1)
    inputs, targets, labels = conditional._tensors(net, texts.read(chosen))
    outputs, _ = net.read(inputs, labels=labels)
    conditional._costs(net.logits(outputs), targets).sum().backward()
    grad = net.labels.weight.grad.abs().sum(dim=1)
    assert grad[1] > 0
    assert grad[0] == grad[2] == 0


@pytest.mark.parametrize(("backbone", "shape"), SHAPES)
def test_the_stepper_in_place_does_what_reading_does(make, backbone, shape):
    model = make(backbone, **shape)
    network = model.given("y").network()
    ids = model.heldout[:40].astype(np.int64)
    whole = network.run(ids[:, None]).logits[:, 0]
    for streams in (1, 3):
        stepper = network.stepper(streams)
        stepper.state = network.start(streams)
        for place, one in enumerate(ids.tolist()):
            assert stepper.step([one] * streams)[-1] == pytest.approx(whole[place], abs=1e-5)


@pytest.mark.parametrize("backbone", ["lstm", "gru", "vanilla"])
def test_in_int8_the_share_of_a_label_stays_a_float(make, backbone):
    """The compiled step is held to the same rounded weights, read in NumPy."""
    model = make(backbone).given("z")
    network = model.network(int8=True)
    plain = model.network()
    assert (network.layers[0].weight == plain.layers[0].weight).all()
    ids = model.heldout[:40].astype(np.int64)
    whole = network.run(ids[:, None]).logits[:, 0]
    stepper = network.stepper(1)
    stepper.state = network.start()
    for place, one in enumerate(ids.tolist()):
        assert stepper.step([one])[0] == pytest.approx(whole[place], abs=2e-3)


def test_a_text_of_pairs_is_each_text_for_its_own_label(make):
    model = make()
    network, texts = model.network(), texts_of(model)
    pairs = reading.held_out(model).ids
    assert (network.predicted_ids(pairs) == model.heldout).all()
    logs = generative.log_likelihoods(network, texts)
    own = -logs[np.arange(len(logs)), texts.labels]
    costs = network.losses(pairs)
    ends = np.cumsum(texts.lengths - 1)
    assert np.add.reduceat(costs, [0, *ends[:-1]]) == pytest.approx(own, abs=1e-4)


def test_labels_are_averaged_out_by_bayes(make):
    """By hand for each text: ln Σ p(label) p(text | label), and its shares."""
    model = make()
    opened = reading.Opened(None, model, "")
    texts = texts_of(model)
    logs = generative.log_likelihoods(model.network(), texts)
    prior = np.array([0.5, 0.3, 0.2])
    both = np.exp(logs) * prior
    found = generative.measured(opened)
    count = (texts.lengths - 1).sum()
    assert found.nats_without == pytest.approx(-np.log(both.sum(axis=1)).sum() / count)
    likeliest = both.argmax(axis=1)
    assert found.measures.accuracy == pytest.approx((likeliest == texts.labels).mean())
    posterior = both / both.sum(axis=1, keepdims=True)
    nats = -np.log(posterior[np.arange(60), texts.labels]).mean()
    assert found.measures.log_loss == pytest.approx(nats)


def test_a_mixture_is_the_network_of_the_mean_vector(make):
    model = make()
    vectors = model.weights["labels.weight"]
    mean = 0.25 * vectors[0] + 0.75 * vectors[2]
    other = replace(model, weights=model.weights | {"labels.weight": np.stack([mean] * 3)})
    ids = model.heldout[:30, None]
    mixed = model.given("x:1,z:3").network().run(ids).logits
    assert mixed == pytest.approx(other.given("x").network().run(ids).logits, abs=1e-5)


@pytest.mark.parametrize(
    ("wanted", "weights"),
    [
        ("b", (0, 1, 0)),
        ("a:1,b:3", (0.25, 0.75, 0)),
        ("a, b", (0.5, 0.5, 0)),
        ("c:d,e", (0, 0, 1)),  # a label of this name
        ("a:2", (1, 0, 0)),
    ],
)
def test_labels_are_mixed_by_weights_that_add_up_to_one(wanted, weights):
    assert mixture(wanted, ("a", "b", "c:d,e")) == pytest.approx(weights)


@pytest.mark.parametrize("wanted", ["a:0", "a:-1", "a:nan", "a:inf", "a:x"])
def test_a_weight_is_above_zero(wanted):
    with pytest.raises(UsageError, match="has no weight above 0"):
        mixture(wanted, ("a", "b"))


def test_an_unknown_label_is_told_with_the_nearest(make):
    with pytest.raises(UsageError) as caught:
        make().given("zz")
    assert caught.value.message == "there is no label 'zz'"
    assert caught.value.hint in ("near: z", "labels: x, y, z")
    with pytest.raises(UsageError) as caught:
        mixture("japanes", ("Japanese", "Greek"))
    assert caught.value.hint == "near: Japanese"


def test_a_network_that_needs_a_label_writes_nothing(make):
    with pytest.raises(UsageError, match="needs a label"):
        make().network().stepper(1)


def test_a_checkpoint_keeps_labels_vectors_and_counts(make, tmp_path):
    model = make()
    path = tmp_path / "best.safetensors"
    checkpoints.save(path, model)
    read = checkpoints.load(path)
    assert read.architecture == model.architecture
    assert (read.labels, read.label_counts) == (("x", "y", "z"), (5, 3, 2))
    assert read.label_shares.tolist() == [0.5, 0.3, 0.2]
    assert (read.weights["labels.weight"] == model.weights["labels.weight"]).all()
    assert not read.mixture


@pytest.mark.parametrize(
    "wrong",
    [
        {"label_counts": (1, 2)},
        {"label_counts": (0, 0, 0)},
        {"labels": ("x", "y")},
        {"heldout_labels": np.array([3], np.uint16)},
    ],
)
def test_a_checkpoint_whose_labels_do_not_fit_is_refused(make, tmp_path, wrong):
    checkpoints.save(tmp_path / "c", replace(make(), **wrong))
    with pytest.raises(CheckpointError):
        checkpoints.load(tmp_path / "c")
