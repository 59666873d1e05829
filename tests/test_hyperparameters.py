import math
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrnn import hyperparameters
from charrnn.architecture import Architecture
from charrnn.config import Effort, resolve
from charrnn.hyperparameters import USUAL_SPEED, fit, suited
from charrnn.settings import TrainConfig
from charrnn.tasks.language_model import fitted
from charrnn.text import dataset
from charrnn.text.corpus import Corpus
from charrnn.text.dataset import TextSize

SHAKESPEARE = TextSize(1_003_854, 65)
POEM = TextSize(1_800, 50)
NAMES = TextSize(205_000, 27, 7.1)
LIBRARY = TextSize(28_000_000, 444)
sizes = st.builds(
    TextSize,
    st.integers(1, 10**10),
    st.integers(1, 100_000),
    st.one_of(st.just(0.0), st.floats(1.5, 5000)),
)


def chosen(text, flops=7e12, settings=None, **values):
    config = replace(settings or TrainConfig(), **values)
    return fit(config, values, text, flops)[0]


def parameters(config, text):
    return Architecture(
        config.backbone, config.layers, config.hidden, text.alphabet, config.embedding
    ).parameters


@given(sizes, st.floats(1e9, 1e20), st.sampled_from(["lstm", "gru", "vanilla"]))
def test_every_text_and_budget_gets_settings_that_can_be_given_as_flags(text, flops, backbone):
    config = chosen(text, flops, backbone=backbone)
    assert resolve(asdict(config), None, {}) == config


@given(sizes, st.floats(1e9, 1e20))
def test_what_was_given_stands_and_all_that_stands_is_left_alone(text, flops):
    config = chosen(text, flops, hidden=48, weight_decay=0.0, batch=7)
    assert (config.hidden, config.weight_decay, config.batch) == (48, 0.0, 7)
    assert fit(config, asdict(config), text, flops) == (config, [])


@pytest.mark.parametrize("text", [POEM, SHAKESPEARE, LIBRARY, NAMES])
def test_the_run_spends_its_compute_or_ends_where_more_would_be_learned_by_heart(text):
    records = "line" if text.record else ""
    for flops in (1e12, 1e13, 1e14):
        config = chosen(text, flops, records=records)
        characters = config.steps * config.batch * min(config.sequence, text.record or 64)
        spent = 6 * parameters(config, text) * characters
        epochs = characters / text.characters
        assert spent == pytest.approx(flops, rel=0.05) or config.epochs - 1 <= epochs + 0.1


def test_more_compute_teaches_more_parameters_up_to_what_the_text_bears():
    counts = [parameters(chosen(SHAKESPEARE, flops), SHAKESPEARE) for flops in (1e12, 1e13, 1e14)]
    assert counts == sorted(counts)
    # √C: a hundred times the compute, ten times the parameters; 1,003,854 ^ 0.6 · 400 = 1.6 million
    assert counts[2] / counts[0] == pytest.approx(10, rel=0.15)
    assert parameters(chosen(SHAKESPEARE, 1e18), SHAKESPEARE) == pytest.approx(1.6e6, rel=0.1)


def test_the_less_text_the_more_a_network_is_held_back():
    dropouts = [chosen(text, 7e13).dropout for text in (LIBRARY, SHAKESPEARE, POEM)]
    assert dropouts == sorted(dropouts)
    assert dropouts[0] == 0 < dropouts[1] < 0.4 < dropouts[2]
    little, much = chosen(POEM, 7e12), chosen(LIBRARY, 7e12)
    forgotten = [c.weight_decay * c.learning_rate * c.steps for c in (little, much)]
    assert forgotten[0] > 2 * forgotten[1]


def test_steps_that_were_asked_for_are_not_cut_short_by_epochs():
    config = chosen(POEM, steps=5000)
    assert config.epochs * POEM.characters >= 5000 * config.batch * config.sequence


def test_epochs_that_were_asked_for_end_the_run():
    config = chosen(POEM, epochs=3)
    assert config.epochs == 3
    assert config.steps * config.batch * config.sequence > 3 * POEM.characters


def test_a_step_reads_as_many_characters_of_short_records_as_of_a_text():
    config = chosen(NAMES, records="line")
    assert config.batch * NAMES.record == pytest.approx(1024, rel=0.05)
    assert chosen(SHAKESPEARE).batch * 64 == 1024


def test_a_batch_can_be_shared_by_all_processes(monkeypatch):
    started = {"WORLD_SIZE": 3, "RANK": 1, "LOCAL_RANK": 1, "MASTER_ADDR": "here", "MASTER_PORT": 1}
    for name, value in started.items():
        monkeypatch.setenv(name, str(value))
    assert chosen(SHAKESPEARE).batch == 18


def test_a_tied_softmax_keeps_its_embedding_and_its_width():
    config = chosen(SHAKESPEARE, 1e15, tied=True, embedding=256, hidden=256)
    assert (config.embedding, config.hidden) == (256, 256)
    config = chosen(SHAKESPEARE, 1e15, resolve({"tied": True, "embedding": 256}, None, {}))
    assert (config.embedding, config.hidden) == (256, 256)
    assert resolve(asdict(config), None, {}) == config


