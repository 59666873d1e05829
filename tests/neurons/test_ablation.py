import numpy as np
import pytest

from charrnn.architecture import Architecture
from charrnn.intervention import Intervention
from charrnn.neurons import use
from charrnn.neurons.ablation import COLD, LIKE, PARTS, ablate, alike, state_of
from charrnn.neurons.activations import Activations
from charrnn.neurons.address import Neuron
from charrnn.neurons.concepts import built_in
from charrnn.neurons.use import where
from charrnn.reading import Text

TEXT = "the sea was wet, (as wet) could be.\n" * 40


@pytest.fixture(params=["lstm", "gru", "vanilla"])
def checkpoint(make_checkpoint, request):
    return make_checkpoint(request.param, alphabet=TEXT, hidden=6)


def test_a_unit_that_nothing_listens_to_changes_nothing_at_all(checkpoint):
    """Unit 2 of the upper layer, its weights onward, to its layer and to the head, taken away."""
    checkpoint.weights["head.weight"][:, 2] = 0
    checkpoint.weights["rnn.weight_hh_l1"][:, 2] = 0
    network = checkpoint.network()
    state = network.architecture.cell.STATES[-1]
    ids = network.vocabulary.encode(TEXT)
    read = Activations(network, ids, network.architecture.cell.STATES)
    done = ablate(read, [[(Neuron(8, 2, 2), state)], [(Neuron(9, 2, 3), state)]])
    assert (done.differences[0] == 0).all()
    assert (done.differences[1] != 0).any()


def test_costs_are_those_of_reading_each_part_alone(checkpoint):
    network = checkpoint.network(np.float64)
    state = network.architecture.cell.STATES[-1]
    ids = network.vocabulary.encode(TEXT)
    read = Activations(network, ids, network.architecture.cell.STATES)
    done = ablate(read, [[(Neuron(1, 1, 1), state), (Neuron(7, 2, 1), state)]])
    means = read.moments[state].mean
    held = [Intervention(0, 1, means[1], state), Intervention(1, 1, means[7], state)]
    length = (len(ids) - COLD) // PARTS
    assert done.costs.shape == (length * PARTS,)
    for part in (0, PARTS - 1):
        start = COLD + part * length
        # One character is read before the COLD ones; the first of the text stands in for none.
        read = np.concatenate(
            [
                ids[start - COLD - 1 : start - COLD] if part else ids[:1],
                ids[start - COLD : start + length],
            ]
        )
        for given, expected in (((), done.costs), (held, done.costs + done.differences[0])):
            logits = network.run(read[:-1, None], held=given).logits[:, 0]
            logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
            costs = -logs[np.arange(len(read) - 1), read[1:]][COLD:]
            here = expected[part * length : (part + 1) * length]
            np.testing.assert_allclose(here, costs, rtol=1e-9)


def test_a_long_text_is_read_in_parts_that_are_spread_over_it(make_checkpoint):
    network = make_checkpoint("gru", alphabet=TEXT, hidden=6).network()
    read = Activations(network, network.vocabulary.encode(TEXT * 20), ["h"])
    done = ablate(read, [[(Neuron(1, 1, 1), "h")]])
    assert len(done.places) == len(done.costs) == 16_384
    span = (len(read.ids) - COLD) // PARTS
    expected = [COLD + part * span + one for part in range(PARTS) for one in range(2048)]
    assert done.places.tolist() == expected


def shape(hidden):
    return Architecture("gru", layers=3, hidden=hidden, vocabulary=9)


def test_like_units_live_and_are_of_the_nearest_variance_apart_from_the_found():
    deviations = np.array([0.1, 0.5, 0.52, 0.9, 0.45, 0.51, 0.5])
    living = np.array([True, True, True, True, True, True, False])
    like = alike(deviations, living, Neuron(1, 1, 1), shape(3), apart_from={5})
    assert [one.number for one in like[:2]] == [2, 4]
    assert sorted(one.number for one in like[2:]) == [0, 3]
    assert str(like[0]) == "neuron 2 (layer 1, unit 2)"
    assert (
        len(alike(np.ones(50), np.ones(50, bool), Neuron(0, 1, 0), shape(50), set())) == LIKE == 20
    )


