"""Units of an encoder and of a decoder: what they read, and what an answer is without them."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from charrnn.checkpoint import Checkpoint
from charrnn.errors import UsageError
from charrnn.intervention import Intervention
from charrnn.neurons import known, stack_texts
from charrnn.neurons.ablation import ablate, exact
from charrnn.neurons.activations import Activations
from charrnn.neurons.address import numbered
from charrnn.neurons.concepts import built_in
from charrnn.neurons.record import record
from charrnn.reading import Opened
from charrnn.sampling.answering import Answering
from charrnn.sampling.beam import answers
from charrnn.seq2seq import Seq2Seq
from charrnn.stacks import Pair, losses
from charrnn.text.symbols import Symbols
from charrnn.text.targets import Targets
from charrnn.text.vocabulary import Vocabulary
from tests.findings import finding
from tests.test_seq2seq import KINDS, network

MARK = "\x1e"
COUNT = 60  # pairs
BRACKETS = built_in("")["brackets"]


@cache
def model(kind="dot", **shape):
    """A model that was not trained, with pairs held out."""
    architecture, weights = network(kind, scale=3.0, **shape)
    random = np.random.default_rng(3)

    def text(letters):
        return MARK + "".join(random.choice(list(letters), random.integers(1, 9)))

    sources, targets = (
        Vocabulary("".join(sorted(MARK + letters)), unknown=True) for letters in ("abcde", "wxy")
    )
    written = targets.encode("".join(text("wxy") + MARK for _ in range(COUNT)))
    return Checkpoint(
        architecture,
        sources,
        weights,
        heldout=sources.encode("".join(text("abcde") for _ in range(COUNT))),
        record_end=MARK,
        task="seq2seq",
        targets=Targets(targets, Symbols(), Symbols(), (8, 8), written),
    )


def part(stack, made, tmp_path):
    return stack_texts.of_held_out(Opened(tmp_path / "m.safetensors", made, "m"), stack)


def whole(made):
    return Seq2Seq(made.architecture, made.weights, 0, np.float64)


SHAPES = [
    {"kind": "none", "cell": "lstm", "layers": 2, "residual": True},
    {"kind": "additive", "cell": "gru"},
    {"kind": "dot", "cell": "vanilla", "layers": 2},
]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_decoder_reads_each_target_for_its_own_source(shape, tmp_path):
    made = model(**shape)
    opened, text = part("decoder", made, tmp_path)
    read = opened.checkpoint.network(np.float64)
    pairs = opened.checkpoint.pairs
    assert text.characters == made.targets.vocabulary.decode(
        [one for pair in pairs for one in pair.target[:-1]]
    )
    logits = read.run(text.ids[:, None]).logits[:, 0]
    logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    alone = [whole(made).log_probabilities(*pair)[0] for pair in pairs]
    np.testing.assert_allclose(logs, np.concatenate(alone), atol=1e-9)
    costs = [
        -rows[np.arange(len(rows)), one.target[1:]].sum()
        for rows, one in zip(alone, pairs, strict=True)
    ]
    np.testing.assert_allclose(losses(whole(made), pairs), costs)
    loss = record(read, text.ids, numbered(0, read.architecture)).loss_nats
    assert loss == pytest.approx((sum(costs) + alone[-1][-1][0]) / (len(text.ids) - 1))


@pytest.mark.parametrize("shape", SHAPES)
def test_texts_side_by_side_give_the_signals_of_one_after_another(shape, tmp_path):
    made = model(**shape)
    for stack in ("encoder", "decoder"):
        opened, text = part(stack, made, tmp_path)
        read = opened.checkpoint.network(np.float64)
        names = tuple(read.architecture.cell.SIGNALS)
        wanted = read.run(text.ids[:, None], record=names).signals
        found = Activations(read, text.ids, names)
        columns = found.columns(range(len(found.signals)))
        expected = np.concatenate([wanted[name][:, 0] for name in names], axis=1)
        np.testing.assert_allclose(columns[1:], expected[1:], atol=1e-9)


def test_an_encoders_units_are_what_the_decoder_attends_to(tmp_path):
    made = model()
    opened, text = part("encoder", made, tmp_path)
    read = opened.checkpoint.network(np.float64)
    h = read.run(text.ids[:, None], record=["h"]).signals["h"][:, 0]
    memory = [whole(made).encode([one.source]).memory[0] for one in opened.checkpoint.pairs]
    np.testing.assert_allclose(h, np.concatenate(memory), atol=1e-9)


def begun(made, value):
    """Return the model with unit 2 of the decoder at a value before the first symbol."""
    weights = {name: np.array(one) for name, one in made.weights.items()}
    weights["decoder.bridge.weight"][2] = 0
    weights["decoder.bridge.bias"][2] = np.arctanh(value)
    return replace(made, weights=weights)


def shut(made, before):
    """Return the model with unit 2 of a GRU stuck where it begins: its update gate is shut."""
    weights = {name: np.array(one) for name, one in made.weights.items()}
    for name in ("ih", "hh"):
        weights[f"{before}rnn.weight_{name}_l0"][6 + 2] = 0  # of z, after six rows of r
        weights[f"{before}rnn.bias_{name}_l0"][6 + 2] = 500
    return replace(made, weights=weights)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("stack", "before", "value"), [("encoder", "", 0), ("decoder", "decoder.", 0.7)]
)
def test_a_unit_that_is_held_is_one_that_cannot_move(kind, stack, before, value, tmp_path):
    made = begun(model(kind), 0.7)
    pairs = part(stack, made, tmp_path)[0].checkpoint.pairs
    held = whole(made).holding(stack, [Intervention(0, 2, value)])
    fixed = losses(whole(shut(made, before)), pairs)
    np.testing.assert_allclose(losses(held, pairs), fixed, atol=1e-6)
    assert np.abs(losses(whole(made), pairs) - fixed).max() > 0.01


@pytest.mark.parametrize("stack", ["encoder", "decoder"])
def test_ablation_is_by_known_targets(stack, tmp_path):
    """An encoder's by the text, a decoder's by the symbol."""
    opened, text = part(stack, model(), tmp_path)
    read = opened.checkpoint.network(np.float64)
    states = Activations(read, text.ids, ["h"], targets=text.labels)
    done = ablate(states, [[(numbered(3, read.architecture), "h")]])
    held = [Intervention(0, 3, states.moments["h"].mean[3])]
    pairs = opened.checkpoint.pairs
    counts = np.array([len(one.target) - 1 for one in pairs])
    for costs, by in ((done.costs, []), (done.costs + done.differences[0], held)):
        nats = losses(whole(model()).holding(stack, by), pairs)
        if stack == "encoder":
            np.testing.assert_allclose(costs, nats / counts, atol=1e-6)
            assert text.characters[done.places[0] + 1] == MARK
            continue
        number = np.cumsum(text.ids[1:] % 5 == 0)[done.places - 1]  # a mark belongs to the next
        ends = text.ids[done.places] % 5 == 0
        number = number - ends
        for one in range(5, 20):  # of which no symbol is outside the eight parts
            assert costs[number == one].sum() == pytest.approx(nats[one], abs=1e-5)


def test_an_answer_is_exact_that_is_a_target_of_its_source(tmp_path):
    """Each source twice, in four pairs of five once with its answer and once with another text."""
    opened, _ = part("decoder", model(), tmp_path)
    stack = opened.checkpoint
    sources = list({one.source.tobytes(): one.source for one in stack.pairs}.values())[:20]
    written = answers(stack.seq2seq(), sources, 1, [17] * 20, [4])
    other = np.array([0, 1, 0])
    pairs = []
    for number, (source, (best,)) in enumerate(zip(sources, written, strict=True)):
        right = np.array([0, *best.ids, 0]) if number % 5 else other
        pairs += [Pair(source, other), Pair(source, right)]
    stack = replace(stack, pairs=tuple(pairs))
    numbers = np.arange(len(pairs))
    states = Activations(stack.network(), stack.read_ids(0, 40), ["h"], targets=numbers)
    found = exact(states, [[(numbered(2, stack.architecture), "h")]])
    ended = np.array([best.ended for (best,) in written])
    assert found[0].tolist() == (ended & (np.arange(20) % 5 > 0)).tolist()
    mean = float(states.moments["h"].mean[2])
    held = stack.seq2seq().holding("decoder", [Intervention(0, 2, mean)])
    without = answers(held, sources, 1, [17] * 20, [4])
    assert found[1].tolist() == [
        before and one == same
        for before, (one,), (same,) in zip(found[0], without, written, strict=True)
    ]
    assert found[1].sum() < found[0].sum()


def test_a_prompt_is_read_by_the_encoder_and_its_answer_by_the_decoder(tmp_path):
    opened = Opened(tmp_path / "m.safetensors", model(), "m")
    _, source = stack_texts.of_texts(opened, "encoder", ["cade"], "prompt")
    made, target = stack_texts.of_texts(opened, "decoder", ["cade"], "prompt")
    ((answer,),) = Answering(model()).answers(["cade"])
    assert source.characters == MARK + "cade"
    assert target.characters == MARK + answer.text
    assert (target.ids // 5 == COUNT).all()  # after the held-out pairs
    assert made.checkpoint.written
    ids = np.tile(target.ids, 60)
    states = Activations(made.checkpoint.network(), ids, ["h"], targets=target.labels)
    with pytest.raises(UsageError, match="known targets"):
        ablate(states, [])


@pytest.mark.parametrize("in_a_run", [True, False])
def test_what_is_known_of_both_is_kept_apart(in_a_run, tmp_path):
    if in_a_run:
        (tmp_path / "config.yaml").write_text("")
    path = tmp_path / "best.safetensors"
    encoder, decoder = (
        part(one, model(), tmp_path)[0].checkpoint for one in ("encoder", "decoder")
    )
    known.keep(path, encoder, [finding(BRACKETS, 0.9, 0.2, 3)], "a text")
    known.keep(path, decoder, [finding(BRACKETS, 0.9, 0.2, 4)], "a text")
    assert [one.neuron for one in known.of(path, encoder)] == [3]
    assert [one.neuron for one in known.of(path, decoder)] == [4]
    assert known.of(path, model()) == []
