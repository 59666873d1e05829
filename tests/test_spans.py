"""Spans counted by hand, as conlleval (CoNLL 2000) reads IOB tags."""

import pytest

from charrnn.spans import are_spans, spans


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ("B-NP I-NP O B-VP", [(0, 2, "NP"), (3, 4, "VP")]),
        ("B-NP B-NP I-NP", [(0, 1, "NP"), (1, 3, "NP")]),  # two beside each other
        ("O I-NP I-NP", [(1, 3, "NP")]),  # the older IOB: a span may begin with I-
        ("B-NP I-VP", [(0, 1, "NP"), (1, 2, "VP")]),  # another kind begins another span
        ("I-NP O I-NP", [(0, 1, "NP"), (2, 3, "NP")]),
        ("O _ B", []),
        ("B-a-b I-a-b", [(0, 2, "a-b")]),
    ],
)
def test_spans_of_iob_tags(tags, found):
    assert spans(tags.split()) == found


def test_tags_that_mark_no_spans_are_told_apart():
    assert are_spans(["O", "B-NP", "I-NP"])
    assert not are_spans(["O", "BAD", "I", "", "NOUN"])