def test_units_that_hardly_vary_are_no_comparison_and_each_row_has_its_own(make_checkpoint):
    made = make_checkpoint("vanilla", layers=1, alphabet=TEXT, hidden=30)
    dead = [3, 7, 11]
    made.weights["rnn.bias_ih_l0"][dead] = 100.0  # saturated: h is 1 throughout
    network = made.network()
    ids = network.vocabulary.encode(TEXT)
    read = Activations(network, ids, ["h"])
    deviation = read.moments["h"].deviation
    order = [int(one) for one in np.argsort(deviation) if one not in dead]
    ends = order[0], order[-1]
    tried = use._tried(read, [[(Neuron(one, 1, one), "h")] for one in ends])
    assert [len(rows) for rows in tried.beside] == [20, 20]
    for end, beside in zip(ends, tried.beside, strict=True):
        nearest = sorted(order, key=lambda one: abs(deviation[one] - deviation[end]))
        nearest = [one for one in nearest if one not in ends][:20]
        alone = ablate(read, [[(Neuron(one, 1, one), "h")] for one in nearest])
        np.testing.assert_allclose(
            sorted(row.mean() for row in beside),
            sorted(row.mean() for row in alone.differences),
            atol=1e-6,
        )


def test_a_group_is_compared_with_groups_of_as_many_different_units():
    units = [(Neuron(n, 1, n), "c") for n in range(60)]
    groups = use._controls([units[:40], units[1:41]])
    assert len(groups) == 20
    assert groups[0] == (units[0], units[1])
    assert groups[1] == (units[1], units[2])
    same = use._controls([units[:3], units[:3]])  # the second takes the next free one
    assert same == [(units[0], units[1]), (units[1], units[2])]
    assert use._controls([units[:30]]) == [(one,) for one in units[:20]]
    assert use._controls([[], units]) == []


def test_a_group_costs_more_than_its_controls_by_the_same_reading(make_checkpoint):
    network = make_checkpoint("gru", layers=1, alphabet=TEXT, hidden=6).network()
    ids = network.vocabulary.encode(TEXT)
    neurons = [Neuron(0, 1, 0), Neuron(1, 1, 1)]
    (found,), _ = use.compared(network, Text(ids, TEXT, ""), [neurons], None)
    read = Activations(network, ids, ["h"])
    deviation, left = read.moments["h"].deviation, [2, 3, 4, 5]
    orders = [sorted(left, key=lambda one: abs(deviation[one] - deviation[n])) for n in (0, 1)]
    controls = use._controls([[(Neuron(n, 1, n), "h") for n in order] for order in orders])
    alone = ablate(read, [[(one, "h") for one in neurons], *controls]).differences.mean(axis=1)
    assert found.like == len(controls) > 1
    assert found.costs["overall"] == pytest.approx(alone[0])
    assert found.means["overall"] == pytest.approx(alone[1:].mean(), abs=1e-7)


def test_find_and_ablate_agree_on_what_a_unit_is_worth(make_checkpoint):
    network = make_checkpoint("gru", alphabet=TEXT, hidden=12).network()
    ids = network.vocabulary.encode(TEXT)
    brackets = built_in(TEXT)["brackets"]
    read = Activations(network, ids, ["h"])
    signal = read.signals[5]
    random = np.random.default_rng(0)
    (found,) = use.used(read, [signal], brackets, brackets.labels(TEXT), TEXT, random).values()
    (row,), counted = use.compared(network, Text(ids, TEXT, ""), [[signal.neuron]], brackets)
    assert counted == (len(ids) - COLD) // PARTS * PARTS
    assert (found.overall, found.on, found.off, found.resolving) == pytest.approx(
        tuple(row.costs[name] for name in ("overall", "on", "off", "resolving"))
    )
    assert (found.like, found.like_mean) == pytest.approx((row.like, row.means["resolving"]))


def test_a_gate_is_ablated_through_the_state_that_it_writes(make_checkpoint):
    assert [state_of(make_checkpoint("lstm").network(), one) for one in "hcf"] == ["h", "c", "c"]
    assert state_of(make_checkpoint("gru").network(), "z") == "h"


def test_where_a_concept_is_on_and_what_resolves_it():
    text = "a(bc)d"
    concept = built_in(text)["brackets"]
    masks = where(concept, concept.labels(text), text, np.arange(1, 6))
    shown = {name: "".join(".#"[int(one)] for one in mask) for name, mask in masks.items()}
    # Characters ( b c ) d: those predicted while it is on are b c ), and ) resolves it.
    assert shown == {"on": ".###.", "off": "#...#", "resolving": "...#."}
    ends = built_in(text)["line-end"]
    masks = where(ends, ends.labels("ab\nc"), "ab\nc", np.arange(1, 4))
    assert masks["resolving"].tolist() == masks["on"].tolist() == [False, True, False]
