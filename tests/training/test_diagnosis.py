import pytest

from charrnn.training.diagnosis import Point, diagnose


def course(*losses: tuple[float, float]) -> list[Point]:
    return [Point(100 * (number + 1), *pair) for number, pair in enumerate(losses)]


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        ([(3.0, 3.0), (2.5, 2.6), (2.2, 2.3), (2.0, 2.1)], "still falling, by 0.200 nats"),
        ([(2.0, 2.0), (1.5, 1.7), (1.2, 1.8), (1.0, 1.9)], "overfitting since epoch 4: "),
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
