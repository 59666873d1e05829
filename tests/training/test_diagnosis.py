import pytest

from charrnn.training.diagnosis import Point, diagnose


def course(*losses: tuple[float, float]) -> list[Point]:
    return [Point(100 * (number + 1), *pair) for number, pair in enumerate(losses)]


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        ([(3.0, 3.0), (2.5, 2.6), (2.2, 2.3), (2.0, 2.1)], "still falling, by 0.200 nats"),
        ([(2.0, 2.0), (1.5, 1.7), (1.2, 1.8), (1.0, 1.9)], "overfitting since epoch 4: "),
        ([(2.0, 2.0), (1.5, 1.7), (1.5, 1.8), (1.52, 1.9)], "overfitting since epoch 4: "),
        ([(2.0, 2.0), (1.5, 1.7), (1.6, 1.8), (1.7, 1.9)], "the loss rose again"),
        ([(2.0, 2.0), (1.6, 1.7), (1.4, 1.651), (1.39, 1.65)], "levelled off, and better on"),
        ([(2.0, 2.0), (1.7, 1.7), (1.66, 1.651), (1.65, 1.65)], "levelled off: more --hidden"),
        ([(2.0, 2.0), (1.5, 1.7), (1.2, 1.8)], ""),
    ],
)
def test_the_course_of_a_run_is_told_in_words(losses, said):
    words = diagnose(course(*losses), epoch_steps=50)
    assert words.startswith(said)
    assert bool(words) == bool(said)


def test_what_a_falling_rate_brings_is_not_taken_for_what_more_time_would():
    levelled = [(2.0, 2.0), (1.7, 1.7), (1.6, 1.66), (1.6, 1.655)]
    annealed = [*levelled, (1.5, 1.6), (1.4, 1.5)]
    assert diagnose(course(*annealed), 50).startswith("still falling, by 0.100 nats in the last q")
    assert diagnose(course(*annealed), 50, falls=400).startswith("levelled off")
    falling = [(2.0, 2.0), (1.8, 1.9), (1.7, 1.8), (1.6, 1.7), (1.5, 1.6), (1.4, 1.5)]
    assert diagnose(course(*falling), 50, falls=400) == (
        "still falling, by 0.100 nats in the last quarter at the rate's peak: give it more time"
    )


def test_the_quarters_are_compared_by_their_means():
    losses = [1.9, 1.7] * 4 + [1.78, 1.62] * 2  # of 12 validations 3 are a quarter
    # of 12 validations 3 are a quarter: 1.9, 1.7, 1.78, and then 1.62, 1.78, 1.62
    words = diagnose(course(*((loss, loss) for loss in losses)), 50)
    assert words.startswith("still falling, by 0.120 nats in the last quarter: ")
