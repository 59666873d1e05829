import bz2
import gzip
import hashlib
import io
import lzma
import os
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    assert found.notes == (f"{tmp_path}: 4 text files read, 1 binary skipped",)


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
    with pytest.raises(CorpusError, match="'utf-9' is not a text encoding"):
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
    assert caught.value.hint.startswith(
        "shakespeare is near; the names are: python, prose, nested, enwik8"
    )


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


@pytest.mark.parametrize("encoding", ["base64", "hex", "rot13", "zlib", "quopri", "utf-8\0", ""])
def test_what_is_no_encoding_of_text_is_refused(tmp_path, encoding):
    (tmp_path / "a").write_text("a")
    with pytest.raises(CorpusError, match="is not a text encoding"):
        read(tmp_path / "a", encoding=encoding)


@pytest.mark.parametrize(
    ("data", "message", "hint"),
    [
        ("green boat\n".encode("utf-16-le") * 9, "99 of 198 characters are NUL", "utf-16-le"),
        ("green boat\n".encode("utf-16-be") * 9, "99 of 198 characters are NUL", "utf-16-be"),
        (
            "green boat\n".encode("utf-16"),
            "byte 0xFF at offset 0 is not utf-8",
            "--encoding utf-16",
        ),
        (gzip.compress(b"a", mtime=0), "is not utf-8", "end in .gz"),
        (b"PK\x03\x04\xff", "is not utf-8", "a zip archive"),
        (b"a" * 257 + b"ustar" + bytes(600), "characters are NUL", "unpack it"),
    ],
)
def test_a_file_that_is_no_text_is_known_by_how_it_begins(tmp_path, data, message, hint):
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(CorpusError) as caught:
        read(tmp_path / "a")
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_utf_16_without_its_mark_is_refused_with_the_name_that_reads_it(tmp_path):
    (tmp_path / "a").write_bytes("green boat\n".encode("utf-16-le"))
    with pytest.raises(CorpusError, match="it has no byte order mark") as caught:
        read(tmp_path / "a", encoding="utf-16")
    assert "utf-16-le" in caught.value.hint


def test_half_a_character_is_refused(tmp_path):
    (tmp_path / "a").write_bytes(b"a\\ud800b")
    with pytest.raises(CorpusError, match=r"contains U\+D800, which is half a character"):
        read(tmp_path / "a", encoding="unicode_escape")


def test_links_to_folders_are_followed_once(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "top").mkdir()
    (tmp_path / "real" / "a.txt").write_text("a")
    (tmp_path / "top" / "b.txt").write_text("b")
    (tmp_path / "top" / "link").symlink_to("../real")
    (tmp_path / "real" / "back").symlink_to("../top")
    assert sorted(read(tmp_path / "top").text) == ["a", "b"]


def test_a_run_folder_in_the_corpus_folder_is_left_out_and_counted(tmp_path):
    (tmp_path / "checkpoints" / "poem").mkdir(parents=True)
    for name in ("poem.txt", "checkpoints/poem/config.yaml", "checkpoints/poem/metrics.jsonl"):
        (tmp_path / name).write_text(name)
    found = read(tmp_path)
    assert found.text == "poem.txt"
    assert found.notes == (f"{tmp_path}: 1 text file read, 0 binary skipped, 1 run folder skipped",)


def test_a_device_is_refused():
    with pytest.raises(CorpusError, match="/dev/zero is a device, not a file"):
        read("/dev/zero")


def test_what_is_read_at_once_has_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(corpus, "_read_file", lambda path: corpus._bounded(path.read_bytes(), "it"))
    monkeypatch.setattr(corpus, "WHOLE", 10)
    (tmp_path / "a").write_text("a" * 11)
    with pytest.raises(CorpusError, match="it has more than 0 MB"):
        read(tmp_path / "a")


def test_a_pipe_is_remembered_as_stdin_which_cannot_be_read_again(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a").write_text("a")
    assert corpus.absolute([str(tmp_path / "pipe"), str(tmp_path / "a"), "python", "-"]) == (
        "-",
        str(tmp_path / "a"),
        "python",
        "-",
    )


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), min_size=1)


@given(
    st.lists(texts, min_size=1, max_size=3),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-be"]),
    st.sampled_from([("", bytes), (".gz", gzip.compress), (".bz2", bz2.compress)]),
)
def test_any_texts_in_any_encoding_are_read_as_they_were_written(written, encoding, packed):
    suffix, compress = packed
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number}.txt{suffix}" for number in range(len(written))]
        for file, text in zip(files, written, strict=True):
            file.write_bytes(compress(text.encode(encoding)))
        found = read(*files, encoding=encoding)
    assert found.text == "".join(written)
    assert found.characters == len(found.text)
    assert found.alphabet == len(set(found.text))
    vocabulary, ids = found.encoded(1, as_bytes=False)
    assert vocabulary.decode(ids) == found.text


@given(st.binary(min_size=1))
def test_any_bytes_are_read_as_bytes(data):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "data.bin"
        file.write_bytes(data)
        vocabulary, ids = read(file, as_bytes=True).encoded(1, as_bytes=True)
    assert bytes(map(ord, (vocabulary.characters[one] for one in ids))) == data
