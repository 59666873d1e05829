import math

from charrnn.curves import Course, Curve
from charrnn.show.curves import curves_of, plot

FALLING = Curve(tuple(range(10, 101, 10)), tuple(range(6, 61, 6)), (9, 2, 2, 2, 2, 2, 2, 2, 2, 1))


def test_the_drawing_exactly():
    drawn = plot({"training": FALLING}, 30, 8, unicode=False, color=False)
    assert drawn.plain.splitlines() == [
        "   +-------------------------+",
        "9.0+ ** training             |",
        "6.3+ *                       |",
        "3.7+  *                      |",
        "1.0+   **********************|",
        "   ++-----+-----+-----+------+",
        "  10.0  32.5  55.0  77.5      ",
        "nats a character              ",
    ]


def test_the_first_steps_are_left_out_where_there_are_many():
    steps = tuple(range(1, 101))
    curve = Curve(steps, steps, (99.0,) * 4 + (1.0,) * 48 + (2.0,) * 48)
    assert "99" not in plot({"training": curve}, 40, 8, color=False).plain


def test_one_run_shows_both_losses_and_several_their_validation():
    one, other = (Course(name, FALLING, FALLING.smoothed(5)) for name in ("one", "other"))
    assert list(curves_of([one])) == ["training", "validation"]
    assert curves_of([one, other]) == {"one": one.validation, "other": other.validation}


def test_a_smoothed_curve_is_the_mean_of_blocks():
    smooth = FALLING.smoothed(4)  # blocks of three; what is left over is left out
    assert smooth.steps == (30, 60, 90)
    assert smooth.nats == (13 / 3, 2, 2)
    assert FALLING.smoothed(10) is FALLING


def test_a_loss_that_is_no_number_does_not_stop_the_drawing():
    curve = Curve((1, 2, 3), (1, 2, 3), (2.0, math.nan, 1.0))
    assert plot({"training": curve}, 40, 8, color=False).plain
