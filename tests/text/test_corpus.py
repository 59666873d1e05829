import bz2
import gzip
import hashlib
import io
import lzma
import sys

import pytest

from charrnn.errors import CorpusError
from charrnn.text import corpus


def read(*names, **options):
    return corpus.read([str(name) for name in names], **options)


def test_a_file_is_read_whole_with_its_checksum(tmp_path):
    file = tmp_path / "poem.txt"
    file.write_bytes("wörld\n".encode())
    text = read(file)
    assert (text.name, text.text) == ("poem", "wörld\n")
    assert text.sha256 == hashlib.sha256("wörld\n".encode()).hexdigest()
    assert text.notes == ()


@pytest.mark.parametrize(
    ("suffix", "compress"),
    [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)],
)
def test_compressed_files_are_the_text_inside(tmp_path, suffix, compress):
    file = tmp_path / f"poem.txt{suffix}"
    file.write_bytes(compress(b"hello"))
    assert (read(file).name, read(file).text) == ("poem", "hello")
    assert read(file).sha256 == hashlib.sha256(b"hello").hexdigest()
    file.write_bytes(compress(b"hello" * 1000)[:20])
    with pytest.raises(CorpusError, match="cannot be decompressed"):
        read(file)


def test_several_files_are_joined_in_the_order_given(tmp_path):
    for name in "ba":
        (tmp_path / name).write_text(name)
    assert read(tmp_path / "b", tmp_path / "a").text == "ba"
    assert read(tmp_path / "b", tmp_path / "a").name == "b-and-1-more"


def test_a_folder_is_searched_sorted_for_text_files(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / ".git").mkdir()
    for name in ("z.txt", "sub/b.md", "a", ".hidden", ".git/config"):
        (tmp_path / name).write_text(name)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\0\0")
    (tmp_path / "note.gz").write_bytes(gzip.compress(b"packed"))
    found = read(tmp_path)
    assert found.text == "a" + "packed" + "sub/b.md" + "z.txt"
    assert found.notes == (f"{tmp_path}: 4 text files read, 1 binary ones passed over",)


def test_a_folder_without_text_is_refused(tmp_path):
    with pytest.raises(CorpusError, match="no text file is in this folder"):
        read(tmp_path)


def test_stdin_is_read(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"piped")))
    text = read("-")
    assert (text.name, text.text) == ("stdin", "piped")


def test_bad_bytes_are_named_with_their_offset_and_the_ways_out(tmp_path):
    file = tmp_path / "latin.txt"
    file.write_bytes(b"caf\xe9")
    with pytest.raises(CorpusError) as caught:
        read(file)
    assert caught.value.message == f"{file}: byte 0xE9 at offset 3 is not utf-8"
    assert "--encoding" in caught.value.hint
    assert "--bytes" in caught.value.hint
    assert read(file, encoding="latin-1").text == "café"
    assert read(file, as_bytes=True).text == "caf\xe9"


def test_an_unknown_encoding_is_named(tmp_path):
    (tmp_path / "a").write_text("a")
    with pytest.raises(CorpusError, match="no encoding is called 'utf-9'"):
        read(tmp_path / "a", encoding="utf-9")


def test_a_byte_order_mark_is_dropped_but_kept_as_bytes(tmp_path):
    file = tmp_path / "windows.txt"
    file.write_bytes(b"\xef\xbb\xbfhi")
    assert read(file).text == "hi"
    assert read(file, as_bytes=True).text == "\xef\xbb\xbfhi"


def test_line_ends_are_kept_and_counted_unless_unix_is_asked_for(tmp_path):
    file = tmp_path / "mixed.txt"
    file.write_bytes(b"a\r\nb\rc\r\nd\n")
    assert read(file).text == "a\r\nb\rc\r\nd\n"
    assert read(file).notes == (
        "line ends: 2 CRLF and 1 CR are kept; --newlines unix turns them into LF",
    )
    assert read(file, newlines="unix").text == "a\nb\nc\nd\n"
    assert read(file, newlines="unix").notes == ()


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(CorpusError) as caught:
        read("shakespear")
    assert caught.value.message == "shakespear: there is no such file, folder or named corpus"
    assert caught.value.hint.startswith("the names are: python, nested, enwik8")


def test_an_empty_name_is_not_the_current_folder():
    with pytest.raises(CorpusError, match="an empty name"):
        read("")


def test_a_name_means_the_same_wherever_it_is_typed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nested").write_text("mine")
    assert len(read("nested").text) > 990_000
    assert read("./nested").text == "mine"


def test_sources_get_names_that_mean_the_same_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert corpus.absolute(["python", "-", "a.txt", "./nested"]) == (
        "python",
        "-",
        str(tmp_path / "a.txt"),
        str(tmp_path / "nested"),
    )


def test_bytes_and_wide_encodings_are_read_from_folders_too(tmp_path):
    (tmp_path / "wide.txt").write_bytes("hi".encode("utf-16"))
    assert read(tmp_path, encoding="utf-16").text == "hi"
    assert len(read(tmp_path, as_bytes=True).text) == 6


def test_the_nested_corpus_ships_with_the_program():
    assert 990_000 < len(read("nested").text) < 1_010_000
