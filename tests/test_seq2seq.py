"""A text for a text in NumPy: what the network computes, and the answers that are searched."""

import itertools

import numpy as np
import pytest

from charrnn.architecture import Architecture, Decoder
from charrnn.initialisation import first_weights
from charrnn.losses import log_softmax
from charrnn.sampling import beam
from charrnn.seq2seq import Encoded, Seq2Seq
from charrnn.training.dropout import NONE
from charrnn.training.translator import Translator

END = 0
KINDS = ["none", "additive", "dot"]


def network(
    kind="dot", cell="gru", layers=1, ways=2, symbols=5, scale=1.0, read=7, embedding=3, **more
):
    """Return the shape and the weights of a network that was not trained, biases drawn, too."""
    encoder = Architecture(
        cell, layers, 6, read, embedding=embedding, bidirectional=ways == 2, **more
    )
    memory = encoder.outputs
    decoder = Decoder(
        cell,
        layers,
        6,
        symbols,
        embedding=4,
        label_size=0 if kind == "dot" else memory,
        memory=memory,
        attention=kind,
        **more,
    )
    shape = Architecture(**(vars(encoder) | {"decoder": decoder}))
    random = np.random.default_rng(1)
    weights = first_weights(shape, random)
    for name, value in weights.items():
        if "bias" in name:
            weights[name] = random.normal(0, 0.3, value.shape).astype(np.float32)
        if "weight" in name:
            weights[name] = weights[name] * np.float32(scale)
    return shape, weights


def some_sources(count=6):
    random = np.random.default_rng(2)
    return [
        random.integers(0, 7, length).astype(np.uint8) for length in random.integers(1, 9, count)
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("cell", "layers", "ways", "residual"),
    [("gru", 1, 2, False), ("lstm", 2, 2, True), ("vanilla", 2, 1, False), ("lstm", 1, 1, False)],
)
def test_log_probabilities_are_those_of_the_network_in_torch(kind, cell, layers, ways, residual):
    """Sources and targets of different lengths in one batch there, one by one here."""
    import torch

    shape, weights = network(kind, cell, layers, ways, residual=residual)
    model = Translator(shape).eval()
    model.begin_with(weights)
    sources = some_sources()
    targets = [np.array([END, *one[:6].clip(1, 4), END]) for one in some_sources()]
    inputs, lengths = padded(sources)
    written, sizes = padded(targets)
    with torch.no_grad():
        read = map(torch.from_numpy, (inputs, lengths, written[:-1]))
        wanted = log_softmax(model.targeted(*read).double().numpy())
    found = Seq2Seq(shape, weights, END)
    for number, (source, target) in enumerate(zip(sources, targets, strict=True)):
        logs, attention = found.log_probabilities(source, target)
        expected = wanted[: sizes[number] - 1, number]
        assert np.abs(logs - expected).max() < 1e-5
        if kind != "none":
            assert attention.shape == (len(target) - 1, len(source))
            assert attention.sum(axis=1) == pytest.approx(np.ones(len(target) - 1))


def padded(texts):
    lengths = np.array([len(one) for one in texts])
    ids = np.full((lengths.max(), len(texts)), 3, np.int64)  # behind the end anything may stand
    for number, one in enumerate(texts):
        ids[: len(one), number] = one
    return ids, lengths


@pytest.mark.parametrize("kind", KINDS)
def test_the_fused_kernels_give_the_gradients_of_torch(kind):
    import torch

    from charrnn.training import kernels

    if kernels.missing():
        pytest.skip(kernels.missing())
    shape, weights = network(kind)
    sources, targets = some_sources(), [np.array([END, 1, 2, 3, END])] * 6
    inputs, lengths = padded(sources)
    gradients = []
    for fused in (False, True):
        model = Translator(shape, fused, NONE)
        model.begin_with(weights)
        logits = model.targeted(*map(torch.from_numpy, (inputs, lengths, padded(targets)[0])))
        logits.square().mean().backward()
        gradients.append({name: one.grad for name, one in model.named_parameters()})
    for name, one in gradients[0].items():
        assert one.abs().max() > 0, name  # each weight has a part in it
        assert torch.allclose(one, gradients[1][name], atol=1e-6), name


@pytest.mark.parametrize("kind", KINDS)
def test_sources_together_get_what_each_gets_alone(kind):
    """Padding is not attended to, and answers that have ended leave the batch."""
    shape, weights = network(kind, scale=4.0)
    model, sources = Seq2Seq(shape, weights, END), some_sources(40)
    for width in (1, 3):
        together = beam.answers(model, sources, width, [12] * 40)
        assert len({len(best[0].ids) for best in together}) > 2  # they end at different steps
        for source, best in zip(sources, together, strict=True):
            (alone,) = beam.answers(model, [source], width, [12])
            assert [one.ids for one in best] == [one.ids for one in alone]
            assert [one.score for one in best] == pytest.approx([one.score for one in alone])


def greedy(model, source, length):
    encoded = model.encode([source])
    state, ids = encoded.first, [END]
    while len(ids) <= length:
        logits, state, _ = model.step(np.array([[ids[-1]]]), state, encoded)
        ids.append(int(logits[0, 0].argmax()))
        if ids[-1] == END:
            return ids[1:-1]
    return ids[1:]


