import itertools

import numpy as np
import pytest

from charrnn.losses import log_softmax
from charrnn.sampling.filters import Filters
from charrnn.sampling.generate import Writer, read
from charrnn.sampling.search import beam, follow, mean_nats


@pytest.fixture
def network(make_checkpoint):
    checkpoint = make_checkpoint("lstm", alphabet="abc\n", seed=4)
    for value in checkpoint.weights.values():
        value *= 3
    return checkpoint.network(np.float64)


def cost(network, text: str) -> float:
    ids = network.vocabulary.encode("\n" + text)
    return float(network.losses(ids).sum())


def found(network, width, length, end=None, **filters) -> str:
    writer = Writer(network, lambda place: 1.0, Filters(**filters))
    ready = read(network, network.vocabulary.encode("\n"))
    return network.vocabulary.decode(beam(writer, ready, width, length, end))


def test_a_beam_that_is_wide_enough_finds_the_likeliest_text_of_all(network):
    texts = map("".join, itertools.product("\nabc", repeat=4))
    assert found(network, width=64, length=4) == min(texts, key=lambda text: cost(network, text))


def test_a_beam_of_one_is_greedy(network):
    writer = Writer(network, lambda place: 0.0)
    ready = read(network, network.vocabulary.encode("\n"))
    greedy = [row.ids[0] for row in writer.write(ready, 9, np.random.default_rng(0))]
    assert found(network, width=1, length=9) == network.vocabulary.decode(greedy)


def test_in_a_model_of_records_the_likeliest_whole_record_is_found(network):
    """Texts of up to five characters and their end compete by what they cost together."""
    records = ["".join(text) for n in range(5) for text in itertools.product("abc", repeat=n)]
    best = min(records, key=lambda text: cost(network, text + "\n"))
    end = int(network.vocabulary.encode("\n")[0])
    assert found(network, width=200, length=5, end=end) == best


def test_banned_characters_are_in_no_beam(network):
    allowed = np.array([True, False, True, True])
    assert "a" not in found(network, width=8, length=8, allowed=allowed)


def test_a_text_that_is_followed_costs_what_it_costs_when_it_is_read(network):
    ids = network.vocabulary.encode("abacab\nc").tolist()
    writer = Writer(network, lambda place: 1.0)
    drawn = list(follow(writer, read(network, network.vocabulary.encode("\n")), ids))
    assert [one.id for one in drawn] == ids
    assert mean_nats(drawn) == pytest.approx(cost(network, "abacab\nc") / 8, rel=1e-12)
    assert np.isfinite(log_softmax(drawn[0].logits)).all()
