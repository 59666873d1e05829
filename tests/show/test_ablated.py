import io

import pytest
from rich.console import Console

from charrnn.show.ablated import Row, report

NAN = float("nan")


def figures(overall, resolving=NAN):
    return {"overall": overall, "on": NAN, "off": NAN, "resolving": resolving}


ROWS = [
    Row("42 (1:42)", figures(0.0109, -0.5), 20, figures(0.0003, 0.25), figures(0.0013, 0.125)),
    Row("42 (1:42), 7 (1:7)", figures(0.25), 19, figures(0.5), figures(0.125)),
    Row("3 (1:3)", figures(1.0), 0, figures(NAN), figures(NAN)),
]


def shown(width):
    file = io.StringIO()
    report(ROWS, "a model", "a text", "a concept").show(Console(file=file, width=width))
    return file.getvalue().splitlines()


def test_the_table_exactly():
    assert shown(80)[3:12] == [
        "ablated (held at the mean)               overall        on       off    at end",
        "42 (1:42)                                +0.0109         –         –   -0.5000",
        "  20 matched control units, mean         +0.0003         –         –   +0.2500",
        "  their standard deviation                0.0013         –         –    0.1250",
        "42 (1:42), 7 (1:7)                       +0.2500         –         –         –",
        "  19 matched control groups of 2, mean   +0.5000         –         –         –",
        "  their standard deviation                0.1250         –         –         –",
        "3 (1:3)                                  +1.0000         –         –         –",
        "  no matched control units: too few units vary as much",
    ]


@pytest.mark.parametrize("width", [40, 77, 80])
def test_no_row_of_the_table_is_wider_than_the_window(width):
    assert max(map(len, shown(width)[3:11])) <= width
