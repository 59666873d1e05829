import dataclasses
import itertools

import numpy as np
import pytest

from charrnn.sampling.fill import fill
from charrnn.text.vocabulary import Vocabulary


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


def test_in_bytes_a_gap_is_of_characters_however_many_bytes_they_have(make_checkpoint):
    alphabet = "".join(sorted({*"caf ", *"éà☃".encode().decode("latin-1")}))
    made = make_checkpoint("gru", layers=1, alphabet=alphabet)
    vocabulary = Vocabulary.of(alphabet, as_bytes=True)
    network = dataclasses.replace(made, vocabulary=vocabulary).network(np.float64)
    before, after = vocabulary.encode("caf"), vocabulary.encode(" caf")
    for gap in (1, 2):
        found = fill(network, before, gap, after)
        texts = [vocabulary.decode(one.ids) for one in found]
        assert {len(text) for text in texts} == {gap}
        assert any(len(one.ids) > gap for one in found)
        for text, one in list(zip(texts, found, strict=True))[:5]:
            ids = vocabulary.encode(f"caf{text} caf")
            assert one.nats == pytest.approx(network.losses(ids)[2:].sum(), rel=1e-9)
        assert [one.nats for one in found] == sorted(one.nats for one in found)
