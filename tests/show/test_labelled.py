"""Views of a model that labels texts, as they are drawn."""

import io

import numpy as np
import pytest
from rich.console import Console

from charrnn.curves import Course, Curve
from charrnn.labelling import Labelled, tallies
from charrnn.measures import measures
from charrnn.neurons.decisions import Decision, Decisions
from charrnn.neurons.mislabelled import Mislabelled, Mistake
from charrnn.neurons.use import LabelUse
from charrnn.show import ablated, decisions, labels, mislabelled
from charrnn.show.curves import show_courses

LABELS = ("Czech", "Japanese")
NAN = float("nan")


def shown(report, width=80, **options):
    console = Console(file=io.StringIO(), color_system=None, width=width, **options)
    report.show(console)
    return console.file.getvalue().splitlines()


def decision(characters, length, label, known, decided):
    shares = np.linspace(0, 1, len(characters))
    likeliest = np.full(len(characters), label)
    return Decision(1, characters, length, label, 0.98, known, shares, likeliest, decided)


DECIDED = [
    decision("Nakamura", 8, 1, 1, 5),
    decision("No\x1bak", 5, 0, 1, 2),
    decision("abc", 7, 0, None, None),
]


def test_a_text_is_shaded_and_has_its_label_below():
    report = decisions.report(Decisions(tuple(DECIDED), LABELS, "a model", "a text"))
    assert shown(report)[3:13] == [
        "Nakamura",
        "▁▂▃▄▅▆▇█",
        "  Japanese 0.980 · from character 5 of 8 on · right",
        "No␛ak",
        "▁▃▅▇█",
        "  Czech 0.980 · from character 2 of 5 on · wrong, it is Japanese",
        "abc",
        "▁▅█",
        "  Czech 0.980 · 3 of 7 characters shown",
        "",
    ]
    assert report.data["texts"][1]["known"] == "Japanese"
    assert report.rows[0]["character"] == "N"


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 24), (80, 50)])
def test_the_default_length_fills_the_window_and_no_more(width, height):
    console = Console(
        file=io.StringIO(), color_system=None, width=width, height=height, force_terminal=True
    )
    lengths = [3 + n % 60 for n in range(100)]
    length, found = decisions.fitting(console, lengths), []
    for one in lengths:  # as `decisions` takes them
        if length <= 0:
            break
        found.append(decision("a" * min(one, length), one, 1, 1, 1))
        length -= one + 1
    report = decisions.report(Decisions(tuple(found), LABELS, "a model", "a text"))
    lines = shown(report, width, height=height, force_terminal=True)
    assert height - 8 <= len(lines) < height
    assert max(map(len, lines)) <= width


def test_a_pair_of_labels_has_its_number_its_share_and_the_worst_texts():
    mistakes = [
        Mistake(0, "No\x1bak", 0, 1, 0.01, 4.6),
        Mistake(3, "Dvorak", 0, 1, 0.25, 1.4),
        Mistake(4, "Ito", 1, 0, 0.4, 0.9),
    ]
    report = mislabelled.report(Mislabelled((8, 20), tuple(mistakes), LABELS, "a model", "a text"))
    assert shown(report)[:5] == [
        "mistakes: 3 of 28 texts (10.7%)",
        "a model · a text",
        "",
        "Czech    → Japanese     2  25.0%  No␛ak 0.01   Dvorak 0.25",
        "Japanese → Czech        1   5.0%  Ito 0.4",
    ]
    assert max(map(len, shown(report, 40, force_terminal=True, height=24))) <= 40
    assert report.data["pairs"][0] == {"label": "Czech", "got": "Japanese", "texts": 2, "of": 8}


