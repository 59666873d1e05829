"""Texts with labels, read from tables and folders; what cannot be used is named."""

import pytest

from charrnn.errors import CorpusError
from charrnn.text.labelled import read


def pairs(found):
    return [(text, found.labels[n]) for text, n in zip(found.texts, found.numbers, strict=True)]


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
    assert (found.name, found.characters) == ("names", 5 + 9 + 2 + 6)


def test_a_csv_is_quoted_and_a_line_end_may_stand_in_a_cell(tmp_path):
    path = tmp_path / "sms.csv"
    path.write_text('ham,"Yes, sure"\nspam,"Win\nnow"\nham,ok\n')
    found = read([str(path)], columns="2,1")
    assert pairs(found) == [("Yes, sure", "ham"), ("Win\nnow", "spam"), ("ok", "ham")]


def test_columns_by_name_are_those_of_the_first_row_which_is_no_text(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,label,text\n1,x,one\n2,y,two\n")
    assert pairs(read([str(path)], columns="text,label")) == [("one", "x"), ("two", "y")]
    with pytest.raises(CorpusError) as caught:
        read([str(path)], columns="text,kind")
    assert caught.value.message == f"{path} has no column 'kind'"
    assert caught.value.hint == "its columns are: id, label, text"


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
    assert list(found.texts) == ["one", "two"]
    assert found.notes == (f"1 bad row skipped; the first: {path}, line 2: {what}",)


def test_a_table_without_a_row_is_refused(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("\n\n")
    with pytest.raises(CorpusError, match="no text with a label"):
        read([str(path)])


def test_named_texts_validate_and_have_labels_that_are_learned(tmp_path):
    (tmp_path / "a.tsv").write_text("one\tx\ntwo\ty\n")
    (tmp_path / "b.tsv").write_text("three\ty\n")
    found = read([str(tmp_path / "a.tsv")], validate_on=str(tmp_path / "b.tsv"))
    assert found.labels == found.validation.labels == ("x", "y")
    assert pairs(found.validation) == [("three", "y")]
    learned, validating = found.halves(0.5, seed=0)
    assert sorted(learned.texts) == ["one", "two"]
    assert list(validating.texts) == ["three"]
    (tmp_path / "b.tsv").write_text("three\tz\n")
    with pytest.raises(CorpusError, match="the label 'z' was never seen in training"):
        read([str(tmp_path / "a.tsv")], validate_on=str(tmp_path / "b.tsv"))


def test_a_folder_with_train_and_dev_validates_on_dev(tmp_path):
    for part, text in (("train", "one"), ("dev", "two"), ("test", "three")):
        for label in ("x", "y"):
            (tmp_path / part / label).mkdir(parents=True)
            (tmp_path / part / label / "1.txt").write_text(f"{text} {label}")
    found = read([str(tmp_path)])
    assert pairs(found) == [("one x", "x"), ("one y", "y")]
    assert pairs(found.validation) == [("two x", "x"), ("two y", "y")]
    assert found.notes[0].endswith("train/ is learned, dev/ validates, test/ is left alone")
    with pytest.raises(CorpusError) as caught:
        read([str(tmp_path)], labels=["x", "y"])
    assert caught.value.hint == f"name one of them: {tmp_path}/train"


def test_a_share_that_validates_is_drawn_by_the_seed(tmp_path):
    (tmp_path / "a.tsv").write_text("".join(f"{n}\t{n % 3}\n" for n in range(100)))
    found = read([str(tmp_path / "a.tsv")])
    learned, validating = found.halves(0.105, seed=3)
    assert (len(learned.texts), len(validating.texts)) == (89, 11)
    assert sorted(map(int, [*learned.texts, *validating.texts])) == list(range(100))
    assert all(int(text) % 3 == int(label) for text, label in pairs(learned) + pairs(validating))
    assert pairs(found.halves(0.105, seed=3)[1]) == pairs(validating)
    assert pairs(found.halves(0.105, seed=4)[1]) != pairs(validating)
