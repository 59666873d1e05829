import numpy as np
import pytest

from charrnn.intervention import Intervention
from charrnn.neurons.ablation import COLD, PARTS, ablate, alike, moments, state_of
from charrnn.neurons.address import Neuron
from charrnn.neurons.concepts import built_in
from charrnn.neurons.use import where

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
    done = ablate(network, ids, [[(Neuron(8, 2, 2), state)], [(Neuron(9, 2, 3), state)]])
    assert (done.differences[0] == 0).all()
    assert (done.differences[1] != 0).any()


def test_costs_are_those_of_reading_each_part_alone(checkpoint):
    network = checkpoint.network(np.float64)
    state = network.architecture.cell.STATES[-1]
    ids = network.vocabulary.encode(TEXT)
    done = ablate(network, ids, [[(Neuron(1, 1, 1), state), (Neuron(7, 2, 1), state)]])
    means, _ = moments(network, ids, [state])[state]
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


def test_moments_are_those_of_the_state_unsquashed(checkpoint):
    network = checkpoint.network(np.float64)
    state = network.architecture.cell.STATES[-1]
    ids = network.vocabulary.encode(TEXT * 4)
    values = network.run(ids[:, None], record=[state]).signals[state][:, 0]
    mean, deviation = moments(network, ids, [state])[state]
    np.testing.assert_allclose(mean, values.mean(axis=0))
    np.testing.assert_allclose(deviation, values.std(axis=0))


def test_like_units_are_those_of_the_nearest_variance_apart_from_the_found():
    deviations = np.array([0.1, 0.5, 0.52, 0.9, 0.45, 0.51])
    like = alike(deviations, Neuron(1, 1, 1), hidden=3, apart_from={5})
    assert [one.number for one in like[:3]] == [2, 4, 0] or [one.number for one in like[:3]] == [
        2,
        4,
        3,
    ]
    assert str(like[0]) == "neuron 2 (layer 1, unit 2)"


def test_a_gate_is_ablated_through_the_state_that_it_writes(make_checkpoint):
    assert [state_of(make_checkpoint("lstm").network(), one) for one in "hcf"] == ["h", "c", "c"]
    assert state_of(make_checkpoint("gru").network(), "z") == "h"


def test_where_a_concept_is_on_and_what_resolves_it():
    text = "a(bc)d"
    concept = built_in(text)["brackets"]
    masks = where(concept, concept.labels(text), text, start=1, length=5)
    shown = {name: "".join(".#"[int(one)] for one in mask) for name, mask in masks.items()}
    # Characters ( b c ) d: those predicted while it is on are b c ), and ) resolves it.
    assert shown == {"on": ".###.", "off": "#...#", "resolving": "...#."}
    ends = built_in(text)["line-end"]
    masks = where(ends, ends.labels("ab\nc"), "ab\nc", start=1, length=3)
    assert masks["resolving"].tolist() == masks["on"].tolist() == [False, True, False]