def test_a_beam_of_one_takes_the_likeliest_symbol_at_each_step():
    shape, weights = network(scale=4.0)
    model = Seq2Seq(shape, weights, END)
    for source in some_sources(20):
        ((best,),) = beam.answers(model, [source], 1, [10])
        assert best.ids == greedy(model, source, 10)


def test_a_wide_beam_finds_what_all_texts_would():
    """All of up to three symbols; those of four do not end within the length."""
    shape, weights = network("additive", symbols=4)
    model = Seq2Seq(shape, weights, END)
    for source in some_sources(5):
        scores = {}
        for count in range(4):
            for ids in itertools.product((1, 2), repeat=count):  # 3 is never written
                logs, _ = model.log_probabilities(source, np.array([END, *ids, END]))
                total = logs[np.arange(count + 1), [*ids, END]].sum()
                scores[ids] = total / (count + 1)
        ranked = sorted(scores, key=scores.get, reverse=True)
        (found,) = beam.answers(model, [source], 40, [4], never=[3])
        ended = [one for one in found if one.ended]
        assert [tuple(one.ids) for one in ended] == ranked
        assert [one.score for one in ended] == pytest.approx([scores[one] for one in ranked])
        assert len(found) - len(ended) == 2**4


class Counting:
    """In place of a network: five times 1, then the end, each almost certain."""

    end = END

    def step(self, ids, state, encoded):
        count = int(state[0][0][0, 0])
        likely = 1 if count < 5 else END
        logits = np.log(np.where(np.arange(4) == likely, 0.97, 0.01))
        after = ((state[0][0] + 1,),)
        return np.broadcast_to(logits, (*ids.shape, 4)), after, None


def test_unlikely_ends_do_not_stop_the_search():
    """At each step an end is among the best two, and would make a bad answer."""
    nothing = np.zeros((1, 1))
    encoded = Encoded(nothing, nothing, nothing > 0, nothing, ((nothing,),))
    ((best, *_),) = beam.beam(Counting(), encoded, 2, np.array([9]), top=1)
    assert best.ids == [1] * 5
    assert best.score == pytest.approx(np.log(0.97))


def test_symbols_are_drawn_by_their_probabilities():
    """Of 4,000 answers, the first symbols, against p ^ (1 / temperature)."""
    shape, weights = network(scale=2.0)
    model, source = Seq2Seq(shape, weights, END), some_sources()[0]
    random = np.random.default_rng(0)
    found = beam.drawn(model, [source] * 4000, 0.7, random, [1] * 4000, never=[4])
    firsts = [one.ids[0] if one.ids else END for one in found]
    logs, _ = model.log_probabilities(source, np.array([END, END]))
    wanted = np.exp(logs[0, :4] / 0.7)
    wanted /= wanted.sum()
    assert np.bincount(firsts, minlength=4) / 4000 == pytest.approx(wanted, abs=0.03)
    one = next(answer for answer in found if answer.ids)
    assert not one.ended
    assert one.score == pytest.approx(logs[0, one.ids[0]])


def test_a_language_model_begins_the_encoder_forwards_and_the_decoder():
    """Two alphabets that share some characters with its own; what else is read begins anew."""
    from charrnn.checkpoint import Checkpoint
    from charrnn.text.dataset import Dataset
    from charrnn.text.symbols import Symbols
    from charrnn.text.targets import Targets
    from charrnn.text.texts import Texts
    from charrnn.text.vocabulary import Vocabulary
    from charrnn.training.transfer import carry_over_pairs

    old_shape = Architecture("gru", 1, 6, 3, embedding=4)
    old = Checkpoint(
        old_shape, Vocabulary("abc"), first_weights(old_shape, np.random.default_rng(3))
    )
    shape, weights = network("none", symbols=4, embedding=4, read=5)
    model = Translator(shape)
    model.begin_with(weights)
    nothing = np.zeros(0, np.uint8)
    targets = Targets(Vocabulary("\x1eacx"), Symbols(), Symbols(), (1, 1))
    texts = Texts(nothing, np.zeros(0, np.int64), np.zeros(0, np.int64), 1)
    text = Dataset(
        Vocabulary("\x1ebcyz"), texts, 0, texts, texts, 0, nothing, "\x1e", targets=targets
    )
    assert carry_over_pairs(model, text, old) == (2, 2)
    found = model.to_numpy()
    assert (found["embedding.weight"][1:3] == old.weights["embedding.weight"][1:]).all()
    assert (found["embedding.weight"][3:] == weights["embedding.weight"][3:]).all()
    assert (found["rnn.weight_hh_l0"] == old.weights["rnn.weight_hh_l0"]).all()
    backwards = "rnn.weight_hh_l0_reverse"
    assert (found[backwards] == weights[backwards]).all()
    read = found["decoder.rnn.weight_ih_l0"]
    assert (read[:, :4] == old.weights["rnn.weight_ih_l0"]).all()
    assert (read[:, 4:] == weights["decoder.rnn.weight_ih_l0"][:, 4:]).all()
    head = found["decoder.head.weight"]
    assert (head[1, :6] == old.weights["head.weight"][0]).all()  # of "a"
    assert (head[1, 6:] == weights["decoder.head.weight"][1, 6:]).all()