def test_a_rate_of_zero_or_another_optimizer_is_no_trouble():
    assert chosen(SHAKESPEARE, learning_rate=0.0).weight_decay == 1
    assert chosen(SHAKESPEARE, optimizer="sgd").weight_decay == 0


def test_a_stack_has_a_residual_path():
    assert chosen(SHAKESPEARE, layers=3).residual
    assert not chosen(SHAKESPEARE, layers=1).residual


def test_each_choice_says_in_a_few_words_why():
    _, choices = fit(TrainConfig(), {"seed"}, SHAKESPEARE, 7e12)
    assert {name for choice in choices for name in choice.values} >= {
        "hidden", "layers", "embedding", "batch", "learning_rate", "weight_decay", "dropout",
    }  # fmt: skip
    assert all(0 < len(choice.reason) < 70 for choice in choices)


def test_a_vanilla_network_hurries_where_it_has_few_steps():
    usual = chosen(SHAKESPEARE, steps=1000, backbone="vanilla", hidden=128)
    few = chosen(SHAKESPEARE, steps=100, backbone="vanilla", hidden=128)
    assert usual.learning_rate == 0.006
    assert few.learning_rate == 0.03  # 0.006 · 10^0.7 = 0.0301
    assert chosen(SHAKESPEARE, steps=100, backbone="lstm", hidden=128).learning_rate == 0.01


def test_other_optimizers_have_rates_of_their_own():
    rates = {
        kind: chosen(SHAKESPEARE, steps=2000, hidden=128, optimizer=kind).learning_rate
        for kind in ("adam", "rmsprop", "adagrad", "sgd", "nesterov")
    }
    assert rates == {"adam": 0.01, "rmsprop": 0.01, "adagrad": 0.1, "sgd": 1.5, "nesterov": 1.5}


def test_epochs_that_are_given_end_the_run_and_the_steps_are_about_as_many():
    config = chosen(POEM, epochs=3)
    assert config.epochs == 3
    assert 3 * 1_800 / 128 <= config.steps < 3 * 1_800 / 128 + 5


def test_twice_the_steps_are_twice_the_same_run():
    config = chosen(POEM)
    longer = chosen(POEM, steps=2 * config.steps)
    assert longer.batch == config.batch


def test_what_validates_is_all_that_is_set_aside_or_a_thirtieth_of_what_a_short_run_reads():
    assert chosen(SHAKESPEARE).validation_chars == 1_000_000  # 111,539 are set aside: all
    short, long = chosen(LIBRARY, 3e12), chosen(LIBRARY, 1e14)
    assert short.validation_chars == 120_000
    read = long.steps * long.batch * long.sequence
    assert long.validation_chars == pytest.approx(read / 30, rel=0.01)
    assert chosen(LIBRARY, 1e16).validation_chars == 1_000_000
    assert chosen(LIBRARY, 3e12, validation_chars=5000).validation_chars == 5000


def test_there_are_no_more_streams_than_the_text_holds():
    assert chosen(TextSize(4, 4), sequence=4).batch == 1


def test_rate_decay_and_dropout_alone_are_suited_to_a_run_that_is_over():
    config = TrainConfig(hidden=128, steps=8000, learning_rate=0.05, weight_decay=0.3, dropout=0.4)
    better = suited(config, SHAKESPEARE)
    assert replace(better, learning_rate=0.05, weight_decay=0.3, dropout=0.4) == config
    assert better.learning_rate == 0.01
    assert better.weight_decay < 0.1
    assert better.dropout < 0.1


def test_a_preset_that_names_all_settings_is_left_alone():
    corpus = Corpus("a", "abc" * 100, "")
    for effort in (Effort("ancestor", 0, frozenset()), None):
        assert fitted(TrainConfig(), corpus, effort, USUAL_SPEED) == (TrainConfig(), [])


def test_minutes_are_worth_what_the_machine_computes_in_them():
    corpus = Corpus("a", "".join(map(chr, range(97, 123))) * 50_000, "")
    effort = Effort("small", 7e12, frozenset({"minutes"}))
    at_once, _ = fitted(TrainConfig(minutes=1), corpus, effort, speed=1e11)
    config, _ = fitted(TrainConfig(), corpus, Effort("small", 6e12, frozenset()), 1.0)
    assert replace(at_once, minutes=0.0) == config


def test_the_size_of_a_text_is_what_is_left_to_learn_from():
    assert dataset.size_of(TrainConfig(), Corpus("a", "abca" * 25, "")) == TextSize(90, 3)
    lines = Corpus("names", "ada\nbo\n" * 10, "")
    size = dataset.size_of(TrainConfig(records="line", validation=0.0), lines)
    assert size == TextSize(70, 5, 3.5)  # "ada" and "bo" with their ends: 4 and 3 characters


def test_pressure_is_what_the_formula_says():
    config = TrainConfig(hidden=128, layers=1, embedding=64, steps=1000, batch=16)
    around = hyperparameters.Circumstances({"steps", "batch"}, SHAKESPEARE, 0.0)
    # 4 · 128 · (64 + 128 + 2) = 99,328 parameters; 1,024,000 characters read of 1,003,854
    assert hyperparameters._pressure(config, around) == pytest.approx(
        99_328 * 1_024_000 / 1_003_854**2
    )
    assert math.isclose(hyperparameters._epochs_read(config, around), 1_024_000 / 1_003_854)