def test_ablation_is_by_the_text_and_names_the_labels_that_depend_on_a_unit():
    costs = {"overall": 0.5, "on": NAN, "off": NAN, "resolving": NAN}
    by_label = (LabelUse(1, 20, 0.6931, 0.8, 0.4), LabelUse(0, 8, -0.01, 0.5, 0.51))
    row = ablated.Row("7 (1:7)", costs, 0, costs, costs, (0.9, 0.75), by_label)
    lines = shown(ablated.report([row], "a model", "a text", "28 texts", LABELS))
    assert lines[3:5] == [
        "ablated (held at the mean)               overall        on       off",
        "7 (1:7)                                  +0.5000         –         –",
    ]
    assert lines[7:12] == [
        "nats per text added to the loss; on, off: texts with the concept, without",
        "",
        "7 (1:7): accuracy 90.0% → 75.0%",
        "  Japanese +0.6931  0.800 → 0.400     20",
        "  Czech    −0.0100  0.500 → 0.510      8",
    ]
    narrow = ablated.report([row], "a model", "a text", "28 texts", ("Old Church Slavonic", "Ainu"))
    assert "  Old Chu… −0.0100  0.500 → 0.510      8" in shown(narrow, 40, force_terminal=True)


@pytest.mark.parametrize("validated", [True, False])
def test_a_run_that_learns_labels_shows_its_loss_by_the_text(validated):
    curve = Curve((10, 20), (1.0, 2.0), (1.5, 0.75))
    none = Curve((), (), ())
    course = Course("run", curve, curve if validated else none, steps=20, scored="text")
    console = Console(file=io.StringIO(), width=80)
    show_courses(console, [course], minutes=False, unicode=True)
    text = console.file.getvalue()
    assert "0.750 nats per text" in text
    assert "character" not in text


def scored(confusion, names=LABELS):
    """Return the view of texts that got their labels with a probability of 0.9."""
    known, got = np.repeat(np.argwhere(np.array(confusion) >= 0), np.ravel(confusion), axis=0).T
    shares = np.full((len(known), len(names)), 0.1 / (len(names) - 1))
    shares[np.arange(len(got)), got] = 0.9
    found = np.log(shares), known
    model = Labelled(measures(*found), tuple(names), "a model", "a text", tallies(*found))
    return labels.report(model)


def test_the_labels_of_a_score_stand_worst_first_with_what_they_are_taken_for():
    report = scored([[8, 2, 0], [1, 1, 0], [0, 0, 0]], (*LABELS, "Welsh"))
    lines = [" ".join(line.split()) for line in shown(report)]
    assert [line.split(" (95% ")[0] for line in lines[:3]] == [
        "accuracy 75.0%",
        "macro-F1 0.621",
        "log loss 0.828",  # 9 of 12 texts cost -ln 0.9, the others -ln 0.05
    ]
    assert lines[3:10] == [
        "12 texts, which a bootstrap draws for the intervals",
        "a model · a text",
        "",
        "label texts precision recall F1 most often taken for",
        "Japanese 2 33.3% 50.0% 0.400 Czech 50%",
        "Czech 10 88.9% 80.0% 0.842 Japanese 20%",
        "Welsh 0 0.0% 0.0% 0.000",
    ]
    assert shown(report)[-1] == "3 Welsh    · · ·"
    assert [row["label"] for row in report.rows] == [*LABELS, "Welsh"]


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 24), (40, 14)])
def test_a_score_of_many_labels_fits_the_window(width, height):
    names = [f"label number {number}" for number in range(30)]
    window = {"width": width, "height": height, "force_terminal": True}
    lines = shown(scored(np.eye(30, dtype=int) * 5 + 1, names), **window)
    assert height - 3 < len(lines) < height
    assert max(map(len, lines)) <= width
    assert lines[-1].endswith("confusion matrix: --json")
    assert len(shown(scored(np.eye(30, dtype=int), names))) > 60  # elsewhere all is printed
    two = shown(scored(np.eye(2, dtype=int)), **window)
    assert two[-1].startswith("2 Japanese" if height == 24 else "confusion matrix")
