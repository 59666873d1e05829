"""Characters predicted from both sides: what they depend on, in NumPy and in torch."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.special import log_softmax

from charrnn import between
from charrnn import network as networks
from charrnn.neurons import activations
from charrnn.neurons.activations import Activations
from charrnn.neurons.proofreading import proofread
from charrnn.neurons.record import record
from charrnn.reading import Opened, of_string
from charrnn.sampling import gaps
from charrnn.sampling.fill import fill
from charrnn.text.surroundings import Surroundings
from charrnn.training.model import CharacterModel

KINDS = {
    "plain": {},
    "residual": {"residual": True, "head_hidden": 7},
    "every layer": {"all_layers": True, "learned_start": True, "head_hidden": 7},
}
pytestmark = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def model(make_checkpoint, kind):
    shape = KINDS[kind] | {"bidirectional": True, "apart": True}
    made = make_checkpoint("gru", layers=2, hidden=6, embedding=4, alphabet="abcd\n", **shape)
    for value in made.weights.values():
        value *= 2
    return made


def in_torch(model, ids, **how):
    """Return logits (T, N, V) in float64, as training computes them."""
    made = CharacterModel(model.architecture).double()
    made.begin_with({name: value.astype(np.float64) for name, value in model.weights.items()})
    made.eval()
    with torch.no_grad():
        outputs, state = made.between(torch.from_numpy(ids), **how)
        return made.logits(outputs).numpy(), state


def test_what_a_character_is_given_is_all_others_and_never_itself(model):
    ids = np.random.default_rng(0).integers(5, size=(9, 1))
    network = model.network(np.float64)
    for read in (lambda ids: network.run(ids).logits, lambda ids: in_torch(model, ids)[0]):
        before = read(ids)
        for place in range(9):
            other = ids.copy()
            other[place] = (other[place] + 1) % 5
            moved = np.abs(read(other) - before).max(axis=(1, 2))
            assert moved[place] == 0
            assert (np.delete(moved, place) > 0).all()


def test_numpy_and_torch_agree_on_texts_of_several_lengths(model):
    random, lengths = np.random.default_rng(1), np.array([11, 6, 1])
    ids = random.integers(5, size=(11, 3))
    expected, _ = in_torch(model, ids, lengths=torch.from_numpy(lengths))
    for dtype, near in ((np.float64, 1e-10), (np.float32, 1e-5)):
        network = model.network(dtype)
        found = network.logits(network.read_texts(ids, lengths))
        for lane, length in enumerate(lengths):
            alone = network.run(ids[:length, lane : lane + 1]).logits[:, 0]
            np.testing.assert_allclose(found[:length, lane], expected[:length, lane], atol=near)
            np.testing.assert_allclose(found[:length, lane], alone, atol=near)


def test_the_fused_kernels_give_the_loss_and_gradients_of_torch(model):
    ids = torch.from_numpy(np.random.default_rng(2).integers(5, size=(12, 3)))
    found = []
    for fused in (False, True):
        made = CharacterModel(model.architecture, fused)
        made.begin_with(model.weights)
        outputs, _ = made.between(ids, ahead=4, lengths=torch.tensor([12, 9, 5]))
        made.logits(outputs)[:5].square().mean().backward()
        found.append({name: one.grad.clone() for name, one in made.named_parameters()})
    for name, gradient in found[0].items():
        torch.testing.assert_close(found[1][name], gradient, atol=1e-5, rtol=1e-4)
        assert gradient.abs().sum() > 0, name


def test_a_text_in_chunks_is_read_as_a_whole_where_each_sees_all_that_follows(model):
    ids = np.random.default_rng(3).integers(5, size=(12, 2))
    whole, _ = in_torch(model, ids)
    parts, state = [], None
    for start in range(0, 12, 4):
        part, state = in_torch(model, ids[start:], state=state, ahead=8 - start)
        parts.append(part)
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-12)
    np.testing.assert_allclose(model.network(np.float64).run(ids).logits, whole, atol=1e-12)


def test_pieces_and_windows_of_a_long_text_give_what_the_whole_text_does(model, monkeypatch):
    """The margins are so long that next to nothing of what is beyond them is left in a state."""
    ids = np.random.default_rng(4).integers(4, size=900).astype(np.uint8)
    network = model.network(np.float64)
    whole = network.run(ids[:, None], record=["h"])
    expected = -log_softmax(whole.logits[:, 0], axis=1)[np.arange(900), ids]
    monkeypatch.setattr(networks, "CHUNK", 100)
    monkeypatch.setattr(Surroundings, "window", 100)
    monkeypatch.setattr(activations, "PIECE", 128)
    np.testing.assert_allclose(between.judged(network, ids).nats, expected, atol=1e-6)
    np.testing.assert_allclose(between.losses(network, ids), expected[1:], atol=1e-6)
    pieces = np.concatenate([read.logits for _, read in network.read(ids)])
    np.testing.assert_allclose(pieces, whole.logits, atol=1e-6)
    read = Activations(network, ids, ["h"])
    columns = read.columns(range(24))[read.counted]
    np.testing.assert_allclose(columns, whole.signals["h"][read.counted, 0], atol=1e-6)
    unit = read.signals[7].neuron
    part = record(network, ids, unit, signal="h", offset=333, length=50)
    np.testing.assert_allclose(part.values, whole.signals["h"][333:383, 0, 7], atol=1e-6)


def test_records_do_not_see_each_other_and_their_marks_do_not_count(model):
    network = model.network(np.float64)
    network.record_end, network.end = "\n", int(network.vocabulary.encode("\n")[0])
    texts = ["ab", "c", "dabc"]
    found = between.judged(network, network.vocabulary.encode("\nab\nc\ndabc\n")).nats
    alone = [between.judged(network, network.vocabulary.encode(f"\n{one}\n")).nats for one in texts]
    marks = np.isnan(found)
    assert np.flatnonzero(marks).tolist() == [0, 3, 5, 10]
    inner = np.concatenate([one[1:-1] for one in alone])
    np.testing.assert_allclose(found[~marks], inner, atol=1e-12)


@pytest.mark.parametrize("before", ["", "abca"])
@pytest.mark.parametrize("after", ["", "cabdda"])
def test_a_gap_of_one_character_is_filled_by_what_both_sides_give(model, before, after):
    network = model.network(np.float64)
    encode = network.vocabulary.encode
    text = np.concatenate([encode(before), encode("a"), encode(after)])
    logits = network.run(text[:, None]).logits[len(before), 0]
    found = fill(network, encode(before), 1, encode(after))
    assert {one.ids[0]: -one.nats for one in found} == pytest.approx(
        dict(enumerate(log_softmax(logits)))
    )
    assert found == sorted(found, key=lambda one: one.nats)


def test_a_longer_gap_costs_its_characters_and_those_near_it_and_the_best_filling_is_found(
    model, monkeypatch
):
    monkeypatch.setattr(gaps, "NEAR", 3)
    network = model.network(np.float64)
    before, after = (network.vocabulary.encode(one) for one in ("abcabd", "cad"))
    expected = {}
    for ids in itertools.product(range(5), repeat=3):
        nats = between.judged(
            network, np.concatenate([before, np.array(ids, np.uint8), after])
        ).nats
        expected[ids] = nats[3:12].sum()
    found = fill(network, before, 3, after)
    assert {one.ids: one.nats for one in found} == pytest.approx(
        {one.ids: expected[one.ids] for one in found}
    )
    assert found[0].ids == min(expected, key=expected.get)


def test_exchanges_go_on_from_what_the_beams_find_until_none_helps(model, monkeypatch):
    for name, value in {"WIDTH": 1, "TRIED": 5, "NEAR": 2}.items():
        monkeypatch.setattr(gaps, name, value)
    for value in model.weights.values():
        value *= 4  # so that neighbours matter
    random, gained = np.random.default_rng(6), []
    for _ in range(8):
        gap = gaps.Gap.of(model.network(np.float64), *random.integers(5, size=(2, 5)))
        found = gaps.search(gap, 4)
        alone = gap.score(np.concatenate([gap.beam(way, 4) for way in (0, 1)])).costs.min()
        gained.append(alone - found.costs[0])
        assert gap.score(gaps.exchanged(found)).costs.min() >= found.costs[0] - 1e-12
    assert min(gained) > -1e-12
    assert max(gained) > 0.01


def test_a_character_is_named_by_its_line_or_record_and_its_column(model):
    lines = ["ab", "cd"] * 20 + ["aabbcc"]
    opened = Opened("model", model, "model")
    found = proofread(opened, of_string(model, "\n".join(lines)), top=200).found
    assert found
    assert all(f"{lines[one.line - 1]}\n"[one.column - 1] == one.character for one in found)
    records = replace(model, record_end="\n", records="line")
    opened = Opened("model", records, "model")
    found = proofread(opened, of_string(records, "\n".join(lines)), top=200).found
    assert found
    assert all(lines[one.line - 1][one.column - 1] == one.character for one in found)


def test_what_an_exchange_gains_is_the_loss_before_less_the_loss_after(model, monkeypatch):
    monkeypatch.setattr(between, "BESIDE", 5)
    network, ids = model.network(np.float64), np.random.default_rng(5).integers(4, size=40)
    places, instead = np.array([1, 20, 38]), np.array([3, 0, 2])
    costs = between.judged(network, ids).nats
    for place, new, gain in zip(
        places, instead, between.gains(network, ids, places, instead), strict=True
    ):
        other = ids.copy()
        other[place] = new
        near = slice(max(0, place - 5), place + 6)
        left = costs[near].sum() - between.judged(network, other).nats[near].sum()
        assert gain == pytest.approx(left, abs=0.05)  # of a text that is cut off 48 away
