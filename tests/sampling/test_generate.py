import itertools

import numpy as np
import pytest

from charrnn.errors import UsageError
from charrnn.losses import log_softmax
from charrnn.sampling.filters import draw, tempered
from charrnn.sampling.generate import generate


def write(network, prompt="", temp=1.0, length=50, seed=0):
    ids = network.vocabulary.encode(prompt)
    random = np.random.default_rng(seed)
    drawn = generate(network, ids, temp=temp, length=length, random=random)
    return network.vocabulary.decode(drawn)


@pytest.fixture
def network(make_checkpoint):
    return make_checkpoint(seed=3).network()


def test_the_length_leaves_out_the_prompt(network):
    assert len(write(network, prompt="hello", length=7)) == 7
    assert write(network, length=0) == ""


def test_without_a_length_the_text_has_no_end(network):
    ids = network.vocabulary.encode("a")
    endless = generate(network, ids, temp=1, length=None, random=np.random.default_rng(0))
    assert len(list(itertools.islice(endless, 3000))) == 3000


def test_the_same_seed_gives_the_same_text(network):
    assert write(network, seed=5) == write(network, seed=5)
    assert write(network, seed=5) != write(network, seed=6)


def test_temperature_zero_always_takes_the_likeliest(network):
    prompt = "the "
    text = write(network, prompt, temp=0, length=20)
    for place in range(20):
        ids = network.vocabulary.encode(prompt + text[:place])
        likeliest = network.run(ids[:, None]).logits[-1, 0].argmax()
        assert network.vocabulary.characters[likeliest] == text[place]


def test_a_tiny_temperature_is_greedy_and_does_not_overflow(network):
    assert write(network, temp=5e-324) == write(network, temp=0)
    assert write(network, temp=1e-5) == write(network, temp=0)


def test_the_whole_prompt_is_read(make_checkpoint):
    checkpoint = make_checkpoint()
    for value in checkpoint.weights.values():
        value *= 4  # a network with a memory, and sure of what it says
    network = checkpoint.network()
    assert write(network, "xaa", temp=0) != write(network, "yaa", temp=0)


def test_without_a_prompt_the_text_starts_as_a_line_does(network):
    assert write(network, "") == write(network, "\n")


def test_an_alphabet_without_line_ends_starts_anywhere(make_checkpoint):
    network = make_checkpoint(alphabet="abcdef").network()
    assert {write(network, temp=0, length=1, seed=seed) for seed in range(40)} <= set("abcdef")
    assert len(write(network, length=9)) == 9


@pytest.mark.parametrize("temp", [0.5, 1.0, 2.0])
def test_drawn_frequencies_are_the_tempered_probabilities(temp):
    logits = np.array([0.0, 1.0, -2.0, 3.0], np.float32)
    expected = 20_000 * np.exp(log_softmax(logits.astype(np.float64) / temp))
    random = np.random.default_rng(0)
    seen = np.bincount(
        draw(np.tile(tempered(logits[None], temp), (20_000, 1)), random), minlength=4
    )
    chi_square = ((seen - expected) ** 2 / expected).sum()
    assert chi_square < 16.27  # p > 0.001 with three degrees of freedom


def test_a_character_without_any_probability_is_never_drawn():
    logits = np.array([[-np.inf, 0.0, -np.inf]])
    random = np.random.default_rng(0)
    assert {draw(logits, random)[0] for _ in range(1000)} == {1}
    assert set(draw(np.repeat(logits, 1000, axis=0), random)) == {1}


class Highest:
    """A generator whose numbers are the highest that there are below 1."""

    def random(self, count=None):
        return np.full(count, np.nextafter(1, 0)) if count else np.nextafter(1, 0)


@pytest.mark.parametrize("streams", [1, 3])
def test_the_highest_random_number_draws_the_last_possible_character(streams):
    logits = np.tile(np.array([0.1, 0.7, 0.3, -np.inf], np.float32), (streams, 1))
    assert draw(logits, Highest()) == [2] * streams


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"temp": -1}, "the temperature is -1"),
        ({"temp": float("nan")}, "the temperature is nan"),
        ({"temp": float("inf")}, "the temperature is inf"),
        ({"length": -1}, "the length is -1"),
    ],
)
def test_impossible_settings_are_refused_before_the_first_character(network, options, reason):
    with pytest.raises(UsageError, match=reason):
        write(network, **options)
