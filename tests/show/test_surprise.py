import io
import re

import numpy as np
import pytest
from rich.console import Console

from charrnn import predictions
from charrnn.show.report import exported
from charrnn.show.surprise import fitting, report

TEXT = "the sea (is) wide and\n" * 50
ALPHABET = "".join(sorted(set(TEXT)))
PLAIN = re.compile(r"\x1b\[[0-9;]*m")


def view(count, top=False):
    """A text whose first character is unknown and whose brackets cost 8 bits, the rest none."""
    ids = np.array([ALPHABET.index(one) for one in TEXT[:count]])
    share = np.where(np.isin(list(TEXT[:count]), ["(", ")"]), 2.0**-8, 1 - 1e-9)
    rest = (1 - share) / (len(ALPHABET) - 1)
    logits = np.log(np.repeat(rest[:, None], len(ALPHABET), axis=1))
    logits[np.arange(count), ids] = np.log(share)
    logits[0] = np.nan
    names = ["checkpoints/poem/best.safetensors, step 9", "held-out text, characters 0–9"]
    return report(TEXT[:count], predictions.of(logits, ids, 2), ALPHABET, 0, top, names)


def shown(count, top=False, **options):
    console = Console(file=io.StringIO(), **{"color_system": None, "width": 80} | options)
    view(count, top).show(console)
    return console.file.getvalue()


def test_the_text_has_its_legend_under_it_and_its_largest_surprises():
    lines = shown(22).splitlines()
    assert lines[0].startswith("surprise in bits per character · loss ")
    assert lines[3:5] == ["the·sea·(is)·wide·and⏎", " ▁▁▁▁▁▁▁█▁▁█▁▁▁▁▁▁▁▁▁▁"]
    assert lines[6:9] == [
        "0 ▁▂▃▄▅▆▇█ 8 bits or more   · space   ⏎ line end",
        "",
        "largest surprises",
    ]
    assert re.fullmatch(r" +8   8\.0 bits +the·sea·\[\(]  likeliest: .", lines[9])
    assert re.fullmatch(r" +11   8\.0 bits +the·sea·\(is\[\)]  likeliest: .", lines[10])


@pytest.mark.parametrize(("ending", "cell"), [(".html", "<span class="), (".svg", "<rect class=")])
def test_a_picture_of_it_has_its_scale_in_ten_colours_and_no_path(ending, cell):
    drawn = exported(view(44), ending)
    scale = drawn.split(" bits or more")[0].split("⏎")[-1]
    assert len(set(re.findall(rf'{cell}"(c\d+)"', scale))) == 10
    assert "poem, step 9" in drawn
    assert "checkpoints/" not in drawn


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 24), (80, 50)])
@pytest.mark.parametrize("colors", [None, "truecolor"])
@pytest.mark.parametrize("top", [0, 2])
def test_the_default_length_fills_the_window_and_no_more(width, height, colors, top):
    options = {"width": width, "height": height, "color_system": colors, "force_terminal": True}
    count = fitting(Console(file=io.StringIO(), **options), TEXT, top)
    lines = PLAIN.sub("", shown(count, bool(top), **options)).splitlines()
    assert all(len(line) <= width for line in lines)
    assert len(lines) < height or count <= 2 * width
    assert len(lines) >= height - 7
