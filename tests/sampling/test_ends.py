import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from charrnn.sampling.ends import Ends
from charrnn.sampling.generate import Drawn


def cut(text: str, **settings) -> str:
    ends = Ends(**{name: _ids(value) for name, value in settings.items()})
    drawn = (Drawn(ord(one), np.zeros(1), ()) for one in text)
    return "".join(chr(one.id) for one in ends.trimmed(drawn))


def _ids(value):
    if isinstance(value, list):
        return [[ord(one) for one in stop] for stop in value]
    return ord(value) if isinstance(value, str) else value


def test_a_text_ends_before_its_stop_or_after_it():
    assert cut("one, two. three", stops=["two."]) == "one, "
    assert cut("one, two. three", stops=["two."], keep_stop=True) == "one, two."
    assert cut("one, two", stops=["three"]) == "one, two"
    assert cut("one, tw", stops=["two"]) == "one, tw"  # its beginning alone is no stop
    assert cut("aab", stops=["ab"]) == "a"
    assert cut("x one two", stops=["two", "one"]) == "x "


def test_a_text_ends_with_so_many_lines():
    assert cut("a\nb\nc\n", lines=2, line_end="\n") == "a\nb\n"
    assert cut("a\nb", lines=2, line_end="\n") == "a\nb"


def test_a_record_ends_before_its_end():
    assert cut("anna\nbert\n", record_end="\n") == "anna"


@given(st.text("ab.", max_size=30), st.lists(st.text("ab.", min_size=1, max_size=4), max_size=3))
def test_the_stop_is_where_a_search_in_the_whole_text_finds_the_first_one_to_end(text, stops):
    ends = [text.find(stop) + len(stop) for stop in stops if stop in text]
    kept = cut(text, stops=stops, keep_stop=True)
    assert kept == (text[: min(ends)] if ends else text)
    if ends:
        by = [stop for stop in stops if kept.endswith(stop)]
        assert cut(text, stops=stops) in [kept[: -len(stop)] for stop in by]


@given(st.text("ab\n", min_size=1, max_size=20))
def test_a_stream_that_is_watched_ends_where_one_that_is_cut_does(text):
    ends = Ends(stops=[[ord("a"), ord("b")]], lines=2, line_end=ord("\n"), keep_stop=True)
    ids = [ord(one) for one in text]
    first = next((n for n in range(1, len(ids) + 1) if ends.reached(ids[:n])), len(ids))
    assert cut(text, stops=["ab"], lines=2, line_end="\n", keep_stop=True) == text[:first]


def test_nothing_is_held_back_that_cannot_begin_a_stop():
    came = []

    def source():
        for one in "xyab":
            came.append(one)
            yield Drawn(ord(one), np.zeros(1), ())

    drawn = Ends(stops=[[ord("a"), ord("c")]]).trimmed(source())
    assert chr(next(drawn).id) == "x"
    assert came == ["x"]
