import itertools
import textwrap

import pytest

from charrnn.errors import CorpusError
from charrnn.text import corpus, prose

SENTENCE = "The quick brown fox jumps over the lazy dog while the cat looks on from a warm window"
LONG = f"{SENTENCE}, and {SENTENCE.lower()}."


def module(folder, name, docstring):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'"""{docstring}"""\n', encoding="utf-8")


def test_the_prose_of_this_interpreter_is_english_wrapped_at_60_columns():
    text = prose.sources()
    assert 600_000 < len(text) < 1_500_000
    assert text.isascii()
    lines = [line for line in text.split("\n") if line]
    assert not any(line[0].isspace() or line[-1].isspace() for line in lines)
    assert sum(len(line) > prose.COLUMNS for line in lines) < len(lines) / 1000
    assert sum(line.count(" the ") for line in lines) > 3000
    assert prose.sources() == text


def test_it_is_a_corpus_by_name():
    read = corpus.read(["prose"])
    assert (read.name, read.text) == ("prose", prose.sources())
    assert "prose" in corpus.named()


def test_every_line_but_the_last_of_a_paragraph_is_as_full_as_it_can_be():
    for block in prose.sources().split("\n\n")[:50]:
        lines = block.split("\n")
        for line, following in itertools.pairwise(lines):
            assert len(line) + 1 + len(following.split()[0]) > prose.COLUMNS


def test_topics_and_docstrings_are_read_once_each_and_tests_left_out(tmp_path):
    module(tmp_path, "one.py", f"Title.\n\n    {LONG}\n    ")
    module(tmp_path, "two.py", LONG)
    module(tmp_path, "test/three.py", f"A test. {LONG}")
    (tmp_path / "pydoc_data").mkdir()
    help_topics = {"assert": f"Assert\n******\n\n{LONG.upper()}\n\n   assert it\n"}
    (tmp_path / "pydoc_data" / "topics.py").write_text(f"# made\ntopics = {help_topics!r}\n")
    blocks = prose.sources(tmp_path, columns=1000).rstrip("\n")
    assert blocks in (f"{LONG} {LONG.upper()}", f"{LONG.upper()} {LONG}")


def test_the_seed_decides_the_order_and_nothing_else(tmp_path):
    for number in range(20):
        module(tmp_path, f"m{number}.py", f"Number {number}. {LONG}")
    one, other, again = (prose.sources(tmp_path, seed=seed) for seed in (0, 1, 0))
    assert one == again != other
    assert sorted(one.split()) == sorted(other.split())
    assert len(one.rstrip("\n").split("\n\n")) == 20 / prose.TOGETHER + 0.5  # 8, 8 and 4


@pytest.mark.parametrize(
    "left_out",
    [
        f"{SENTENCE}.",  # too short
        LONG[:-1],  # no sentence
        LONG.replace("fox", "f\u00f6x"),
        LONG.replace(" ", "  1 2 3 "),  # fewer letters than figures and spaces
        LONG.replace("fox", '"fox', 1),  # a quotation that never ends
        LONG.replace("fox", "`fox`", 1),  # quotation marks of another kind
        LONG.replace("fox", "''fox", 1),
        LONG.replace("fox", "fox()'s", 1),  # an apostrophe that looks like an opening one
        f"{LONG[:80]}\n    {LONG[80:]}",  # indented
    ],
)
def test_what_is_no_plain_paragraph_is_left_out(left_out):
    assert list(prose.paragraphs(LONG)) == [LONG]
    assert list(prose.paragraphs(f"{left_out}\n\n{LONG}")) == [LONG]


def test_a_paragraph_keeps_its_words_whatever_its_lines_were():
    lines = textwrap.fill(LONG, 33)
    assert list(prose.paragraphs(lines)) == [LONG]
    assert prose.wrapped(LONG, 44) == textwrap.fill(LONG, 44)


def test_a_word_longer_than_a_line_stays_whole():
    assert prose.wrapped("see well-known-names-of-things now", 10) == (
        "see\nwell-known-names-of-things\nnow"
    )


def test_an_interpreter_without_sources_is_refused(tmp_path):
    with pytest.raises(CorpusError, match="has no sources of its standard library"):
        prose.sources(tmp_path)
