import os
import subprocess
import sys

import numpy as np
import pytest

from charrnn.errors import CorpusError
from charrnn.text import corpus, mapped

TEXT = "wörld € 𝄞 and\r\nmore\rtext\n" * 50


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch, tmp_path):
    monkeypatch.setattr(mapped, "PIECE", 7)  # so that characters and line ends are cut apart
    monkeypatch.setattr(mapped, "LARGE", 100)
    monkeypatch.setattr(mapped, "cache_folder", lambda: tmp_path / "cache")


def both(tmp_path, data: bytes, name="poem.txt", min_count=1, as_bytes=False, **options):
    """Return the alphabet and ids of a file, read in memory and in pieces."""
    path = tmp_path / name
    path.write_bytes(data)
    options = {"encoding": "utf-8", "newlines": "keep", "as_bytes": as_bytes} | options
    whole = corpus.read([str(path)], **options)
    pieces = mapped.read((path,), **options)
    assert (whole.name, whole.sha256, whole.characters) == (
        pieces.name, pieces.sha256, pieces.characters,
    )  # fmt: skip
    return [text.encoded(min_count, as_bytes) for text in (whole, pieces)]


def same(one, other) -> bool:
    return one[0] == other[0] and one[1].dtype == other[1].dtype and (one[1] == other[1]).all()


@pytest.mark.parametrize("newlines", ["keep", "unix"])
def test_a_text_in_pieces_is_the_whole_text(tmp_path, newlines):
    assert same(*both(tmp_path, TEXT.encode(), newlines=newlines))


def test_a_byte_order_mark_is_left_out(tmp_path):
    assert same(*both(tmp_path, b"\xef\xbb\xbf" + TEXT.encode()))


def test_other_encodings_and_bytes(tmp_path):
    assert same(*both(tmp_path, TEXT.encode("utf-16"), encoding="utf-16"))
    assert same(*both(tmp_path, bytes(range(256)) * 3, as_bytes=True))


def test_rare_characters_share_the_unknown_id(tmp_path):
    assert same(*both(tmp_path, (TEXT + "ß").encode(), min_count=2))


def test_compressed_files(tmp_path):
    import gzip

    assert same(*both(tmp_path, gzip.compress(TEXT.encode()), name="poem.txt.gz"))


def test_more_than_256_characters_take_two_bytes_each(tmp_path):
    text = "".join(map(chr, range(0x4E00, 0x4E00 + 300)))
    one, other = both(tmp_path, text.encode())
    assert same(one, other)
    assert other[1].dtype == np.uint16


def test_the_ids_are_written_once_and_then_found(tmp_path, monkeypatch):
    first = both(tmp_path, TEXT.encode())
    (kept,) = (tmp_path / "cache").iterdir()
    monkeypatch.setattr(mapped.LargeCorpus, "_write", None)
    assert same(*both(tmp_path, TEXT.encode()))
    assert kept.stat().st_size == len(TEXT)
    assert isinstance(first[1][1], np.memmap)


def test_a_byte_that_is_not_text_is_named_with_its_place(tmp_path):
    path = tmp_path / "broken.txt"
    path.write_bytes(("é" * 10).encode() + b"\xff" + b"more")
    with pytest.raises(CorpusError) as caught:
        mapped.read((path,), newlines="keep")
    assert caught.value.message == f"{path}: byte 0xFF at offset 20 is not utf-8"
    path.write_bytes(("é" * 10).encode() + b"\xc3")
    with pytest.raises(CorpusError, match="byte 0xC3 at offset 20 is not utf-8"):
        mapped.read((path,), newlines="keep")


def test_files_are_large_together_but_folders_and_names_are_not(tmp_path):
    small, big = tmp_path / "small.txt", tmp_path / "big.txt"
    small.write_text("x" * 60)
    big.write_text("x" * 101)
    assert mapped.paths_of([str(big)]) == (big,)
    assert mapped.paths_of([str(small)]) == ()
    assert mapped.paths_of([str(small), str(small)]) == (small, small)
    for names in (["-"], ["nested"], [str(tmp_path)], [str(tmp_path / "missing")]):
        assert mapped.paths_of(names) == ()


def test_memory_that_was_let_go_is_read_again(tmp_path):
    _, (_, ids) = both(tmp_path, TEXT.encode())
    before = ids[100:200].copy()
    mapped.let_go(ids)
    mapped.let_go(before)  # which is not mapped
    assert (ids[100:200] == before).all()


MEASURE = """
import resource, sys
from pathlib import Path
from charrnn.text import corpus, mapped
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10  # MB, on Linux
before = peak()
made = mapped.read(mapped.paths_of(sys.argv[1:]), newlines="keep")
vocabulary, ids = made.encoded(1, False)
assert len(ids) == made.characters
print(peak() - before)
"""


def test_a_large_text_takes_little_memory(tmp_path):
    """The same text in memory would take 300 MB and more."""
    path = tmp_path / "mapped.txt"
    path.write_bytes(TEXT.encode() * 40_000)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)],
        env=os.environ | {"XDG_CACHE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert path.stat().st_size > 60_000_000
    assert float(done.stdout) < 100


def test_what_is_no_text_is_refused_as_it_is_in_memory(tmp_path):
    bad = {"utf-16": "green boat\n".encode("utf-16-le") * 9, "utf-8": b"a\0" * 99, "base64": b"a"}
    bad |= {"unicode_escape": b"a\\ud800" * 20}
    for encoding, data in bad.items():
        (tmp_path / "bad").write_bytes(data)
        said = []
        for read in (
            lambda how: corpus.read([str(tmp_path / "bad")], **how),
            lambda how: mapped.read((tmp_path / "bad",), newlines="keep", **how),
        ):
            with pytest.raises(CorpusError) as caught:
                read({"encoding": encoding})
            said.append((caught.value.message, caught.value.hint))
        assert said[0] == said[1]


def test_a_small_file_that_unpacks_to_a_large_text_is_read_in_pieces(tmp_path):
    import lzma

    (tmp_path / "bomb.xz").write_bytes(lzma.compress(b"a" * 101))
    (tmp_path / "poem.xz").write_bytes(lzma.compress(b"a" * 100))
    assert mapped.paths_of([str(tmp_path / "bomb.xz")]) == (tmp_path / "bomb.xz",)
    assert mapped.paths_of([str(tmp_path / "poem.xz")]) == ()
