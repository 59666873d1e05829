"""Many strings as one array, in memory or in a file."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from charrnn.errors import CorpusError
from charrnn.text import spool
from charrnn.text.spool import Spool
from charrnn.text.strings import Written


def strings(texts):
    written = Written()
    for text in texts:
        written.append(text)
    return written.strings()


ANY = st.characters() | st.characters(categories=["Cs"])  # halves stand in names of files
TEXTS = st.lists(st.text(ANY, max_size=5), max_size=12)


@given(TEXTS)
@example(["a\udc80"])
def test_strings_are_the_list_that_they_were_made_of(texts):
    made = strings(texts)
    assert list(made) == texts
    assert [made[place] for place in range(len(made))] == texts
    assert list(made[1:3]) == texts[1:3]
    assert list(made.taken(np.arange(len(texts))[::-1])) == texts[::-1]


@given(TEXTS)
def test_equal_strings_are_in_the_group_of_the_first(texts):
    assert strings(texts).groups().tolist() == [texts.index(text) for text in texts]


def test_what_is_longer_than_memory_may_hold_is_in_a_file_and_reads_alike(tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "IN_MEMORY", 10)
    monkeypatch.setattr(spool, "cache_folder", lambda: tmp_path / "cache")
    texts = [f"text {number} é" for number in range(100)]
    made = strings(texts)
    assert isinstance(made.data, np.memmap)
    assert list(made) == texts
    assert list((tmp_path / "cache").iterdir()) == []  # it has no name


def test_a_disk_that_does_not_take_them_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "IN_MEMORY", 10)
    monkeypatch.setattr(spool, "cache_folder", lambda: tmp_path / "a file" / "cache")
    (tmp_path / "a file").write_text("")
    with pytest.raises(CorpusError, match=r"the texts cannot be stored: .*Not a directory"):
        Spool().write(b"x" * 11)
