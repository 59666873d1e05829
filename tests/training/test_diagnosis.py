from dataclasses import replace

import pytest

from charrnn.settings import TrainConfig
from charrnn.training.diagnosis import Point, diagnose

SETTINGS = TrainConfig(hidden=128, steps=8000, learning_rate=0.01, weight_decay=0.03, dropout=0.1)


def course(*losses: tuple[float, float]) -> list[Point]:
    return [Point(100 * (number + 1), *pair) for number, pair in enumerate(losses)]


def said(*losses, settings=SETTINGS, suited=SETTINGS, **options) -> str:
    return diagnose(course(*losses), settings, suited, epoch_steps=50, **options)


@pytest.mark.parametrize(
    ("losses", "words"),
    [
        (
            [(3.0, 3.0), (2.5, 2.6), (2.2, 2.3), (2.0, 2.1)],
            "still falling, by 0.200 nats in the last quarter: --steps 16000 would lower "
            "the loss further",
        ),
        (
            [(2.0, 2.0), (1.5, 1.7), (1.2, 1.8), (1.0, 1.9)],
            "overfits after step 200 of 400, epoch 4: --dropout 0.3 or more text would help; "
            "--steps 200 or --patience 3 saves time; the best model is kept",
        ),
        (
            [(2.0, 2.0), (1.5, 1.7), (1.6, 1.8), (1.7, 1.9)],
            "the loss rose again towards the end: --learning-rate 0.005 would help",
        ),
        (
            [(2.0, 2.0), (1.6, 1.7), (1.4, 1.651), (1.39, 1.65)],
            "converged, training loss 0.260 nats below validation loss: only more text would help "
            "much",
        ),
        (
            [(2.0, 2.0), (1.7, 1.7), (1.66, 1.651), (1.65, 1.65)],
            "levelled off without overfitting: --hidden 192 would help more than more steps",
        ),
        ([(2.0, 2.0), (1.5, 1.7), (1.2, 1.8)], ""),
    ],
)
def test_the_course_of_a_run_in_words(losses, words):
    assert said(*losses) == words


def test_a_network_that_underfits_is_advised_the_rate_decay_or_dropout_that_suits_the_text():
    level = [(2.0, 2.0), (1.7, 1.7), (1.66, 1.66), (1.6, 1.604)]
    decayed = replace(SETTINGS, weight_decay=0.1)
    assert said(*level, settings=decayed) == (
        "underfits, training loss only 0.004 nats below validation loss: --weight-decay 0.03 "
        "would help"
    )
    assert said(*level, settings=replace(SETTINGS, dropout=0.3)).endswith(
        "--dropout 0.1 would help"
    )
    assert said(*level, settings=replace(SETTINGS, learning_rate=0.05, weight_decay=0.1)).endswith(
        "--learning-rate 0.01 would help"
    )
    assert said(*level, settings=replace(SETTINGS, learning_rate=0.003)).endswith(
        "--learning-rate 0.01 would help"
    )
    better_on_its_own = [(t - 0.2, v) for t, v in level]
    assert "underfits" not in said(*better_on_its_own, settings=decayed)


def test_against_overfitting_as_much_dropout_is_advised_as_suits_the_text():
    worse = [(2.0, 2.0), (1.5, 1.7), (1.2, 1.8), (1.0, 1.9)]
    assert "--dropout 0.5 or" in said(*worse, suited=replace(SETTINGS, dropout=0.5))


def test_where_no_more_dropout_can_be_advised_fewer_steps_are():
    worse = [(2.0, 2.0), (1.5, 1.7), (1.2, 1.8), (1.0, 1.9)]
    assert said(*worse, settings=replace(SETTINGS, dropout=0.7)).startswith(
        "overfits after step 200 of 400, epoch 4: more text would help; --steps 200 or --patience 3"
    )


def test_dead_units_come_first():
    assert said(*[(2.0, 2.0)] * 4, dead_share=0.11) == (
        "11% of the units are dead, constant over the text: --learning-rate 0.005 would keep more "
        "of them alive"
    )
    assert "dead" not in said(*[(2.0, 2.0)] * 4, dead_share=0.1)


def test_what_a_falling_rate_brings_is_not_taken_for_what_more_time_would():
    levelled = [(2.0, 2.0), (1.7, 1.7), (1.6, 1.66), (1.6, 1.655)]
    annealed = [*levelled, (1.5, 1.6), (1.4, 1.5)]
    assert said(*annealed).startswith("still falling, by 0.100 nats in the last q")
    assert said(*annealed, falls=400).startswith("converged")
    falling = [(2.0, 2.0), (1.8, 1.9), (1.7, 1.8), (1.6, 1.7), (1.5, 1.6), (1.4, 1.5)]
    assert said(*falling, falls=400).startswith(
        "still falling, by 0.100 nats in the last quarter at the peak rate: --steps 16000"
    )


def test_the_quarters_are_compared_by_their_means():
    losses = [1.9, 1.7] * 4 + [1.78, 1.62] * 2
    # of 12 validations 3 are a quarter: 1.9, 1.7, 1.78, and then 1.62, 1.78, 1.62
    assert said(*((loss, loss) for loss in losses)).startswith("still falling, by 0.120 nats in")


def test_a_best_validation_early_in_the_run_is_overfitting_however_little_the_loss_rises():
    early = [(2.0, 2.0), (1.3, 1.75), (1.2, 1.752), (1.1, 1.751), (1.0, 1.755), (0.9, 1.76)]
    assert said(*early).startswith("overfits after step 200 of 600")
    assert not said(*early, *[(0.8, 1.749)]).startswith("overfits")


def test_a_loss_that_stops_falling_while_the_rate_falls_is_not_still_falling():
    """The course of 20,000 characters: 1.756 at step 336 of 408, though it fell at the peak."""
    peak = [(2.0, 2.1), (1.9, 2.0), (1.8, 1.9), (1.6, 1.8)]
    stopped = [*peak, (1.45, 1.756), (1.4, 1.757), (1.35, 1.762), (1.3, 1.765)]
    assert said(*stopped, falls=400).startswith("converged, training loss 0.465 nats below")
    going_on = [*peak, (1.5, 1.75), (1.45, 1.72), (1.42, 1.70), (1.4, 1.69)]
    assert said(*going_on, falls=400).startswith("still falling")
