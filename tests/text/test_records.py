import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charrnn.errors import CorpusError
from charrnn.text import corpus, records
from charrnn.text.batches import PADDING
from charrnn.text.records import Records
from charrnn.text.vocabulary import Vocabulary

NAMES = ["ada", "bo", "cy", "dee", "al", "ed", "gregory", "hal"]
TEXT = records.join(NAMES, "\n")
VOCABULARY = Vocabulary.of(TEXT)


def made(batch=3, sequence=10, seed=0) -> Records:
    return Records(VOCABULARY.encode(TEXT), batch, sequence, seed)


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("line", "one\n\ntwo\nthree", ["one", "two", "three"]),
        ("blank", "a\nb\n\n\nc\n", ["a\nb", "c"]),
        ("line", "one\r\ntwo\rthree\r\n", ["one", "two", "three"]),
        ("blank", "a\r\nb\r\n\r\nc\r\n", ["a\r\nb", "c"]),
        ("blank", "a\rb\r\r\rc", ["a\rb", "c"]),
        ("%%", "x%%y z%%%%", ["x", "y z"]),
    ],
)
def test_a_text_is_cut_at_its_delimiter_and_nothing_empty_is_kept(kind, text, expected):
    assert records.cut(text, kind) == expected


def test_lines_end_in_a_line_end_and_others_in_what_no_text_holds():
    assert records.end_of("line", ["a\x1e"]) == "\n"
    assert records.end_of("blank", ["a"]) == records.end_of("%%", ["a"]) == "\x1e"
    assert records.end_of("blank", ["a\x1e", "\x1f"]) == "\x1d"
    with pytest.raises(CorpusError, match=r"the corpus contains all of U\+001C to U\+001F"):
        records.end_of("blank", ["\x1c\x1d", "\x1e\x1f"])


def test_files_are_cut_one_by_one(tmp_path):
    for name, text in (("a.txt", "ada\nbo"), ("b.txt", "cy\n")):
        (tmp_path / name).write_text(text)
    assert corpus.read([str(tmp_path)]).records("line") == ["ada", "bo", "cy"]


def test_whole_records_validate():
    assert records.split(["aaaa", "bbbb", "cccc", "dddd"], 0.25) == (
        ["aaaa", "bbbb", "cccc"],
        ["dddd"],
    )
    assert records.split(["a" * 99, "b"], 0.01) == (["a" * 99], ["b"])
    assert records.split(["a", "b"], 0.0) == (["a", "b"], [])


@pytest.mark.parametrize(("texts", "share"), [([], 0.0), (["one"], 0.1)])
def test_too_few_records_are_refused(texts, share):
    with pytest.raises(CorpusError, match="too few records to learn from"):
        records.split(texts, share)


def read_back(source: Records, epoch: int) -> list[str]:
    """Return the records that an epoch's chunks hold, put together again."""
    texts, open_ones = [], []
    for step in range(epoch * source.epoch_steps, (epoch + 1) * source.epoch_steps):
        inputs, targets, fresh = source.chunk(step)
        if fresh:
            texts += open_ones
            open_ones = [""] * inputs.shape[1]
            assert (inputs[0] == VOCABULARY.encode("\n")[0]).all()  # all begin after an end
        for number, column in enumerate(targets.T):
            ids = column[column != PADDING].astype(np.uint32)
            open_ones[number] += VOCABULARY.decode(ids)
    return texts + open_ones


@pytest.mark.parametrize("sequence", [3, 10])
def test_each_epoch_has_every_record_once_whole_with_its_end(sequence):
    source = made(sequence=sequence)
    for epoch in range(3):
        assert sorted(read_back(source, epoch)) == sorted(name + "\n" for name in NAMES)


def test_inputs_are_the_characters_before_the_targets():
    inputs, targets, _ = made(batch=8).chunk(0)
    counted = targets != PADDING
    for column in range(inputs.shape[1]):
        read, wanted = inputs[counted[:, column], column], targets[counted[:, column], column]
        assert (read[1:] == wanted[:-1]).all()


def test_epochs_come_in_another_order_but_the_same_one_for_a_seed():
    assert read_back(made(), 0) != read_back(made(), 1)
    assert read_back(made(), 1) == read_back(made(), 1)
    assert read_back(made(), 0) != read_back(made(seed=1), 0)


def test_an_epoch_is_drawn_once(monkeypatch):
    drawn, real = [], Records._draw
    monkeypatch.setattr(Records, "_draw", lambda self, e: drawn.append(e) or real(self, e))
    source = made()
    for step in range(2 * source.epoch_steps):
        source.chunk(step)
    assert drawn == [0, 1]


def test_little_is_padding_for_records_of_one_length_come_together():
    many = ["x" * (1 + number % 20) for number in range(400)]
    source = Records(Vocabulary.of("x\n").encode(records.join(many, "\n")), 16, 64)
    chunks = [source.chunk(step) for step in range(source.epoch_steps)]
    padding = sum((chunk.targets == PADDING).sum() for chunk in chunks)
    assert padding / sum(chunk.targets.size for chunk in chunks) < 0.06


def test_the_first_records_of_so_many_characters():
    assert VOCABULARY.decode(made().first(8).ids) == "\nada\nbo\n"
    assert VOCABULARY.decode(made().first(1).ids) == "\nada\n"
    assert len(made().first(1000).lengths) == len(NAMES)


def test_the_ends_of_records_are_among_what_is_to_be_predicted():
    vocabulary = Vocabulary.of("\nab")
    ids = vocabulary.encode_characters(records.join(["ab", "b"], "\n"))
    assert records.Records(ids, 2, 8).target_counts(3).tolist() == [2, 1, 2]


lines = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), min_size=1)


@given(st.lists(st.tuples(lines, st.sampled_from(["\n", "\r", "\r\n"])), min_size=1))
def test_lines_are_records_whatever_ends_them(written):
    whole = "".join(text + end for text, end in written)
    assert records.cut(whole, "line") == [text for text, _ in written]


@given(
    st.lists(st.text("abc", min_size=1, max_size=30), min_size=1, max_size=40),
    st.integers(1, 9),
    st.integers(1, 20),
    st.integers(0, 3),
)
def test_an_epoch_predicts_every_character_and_end_once(texts, batch, sequence, epoch):
    whole = records.join(texts, "\n")
    vocabulary = Vocabulary.of(whole)
    made = Records(vocabulary.encode(whole), batch, sequence)
    seen = np.zeros(len(vocabulary), int)
    for step in range(made.epoch_steps):
        chunk = made.chunk(epoch * made.epoch_steps + step)
        told = chunk.targets[chunk.targets != PADDING]
        seen += np.bincount(told, minlength=len(vocabulary))
        assert chunk.inputs.shape[0] <= sequence
        assert chunk.inputs.shape[1] <= batch
    assert (seen == made.target_counts(len(vocabulary))).all()
