"""Every concept in a line: the best first, within 80 columns, readable at 40."""

import io

from charrnn.neurons.concepts import built_in
from charrnn.neurons.findings import Findings
from charrnn.show import concepts
from charrnn.show.commands import Command
from charrnn.show.console import PlainConsole
from tests.findings import finding

KNOWN = built_in("")
FOUND = [
    finding(KNOWN["capital"], 0.99, 0.4),
    finding(KNOWN["quotes"], 0.7, 0.1, p=0.9),
    finding(KNOWN["indent"], 0.8, 0.3, number=5, used=False),
    finding(KNOWN["brackets"], 0.95, 0.2, number=42, used=False),
]


def shown(found, width=80, characters=9000, terminal=False):
    whole = Findings("a model", ("a text",), tuple(found), {}, characters, "h")
    console = PlainConsole(file=io.StringIO(), width=width)
    console._force_terminal = terminal
    concepts.report(whole, Command("h")).show(console)
    return console.file.getvalue().splitlines()


def test_what_encodes_comes_first_the_strongest_before_the_others():
    lines = shown(FOUND)
    assert lines[:2] == [
        "a model · a text",
        "chosen on 4,500 characters, tested on 4,500 others · 10 signals",
    ]
    assert [line.split()[0] for line in lines[4:8]] == ["brackets", "indent", "capital", "quotes"]
    assert lines[4] == ("brackets      42 (1:42)   c  AUROC 0.950  0.940–0.960     0.750  encodes")
    assert lines[5].endswith("|r| 0.800  0.790–0.810     0.500  encodes")
    assert lines[-1] == "charrnn inspect neuron 42 --signal c"
    assert max(map(len, lines)) <= 80


def test_a_text_that_was_not_read_whole_is_said_to_be_so():
    assert shown(FOUND, characters=60_000)[2] == (
        "of 60,000 characters; a concept's name searches all of them"
    )


def test_where_nothing_encodes_no_neuron_is_drawn():
    assert shown(FOUND[:2])[-1].startswith("no neuron encodes a concept beyond its baseline")


def test_a_narrow_terminal_gets_lines_that_fit():
    lines = shown(FOUND, width=40, terminal=True)
    assert max(map(len, lines)) <= 40
    assert "  AUROC 0.950 (0.940–0.960)" in lines
