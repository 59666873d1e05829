"""Texts with a tag a character: read, cut into windows, put into batches."""

import numpy as np
import pytest

from charrnn.errors import CorpusError
from charrnn.text import tagged
from charrnn.text.batches import PADDING
from charrnn.text.tagged import CONTEXT, WINDOW, Row
from charrnn.text.vocabulary import Vocabulary

ABC = Vocabulary.of("\x1eabc")


def texts(*rows, batch=2, known=("x", "y")):
    return tagged.encoded(
        [Row(text, list(tags), "") for text, tags in rows], ABC, known, "\x1e", batch
    )


def test_marks_padding_and_tags_that_were_not_learned_count_for_nothing():
    read = texts(("abc", "xyz"), ("a", "y"))
    batch = read.read(np.array([0, 1]))
    assert batch.inputs[:, 0].tolist() == [0, 1, 2, 3]
    assert batch.targets.T.tolist() == [[PADDING, 0, 1, PADDING], [PADDING, 1, PADDING, PADDING]]
    assert batch.lengths.tolist() == [4, 2]
    assert batch.characters == 6
    assert read.target_counts(2).tolist() == [1, 2]
    assert read.stored_labels.tolist() == [65535, 0, 1, 65535, 65535, 1]
    again = tagged.from_stored(read.ids, read.starts, read.stored_labels)
    assert again.labels.tolist() == read.labels.tolist()


@pytest.mark.parametrize("length", [1, WINDOW - 1, WINDOW, 3 * WINDOW + 7])
def test_each_character_counts_in_one_window_which_is_read_with_what_is_around(length):
    """A text has a mark more than characters."""
    read = texts(("ab" * length, "xy" * length), ("c" * length, "x" * length))
    seen = np.zeros(len(read.ids), int)
    for start, stop, first, last in read.windows.tolist():
        seen[first:last] += 1
        text = 0 if first < read.starts[1] else 1
        begin, end = [*read.starts.tolist(), len(read.ids)][text : text + 2]
        assert start == max(begin, first - CONTEXT)
        assert stop == min(end, last + CONTEXT)
        assert 0 < last - first <= WINDOW
    assert (seen == 1).all()
    counted = sum(int((read.read(windows).targets != PADDING).sum()) for windows in read.together())
    assert counted == 3 * length


def test_an_epoch_reads_each_window_once():
    read = texts(*[("abc" * n, "x" * (3 * n)) for n in range(1, 8)], batch=3)
    steps = [read.chunk(step) for step in range(read.epoch_steps)]
    assert sorted(one for step in steps for one in step.lengths.tolist()) == [
        3 * n + 1 for n in range(1, 8)
    ]
    assert max(step.inputs.shape[1] for step in steps) == 3


@pytest.mark.parametrize(
    ("column", "length", "found"),
    [("NVN", 3, ["N", "V", "N"]), ("NOUN VERB", 2, ["NOUN", "VERB"]), ("NOUN", 1, ["NOUN"])],
)
def test_tags_in_a_column_are_separated_by_spaces_or_a_letter_each(column, length, found):
    assert tagged.symbols(column, length) == found


def test_a_row_with_too_few_tags_is_named_or_counted(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_text("abc\txyx\nab\tx\nc\ty\nab\tx y x\n")
    with pytest.raises(CorpusError, match=r"line 2: 2 characters have 1 tags \(and 1 more bad row"):
        tagged.read([str(path)], "columns")
    read = tagged.read([str(path)], "columns", skip_bad=True)
    assert [(row.text, list(row.tags)) for row in read.rows] == [
        ("abc", ["x", "y", "x"]),
        ("c", ["y"]),
    ]
    assert read.notes[0].startswith("2 bad rows skipped; the first: ")


def test_lines_become_texts_whatever_ends_them(tmp_path):
    path = tmp_path / "t.txt"
    path.write_bytes("é\r\n\nça\n".encode())
    read = tagged.read([str(path)], "diacritics")
    assert [(row.text, row.tags) for row in read.rows] == [
        ("e", ["\u0301"]),
        ("ca", ["\u0327", ""]),
    ]
