"""Texts with labels, read from tables and folders; what cannot be used is named."""

import gzip

import pytest

from charrnn.errors import CorpusError
from charrnn.text.labelled import read


def pairs(found):
    return [(row.text, row.label) for row in found.rows]


def test_a_table_has_a_text_and_a_label_a_row_and_tabs_know_no_quotes(tmp_path):
    path = tmp_path / "names.tsv"
    path.write_text('Nahas\tArabic\n"Ray" Lee\tEnglish\n\n  \tspaces\nNguyễn\tVietnamese\r\n')
    found = read([str(path)])
    assert pairs(found) == [
        ("Nahas", "Arabic"),
        ('"Ray" Lee', "English"),
        ("  ", "spaces"),
        ("Nguyễn", "Vietnamese"),
    ]
    assert found.rows[3].where == f"{path}, line 5"
    assert (found.name, found.characters) == ("names", 5 + 9 + 2 + 6)


def test_a_csv_is_quoted_and_a_line_end_may_stand_in_a_cell(tmp_path):
    path = tmp_path / "sms.csv"
    path.write_text('ham,"Yes, sure"\nspam,"Win\nnow"\nham,ok\n')
    found = read([str(path)], columns="2,1")
    assert pairs(found) == [("Yes, sure", "ham"), ("Win\nnow", "spam"), ("ok", "ham")]
    assert [row.where.rpartition(" ")[2] for row in found.rows] == ["1", "2", "4"]


def test_columns_by_name_are_those_of_the_first_row_which_is_no_text(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,label,text\n1,x,one\n2,y,two\n")
    assert pairs(read([str(path)], columns="text,label")) == [("one", "x"), ("two", "y")]
    with pytest.raises(CorpusError) as caught:
        read([str(path)], columns="text,kind")
    assert caught.value.message == f"{path} has no column 'kind' in its first row"
    assert caught.value.hint == "which is: id, label, text"


@pytest.mark.parametrize("columns", ["text", "1,2,3", ",2", "0,1", "2,2"])
def test_columns_that_are_no_two_columns_are_refused(tmp_path, columns):
    path = tmp_path / "a.tsv"
    path.write_text("one\tx\n")
    with pytest.raises(CorpusError):
        read([str(path)], columns=columns)


def test_a_compressed_table_is_read_as_the_table(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b'"a,b",x\n'))
    assert pairs(read([str(path)])) == [("a,b", "x")]


def test_a_folder_holds_a_file_a_label_with_a_text_a_line_or_a_folder_a_label(tmp_path):
    (tmp_path / "Arabic.txt").write_text("Nahas\nDaher\n\n")
    (tmp_path / "Czech.txt").write_text("Novák\n")
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "one.txt").write_text("Dear all,\nyours\n")
    found = read([str(tmp_path)])
    assert pairs(found) == [
        ("Nahas", "Arabic"),
        ("Daher", "Arabic"),
        ("Novák", "Czech"),
        ("Dear all,\nyours", "letters"),
    ]
    assert found.rows[1].where.endswith("Arabic.txt, line 2")


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("no label here", "there is no tab"),
        ("\tArabic", "the text is empty"),
        ("Nahas\t", "the label is empty"),
        ("Nahas\tMartian", "the label 'Martian' was never seen in training"),
    ],
)
def test_a_bad_row_is_named_by_its_file_and_line_or_counted_and_passed_over(tmp_path, row, what):
    path = tmp_path / "a.tsv"
    path.write_text(f"one\tArabic\n{row}\ntwo\tArabic\n")
    with pytest.raises(CorpusError) as caught:
        read([str(path)], labels=["Arabic"])
    assert caught.value.message == f"{path}, line 2: {what}"
    assert "--skip-bad" in caught.value.hint
    found = read([str(path)], labels=["Arabic"], skip_bad=True)
    assert [row.text for row in found.rows] == ["one", "two"]
    assert found.notes == (f"1 bad row skipped; the first: {path}, line 2: {what}",)


def test_a_table_without_a_row_is_refused(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("\n\n")
    with pytest.raises(CorpusError, match="no text with a label"):
        read([str(path)])
