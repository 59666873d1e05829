import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrnn.text import spread


def ids_of(text):
    return np.frombuffer(text.encode("latin-1"), np.uint8)


def text_of(ids):
    return bytes(ids).decode("latin-1")


NEWLINE = ord("\n")


def test_a_text_no_longer_than_wanted_is_whole():
    ids = ids_of("abc\n" * 10)
    assert spread.of_text(ids, 40, NEWLINE) is ids
    assert spread.of_records(ids, 40) is ids


def test_parts_come_from_eight_places_each_from_line_to_line():
    text = "".join(f"line {number:03}\n" for number in range(800))  # 9 characters each
    found = text_of(spread.of_text(ids_of(text), 720, NEWLINE))
    lines = found.splitlines()
    assert all(len(line) == 8 for line in lines)
    assert [line for line in lines if line.endswith("00")] == [
        f"line {number}00" for number in ("0", "1", "2", "3", "4", "5", "6", "7")
    ]
    assert len(lines) == 80


def test_where_there_are_paragraphs_none_is_cut_apart():
    text = "".join(f"one {n:03}\ntwo {n:03}\n\n" for n in range(400))  # 17 characters each
    found = text_of(spread.of_text(ids_of(text), 1600, NEWLINE))
    assert all(part.startswith("one") and "two" in part for part in found.split("\n\n")[:-1])
    assert found.endswith("\n\n")


def test_without_line_ends_it_is_cut_anywhere():
    found = spread.of_text(np.arange(160, dtype=np.uint8), 16, NEWLINE)
    assert found.tolist() == [number + one for number in range(0, 160, 20) for one in (0, 1)]
    assert spread.of_text(np.arange(160, dtype=np.uint8), 16, -1).tolist() == found.tolist()


@given(st.lists(st.integers(1, 60), min_size=2, max_size=60), st.integers(20, 400))
def test_records_are_whole_in_their_order_and_none_stands_twice(lengths, most):
    records = [chr(200 + number % 50) * length for number, length in enumerate(lengths)]
    ids = ids_of("|" + "".join(record + "|" for record in records))
    found = text_of(spread.of_records(ids, most))
    assert found[0] == found[-1] == "|"
    kept = found[1:-1].split("|")
    places = iter(enumerate(records))
    for one in kept:
        assert any(one == record for _, record in places)  # each after the one before
    assert len(found) <= max(most, lengths[0] + 2)


@pytest.mark.parametrize("length", [10, 100, 1000])
def test_long_records_come_from_fewer_places(length):
    ids = ids_of("|" + ("x" * (length - 1) + "|") * (8000 // length))
    found = spread.of_records(ids, 2001)
    assert 1000 < len(found) <= 2001
