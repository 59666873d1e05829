import io
import math
import xml.etree.ElementTree as ElementTree

from rich.console import Console

from charrnn.curves import Course, Curve
from charrnn.show.curves import curves_of, picture, plot, report, show_courses
from charrnn.show.report import exported

FALLING = Curve(tuple(range(10, 101, 10)), tuple(range(6, 61, 6)), (9, 2, 2, 2, 2, 2, 2, 2, 2, 1))


def test_the_drawing_exactly():
    validation = Curve((50, 100), (30, 60), (4.0, 1.5))
    drawn = plot(
        {"training": FALLING, "validation": validation}, 30, 14, unicode=False, color=False
    )
    # Eight rows from 0 to 10, 1.25 each: 9 is 7.2 rows up, 4 is 3.2, 2 is 1.6, 1 is 0.8.
    assert drawn.plain.splitlines() == [
        "nats per character",
        "* training, o validation",
        "  +--------------------------+",
        "10+                          |",
        "  |  *                       |",
        "  |  *                       |",
        "  |   *                      |",
        " 5+   *                      |",
        "  |    *       o             |",
        "  |     ******************   |",
        "  |                       *o |",
        " 0+                          |",
        "  ++-----------+-----------+-+",
        "   0          50         100  ",
        "                         step",
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


def test_marks_tell_apart_what_colours_would():
    one, two = (Course(name, FALLING, FALLING.smoothed(5)) for name in ("one", "two"))
    drawn = plot(curves_of([one, two]), 40, 14, color=False).plain
    assert "●" in plot(curves_of([one]), 40, 14, color=False).plain
    assert "▲" in drawn  # of the second, which covers the first


def test_a_run_says_the_same_steps_and_seconds_as_training_did():
    course = Course("runs/a", FALLING, FALLING, steps=4180, seconds=238.4)
    file = io.StringIO()
    show_courses(Console(file=file, width=80), [course], minutes=False, unicode=True)
    assert file.getvalue().splitlines()[-3:] == [
        "runs/a",
        "  best validation 1.000 nats, 1.443 bits per character",
        "  at step 100 of 4,180 · 3 min 58 s of training",
    ]


def test_the_picture_of_one_run_has_both_losses_and_no_path():
    course = Course("somewhere/else/a-run", FALLING, FALLING, steps=100)
    written = picture([course], minutes=True)
    assert {"training", "validation", "time in minutes", "loss in nats per character"} <= {
        one.text for one in ElementTree.fromstring(written).iter("{http://www.w3.org/2000/svg}text")
    }
    assert "a-run" in written
    assert "somewhere" not in written


def test_the_picture_of_several_runs_names_each_by_as_much_as_tells_them_apart():
    names = [["a/x", "b/y"], ["a/x", "b/x"]]
    texts = [picture([Course(one, FALLING, FALLING) for one in two], False) for two in names]
    assert ">x<" in texts[0]
    assert "a/x" not in texts[0]
    assert ">a/x<" in texts[1]


def test_a_page_has_the_chart_in_place_of_the_drawing_and_no_path():
    made = report([Course("somewhere/a-run", FALLING, FALLING, steps=100)], minutes=False)
    page, text = exported(made, ".html"), exported(made, ".txt")
    assert "<h1>Training and validation loss of a-run</h1>" in page
    assert "<polyline" in page
    assert "┤" in text
    assert "┤" not in page
    assert "somewhere" not in page
