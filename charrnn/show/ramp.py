"""Colours for values: zero is the terminal's own background, blue below it, orange above.

The ladder, by what the terminal can: any colour; hand-made steps of the 256, since an automatic
downgrade turns pale tints grey; five bins of the 16. Without colour, see `marks`.
"""

import math

from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.style import Style

BLUE = ColorTriplet(64, 156, 255)
ORANGE = ColorTriplet(255, 146, 26)
STEPS_256 = {  # faint to strong
    (False, "blue"): (18, 24, 25, 32, 33, 39),
    (False, "orange"): (94, 130, 136, 172, 208, 214),
    (True, "blue"): (195, 153, 117, 75, 39, 33),
    (True, "orange"): (230, 223, 222, 215, 214, 208),
}
BINS_16 = {"blue": ("blue", "bright_blue"), "orange": ("yellow", "bright_yellow")}
FAINTEST = 0.05
SHADES = 24  # of either colour where any can be had: more are not seen, and fill pictures
BLOCKS = "▁▂▃▄▅▆▇█"
DIGITS = "0123456789"


def style(value: float, low: float, high: float, color_system: str, light: bool = False) -> Style:
    """Return the style of a value in a domain that has its zero at 0.

    color_system: "truecolor", "256" or "standard", as rich names them. Values outside the
    domain are drawn as its ends.
    """
    share = value / max(abs(low), abs(high))
    side = "blue" if share < 0 else "orange"
    share = min(abs(share), 1.0)
    if math.isnan(value) or share < FAINTEST:
        return Style.null()
    if color_system == "standard":
        if share < 0.2:
            return Style.null()
        name = BINS_16[side][share >= 0.6]
        return Style(bgcolor=name, color="bright_white" if side == "blue" else "black")
    if color_system == "256":
        steps = STEPS_256[light, side]
        step = min(int((share - FAINTEST) / (1 - FAINTEST) * len(steps)), len(steps) - 1)
        background = Color.from_ansi(steps[step])
    else:
        pole = BLUE if side == "blue" else ORANGE
        ground = 255 if light else 0
        share = round(share * SHADES) / SHADES
        background = Color.from_rgb(*(ground + (part - ground) * share for part in pole))
    return Style(bgcolor=background, color=_readable_on(background.get_truecolor()))


def _readable_on(background: ColorTriplet) -> str:
    """Return black or white, whichever has the greater contrast (WCAG 2 luminance)."""
    linear = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
        for part in background.normalized
    ]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    contrast_white, contrast_black = 1.05 / (luminance + 0.05), (luminance + 0.05) / 0.05
    return "color(231)" if contrast_white > contrast_black else "color(16)"


def marks(unicode: bool) -> str:
    """Return the marks that stand for low … high where there is no colour."""
    return BLOCKS if unicode else DIGITS


def mark(value: float, low: float, high: float, unicode: bool = True) -> str:
    """Return the mark of a value, from the lowest at `low` to the highest at `high`."""
    if math.isnan(value):
        return " "
    scale = marks(unicode)
    place = int((value - low) / (high - low) * len(scale))
    return scale[max(0, min(place, len(scale) - 1))]
