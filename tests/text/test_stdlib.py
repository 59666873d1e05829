import pytest

from charrnn.errors import CorpusError
from charrnn.text import stdlib


def test_the_python_corpus_is_two_megabytes_of_plain_code():
    text = stdlib.sources()
    assert 2_000_000 <= len(text) <= 2_100_000
    assert text.isascii()
    assert text.count("def ") > 1000


def test_the_python_corpus_is_the_same_each_time():
    assert stdlib.sources() == stdlib.sources()


def test_files_are_whole_and_tests_and_large_or_foreign_ones_left_out(tmp_path):
    (tmp_path / "test").mkdir()
    (tmp_path / "good.py").write_bytes(b"x = 1\r\n")
    (tmp_path / "test" / "bad.py").write_text("left out")
    (tmp_path / "foreign.py").write_text("# é", encoding="utf-8")
    (tmp_path / "large.py").write_text("#" * (stdlib.LARGEST_FILE + 1))
    assert stdlib.sources(tmp_path) == "x = 1\n"


def test_an_interpreter_without_sources_is_refused(tmp_path):
    with pytest.raises(CorpusError, match="has no sources of its standard library"):
        stdlib.sources(tmp_path)
