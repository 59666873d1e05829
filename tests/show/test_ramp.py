import itertools

import pytest
from rich.color import Color

from charrnn.show import ramp


def luminance(style):
    return sum(style.bgcolor.get_truecolor()) if style.bgcolor else 0


@pytest.mark.parametrize("colors", ["truecolor", "256", "standard"])
@pytest.mark.parametrize("light", [False, True])
def test_zero_is_the_terminals_own_background(colors, light):
    for value in (0.0, 0.04, -0.04, float("nan")):
        assert ramp.style(value, -1, 1, colors, light).bgcolor is None


@pytest.mark.parametrize("colors", ["truecolor", "256"])
@pytest.mark.parametrize("sign", [-1, 1])
def test_on_dark_terminals_stronger_values_are_brighter(colors, sign):
    shades = [luminance(ramp.style(sign * step / 20, -1, 1, colors)) for step in range(21)]
    assert all(one <= other for one, other in itertools.pairwise(shades))
    assert len(set(shades)) > 5


def test_true_colours_end_in_blue_and_orange():
    assert ramp.style(-1, -1, 1, "truecolor").bgcolor == Color.from_rgb(64, 156, 255)
    assert ramp.style(1, -1, 1, "truecolor").bgcolor == Color.from_rgb(255, 146, 26)
    assert ramp.style(2.5, -2.5, 2.5, "truecolor").bgcolor == Color.from_rgb(255, 146, 26)


def test_the_256_colours_are_the_hand_made_steps_and_never_grey():
    for light, sign in itertools.product([False, True], [-1, 1]):
        numbers = {
            ramp.style(sign * step / 100, -1, 1, "256", light).bgcolor.number
            for step in range(5, 101)
        }
        side = "blue" if sign < 0 else "orange"
        assert numbers == set(ramp.STEPS_256[light, side])
        assert all(16 <= number < 232 for number in numbers)  # 232 to 255 are the greys


def test_sixteen_colours_have_five_bins():
    values = [-1, -0.7, -0.3, 0, 0.3, 0.7, 1]
    styles = [ramp.style(value, -1, 1, "standard") for value in values]
    names = [style.bgcolor.name if style.bgcolor else None for style in styles]
    assert names == [
        "bright_blue", "bright_blue", "blue", None, "yellow", "bright_yellow", "bright_yellow",
    ]  # fmt: skip


@pytest.mark.parametrize("light", [False, True])
def test_the_text_stands_out_from_every_background(light):
    for step in range(-100, 101):
        style = ramp.style(step / 100, -1, 1, "truecolor", light)
        if style.bgcolor:
            red, green, blue = style.bgcolor.get_truecolor()
            bright = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 118
            assert style.color.number == (16 if bright else 231) or 90 < red + green + blue < 420


def test_marks_run_from_the_lowest_to_the_highest():
    values = [-1, -0.76, -0.1, 0.0, 0.1, 0.76, 1]
    assert "".join(ramp.mark(value, -1, 1) for value in values) == "▁▁▄▅▅██"
    assert "".join(ramp.mark(value, -1, 1, unicode=False) for value in values) == "0145589"
    assert ramp.mark(float("nan"), 0, 1) == " "
    assert ramp.mark(7, 0, 1) == "█"
