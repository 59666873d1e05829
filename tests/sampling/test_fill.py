import itertools

import numpy as np
import pytest

from charrnn.sampling.fill import fill


@pytest.fixture
def network(make_checkpoint):
    checkpoint = make_checkpoint("gru", alphabet="abc\n", seed=1)
    for value in checkpoint.weights.values():
        value *= 3
    return checkpoint.network(np.float64)


@pytest.mark.parametrize("after", ["", "a", "cab\nba", "ab" * 40])
@pytest.mark.parametrize("gap", [1, 3])
def test_every_filling_of_a_short_gap_costs_what_reading_it_costs(network, gap, after):
    vocabulary = network.vocabulary
    before = vocabulary.encode("\nab")
    expected = {}
    for ids in itertools.product(range(4), repeat=gap):
        text = np.concatenate([before, np.array(ids), vocabulary.encode(after)]).astype(int)
        expected[ids] = network.losses(text)[2:].sum()
    found = fill(network, before, gap, vocabulary.encode(after))
    assert {one.ids: one.nats for one in found} == pytest.approx(expected, rel=1e-9)
    assert [one.nats for one in found] == sorted(one.nats for one in found)
    assert found[0].ids == min(expected, key=expected.get)


def test_long_texts_after_the_gap_are_read_in_chunks(network, monkeypatch):
    before, after = network.vocabulary.encode("a"), network.vocabulary.encode("abc\n" * 9)
    whole = fill(network, before, 1, after)
    monkeypatch.setattr("charrnn.sampling.fill.LOGITS", 80)
    parts = fill(network, before, 1, after)
    assert [one.ids for one in parts] == [one.ids for one in whole]
    assert [one.nats for one in parts] == pytest.approx([one.nats for one in whole])
